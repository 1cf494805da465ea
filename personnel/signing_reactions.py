"""What ends a series of signatures: who locks, leaves, takes another role or another terminal."""

from __future__ import annotations

from ledger.event import Recorded
from ledger.reactions import reacts_to
from personnel import signing_series
from personnel.models import Account
from personnel.stay import RoleTaken, SessionEnded, SessionLocked, SignedIn, SignedOut


@reacts_to(SignedIn, RoleTaken, SessionLocked, SessionEnded, SignedOut)
def end_the_series(recorded: Recorded) -> None:
    """The next signature of that person takes all components again."""
    account = Account.objects.filter(pk=recorded.data.account).first()
    if account is not None:
        signing_series.end(account.person)
