"""The people's room's tables: accounts and what pages read about people."""

from personnel.models.account import Account, AccountManager
from personnel.models.device import DeviceRow
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
from personnel.models.training import CurriculumLine, TrainingItem, TrainingRecord
from personnel.models.vault import SealedRecord, Subject, SubjectKey, SubjectLook, Unmasking

__all__ = [
    "AccessReview",
    "Account",
    "AccountManager",
    "AccountState",
    "CurriculumLine",
    "DeviceRow",
    "Name",
    "Passkey",
    "Person",
    "PolicyRead",
    "PreparedSignature",
    "RoleSpan",
    "SealedRecord",
    "SessionRow",
    "SignInFailure",
    "SigningKey",
    "SigningSeries",
    "SigningTries",
    "Subject",
    "SubjectKey",
    "SubjectLook",
    "Terminal",
    "TrainingItem",
    "TrainingRecord",
    "Unmasking",
    "WrappedKey",
]
