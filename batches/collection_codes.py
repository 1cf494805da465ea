"""The codes that incoming material bears, read and kept to the letter. Pure."""

from __future__ import annotations

from batches import codes
from batches.collection_events import IncomingCode
from ledger.event import Refused
from ledger.event import marked as _

MOST = 20
# A patient code of ours is never kept: its nonce stands in no event.
_KEPT = (codes.ISBT, codes.SEC, codes.GS1, codes.PLAIN)


def read(typed: str) -> list[IncomingCode]:
    """One code a line: ISBT 128, Single European Code or GS1, or what the site writes itself."""
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise Refused(_("Scan one code a line, {most} at most."), most=MOST, code="codes")
    return [_read(line) for line in lines]


def _read(line: str) -> IncomingCode:
    code = codes.read_code(line)
    if code.refused is not None:
        raise Refused(code.refused.template, code="codes", **code.refused.params)
    if code.kind not in _KEPT or "nonce" in code.fields:
        raise Refused(_("This is a label of ours. Scan the codes of the site here."), code="codes")
    return IncomingCode(system=code.kind, text=code.text)
