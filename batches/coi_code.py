"""The chain of identity's own codes: its identifier, and what a scanner reads on a label. Pure.

The identifier (COI) is printed, spoken and shown: it opens nothing. The patient code that is
scanned adds a nonce, which stands on labels alone: nothing that a page shows can be scanned in its
place.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable

from batches.check_character import check_character, is_checked
from ledger.event import Refused
from ledger.event import marked as _

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads as something else
_ID, _NONCE = 8, 10
_COI = re.compile(f"C[{LETTERS}]{{{_ID}}}[0-9A-Z*]")
_PATIENT = re.compile(f"P1(C[{LETTERS}]{{{_ID}}}[0-9A-Z*])([{LETTERS}]{{{_NONCE}}})[0-9A-Z*]")


def new_coi(choice: Callable[[str], str]) -> str:
    """A new identifier; `choice` takes one letter by chance (`secrets.choice`).

    The check character is never the star, which reads badly aloud.
    """
    while True:
        body = "C" + "".join(choice(LETTERS) for _place in range(_ID))
        if (check := check_character(body)) in LETTERS:
            return body + check


def is_coi(text: str) -> bool:
    return _COI.fullmatch(text) is not None and is_checked(text)


def grouped(coi: str) -> str:
    """As people read it: C7Q2-M9X4-KH."""
    return "-".join((coi[:4], coi[4:8], coi[8:]))


def patient_code(coi: str, *, key: bytes, issue: int = 1) -> str:
    """What the labels of a chain carry to be scanned. `issue` goes up where labels were lost."""
    if not is_coi(coi):
        raise ValueError(f"{coi} is no chain of identity identifier.")
    body = f"P1{coi}{_nonce(coi, key, issue)}"
    return body + check_character(body)


def read_patient_code(text: str) -> tuple[str, str] | None:
    """The identifier and the nonce of a patient code; nothing where it has another form."""
    if not text.startswith("P1C") or len(text) != 3 + _ID + 1 + _NONCE + 1:
        return None
    found = _PATIENT.fullmatch(text)
    if found is None or not is_checked(text) or not is_coi(found[1]):
        raise Refused(
            _("The patient code was misread: its check character does not agree. Scan it again."),
            code="patient_code",
        )
    return found[1], found[2]


def _nonce(coi: str, key: bytes, issue: int) -> str:
    made = hmac.digest(key, f"lotbook patient code {coi} {issue}".encode(), "sha256")
    return "".join(LETTERS[byte % len(LETTERS)] for byte in made[:_NONCE])
