"""The people's room's tables: accounts and what pages read about people."""

from personnel.models.account import Account, AccountManager
from personnel.models.people import (
    AccessReview,
    AccountState,
    Name,
    Person,
    RoleSpan,
    SessionRow,
    SignInFailure,
    Terminal,
)

__all__ = [
    "AccessReview",
    "Account",
    "AccountManager",
    "AccountState",
    "Name",
    "Person",
    "RoleSpan",
    "SessionRow",
    "SignInFailure",
    "Terminal",
]
