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
from personnel.models.signing import (
    Passkey,
    PolicyRead,
    PreparedSignature,
    SigningKey,
    SigningSeries,
    SigningTries,
    WrappedKey,
)

__all__ = [
    "AccessReview",
    "Account",
    "AccountManager",
    "AccountState",
    "Name",
    "Passkey",
    "Person",
    "PolicyRead",
    "PreparedSignature",
    "RoleSpan",
    "SessionRow",
    "SignInFailure",
    "SigningKey",
    "SigningSeries",
    "SigningTries",
    "Terminal",
    "WrappedKey",
]
