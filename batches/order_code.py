"""What is printed on a patient's labels to be scanned: the chain-of-identity code and a nonce.

The nonce is made from the vault's key, so that it stands in no event and on no page: the ledger
keeps the code's hash alone. What the floor sees is the code without it, which opens nothing.
"""

from __future__ import annotations

import re
from hashlib import sha256

from batches import codes, coi_code
from batches.check_character import check_character
from ledger.event import Refused
from ledger.event import marked as _
from ledger.refusals import masks
from personnel import vault

_LABEL = re.compile(r"P1C[0-9A-Z*]{8,30}", re.IGNORECASE)


def scannable(coi: str, *, code_sha256: str = "") -> str:
    """The text of the symbol on a label, for whoever prints it. Never for a page.

    With `code_sha256` the key is found that made it, also after the vault's key was replaced.
    """
    for key in vault.vault_keys():
        text = coi_code.patient_code(coi, key=key)
        if not code_sha256 or digest(text) == code_sha256:
            return text
    raise Refused(
        _("The key that this code was made with is gone. Have the material labelled anew."),
        code="no_vault_key",
    )


def digest(scanned: str) -> str:
    """The hash of the patient code in what a scanner read, as the ledger keeps it."""
    return sha256(patient_code_in(scanned).encode()).hexdigest()


def patient_code_in(scanned: str) -> str:
    """The patient code by itself, or inside the symbol of a label; else the text as it is."""
    fields = codes.read_code(scanned).fields
    if "nonce" in fields:
        body = f"P1{fields['coi']}{fields['nonce']}"
        return body + check_character(body)
    return scanned.strip().upper()


def fingerprint(scanned: str) -> str:
    """Enough of a scan's hash to tell two scans apart in the record, and nothing of the scan."""
    return digest(scanned)[:12]


@masks
def without_code(text: str) -> str:
    """A refusal keeps what was typed, but for what a patient's label carries to be scanned."""
    return _LABEL.sub("P1…", text)


def demand_none(typed: str) -> None:
    """A patient's label was scanned where none belongs: it would stand on pages for ever."""
    if _LABEL.search(typed):
        raise Refused(
            _("This is a patient's label. Scan it where the step asks for it, and nowhere else."),
            code="patient_label",
        )
