"""What may be asked of files: keep one with a batch, certify it as a true copy of its original."""

from __future__ import annotations

import io
from contextvars import ContextVar
from hashlib import sha256
from typing import Any
from uuid import UUID

from batches import attachment
from batches import contingency as contingencies
from batches import record as records
from batches.attachment import Files
from batches.contingency import Contingency
from ledger import blobs
from ledger.command import Act, Outcome, command
from ledger.event import Actor, Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import OPERATOR, QA_REVIEWER, QC_ANALYST, SUPERVISOR, VERIFIER

RECORD = "files/{batch}"
KEEPERS = (OPERATOR, VERIFIER, SUPERVISOR, QC_ANALYST, QA_REVIEWER)
CERTIFIERS = (VERIFIER, SUPERVISOR, QC_ANALYST, QA_REVIEWER)
# The content comes beside the request: what is asked names it by its hash.
_content: ContextVar[bytes] = ContextVar("content of the file that is kept")


@command(
    "batches.keep_file",
    role=KEEPERS,
    label=_("keep a file of {size} bytes with {batch}"),
    record=RECORD,
    offered=False,
)
def keep_file(
    act: Act, *, batch: str, step: int, about: str, digest: str, media_type: str, size: int
) -> None:
    """Keep a file for a step, or for the batch as a whole."""
    _demand_batch(act, batch)
    _keep(act, batch, step=step, about=about, digest=digest, media_type=media_type, size=size)


@command(
    "batches.keep_scan",
    role=KEEPERS,
    label=_("keep the scan of sheets of paper copy {copy} of {batch}"),
    record="contingency/{batch}",
    offered=False,
)
def keep_scan(
    act: Act, *, batch: str, copy: int, sheets: list[int], digest: str, media_type: str, size: int
) -> None:
    """Keep the scan of used sheets of a contingency print."""
    _demand_batch(act, batch)
    state = contingency_of(act, batch)
    number = len(files_of(act, batch).files) + 1
    events = contingencies.scanned(
        state, batch=batch, copy=copy, sheets=sheets, file=number, person=act.actor.person
    )
    named = ", ".join(map(str, sorted(sheets)))
    about = f"Paper copy {copy}, sheets {named}"
    if len(about) > attachment.LONGEST_ABOUT:
        about = f"Paper copy {copy}, {len(sheets)} sheets"
    _keep(act, batch, step=0, about=about, digest=digest, media_type=media_type, size=size)
    act.record("contingency", batch, events)


@command(
    "batches.certify_file",
    role=CERTIFIERS,
    label=_("certify file {number} of {batch}"),
    record=RECORD,
    signature=Meaning.VERIFIED,
)
def certify_file(act: Act, *, batch: str, number: int) -> None:
    """Sign that one has compared the file with its original, and that it is a true copy."""
    events = attachment.certify(
        files_of(act, batch), batch=batch, number=number, person=act.actor.person
    )
    act.record("files", batch, events)


def upload(
    content: bytes, ask: Any, *, actor: Actor, command_id: UUID | None = None, **asked: Any
) -> Outcome:
    """Ask to keep this content: what it is comes from the content itself, never from its name."""
    said = {
        "digest": sha256(content).hexdigest(),
        "media_type": _sound(content),
        "size": len(content),
    }
    token = _content.set(content)
    try:
        made: Outcome = ask(**asked, **said, actor=actor, command_id=command_id)
    finally:
        _content.reset(token)
    return made


def files_of(act: Act, batch: str) -> Files:
    return act.load("files", batch, attachment.INITIAL, attachment.evolve)


def contingency_of(act: Act, batch: str) -> Contingency:
    return act.load("contingency", batch, contingencies.INITIAL, contingencies.evolve)


def _keep(
    act: Act, batch: str, *, step: int, about: str, digest: str, media_type: str, size: int
) -> None:
    content = _content.get()
    if sha256(content).hexdigest() != digest:
        raise Refused(_("The file did not arrive as it was sent. Send it again."), code="digest")
    events = attachment.keep(
        files_of(act, batch),
        batch=batch,
        step=step,
        about=about,
        blob=f"sha256:{digest}",
        media_type=media_type,
        size=size,
        person=act.actor.person,
    )
    blobs.put(content)
    act.record("files", batch, events)


def _demand_batch(act: Act, batch: str) -> None:
    state = act.load("batch", batch, records.INITIAL, records.evolve)
    if not state.batch:
        raise Refused(_("There is no batch {batch}."), batch=batch, code="no_batch")
    if state.completed:
        raise Refused(
            _("Batch {batch} is completed. What has to change now goes to quality assurance."),
            batch=batch,
            code="batch_completed",
        )


def _sound(content: bytes) -> str:
    """What may be kept, and can be opened: a picture that its library cannot read is none."""
    found = attachment.media_type_of(content)
    if found in (attachment.PNG, attachment.JPEG):
        from PIL import Image

        try:
            with Image.open(io.BytesIO(content)) as picture:
                picture.verify()
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            return ""
    return found
