"""What may be asked of paper: the record of a batch as a sealed file. It leaves an event."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.translation import gettext

from batches import beside_paper, contingency_paper, paper, printing, recipe_pictures
from batches.models import BatchLine
from batches.paper import Source
from batches.paper_models import PrintLine
from batches.table_paper import Row
from ledger import clock, ports, seal_keys
from ledger import paper as sheets
from ledger.command import Act, command
from ledger.event import Actor, Refused
from ledger.event import marked as _
from ledger.export import Filter, count_matches, trail_jsonl
from ledger.paper import Attachment
from personnel.queries import printed_names
from personnel.roles import INSPECTOR, QA_REVIEWER, QUALIFIED_PERSON, SUPERVISOR

READERS = (SUPERVISOR, QA_REVIEWER, QUALIFIED_PERSON, INSPECTOR)
RECORD = "batch/{batch}"
SEALED_WITHIN = 5.0  # seconds that a print waits for the sealer
UNSEALED = _(
    "{n} of the entries of {batch} are not sealed yet, and a print leaves none out. Print again in"
    " a moment; if this stays, tell the administrator that the sealer does not run."
)
NO_PLACE = _(
    "The print could not be written ({what}), so none was made. Ask the administrator to look at"
    " the disk of the server's state folder, then print again."
)
TRUE_COPY = _("Copy of the batch record as the ledger holds it")


@dataclass(frozen=True, slots=True)
class Print:
    """A sealed file that waits to be fetched, and what its event says of it."""

    batch: str
    entries: int
    pages: int
    record_sha256: str
    events_sha256: str
    seal_sha256: str
    sha256: str


@command(
    "batches.print_record",
    role=READERS,
    label=_("print the record of {batch}"),
    record=RECORD,
    offered=False,
)
def print_record(
    act: Act,
    *,
    batch: str,
    entries: int,
    pages: int,
    record_sha256: str,
    events_sha256: str,
    seal_sha256: str,
    sha256: str,
) -> None:
    """Record that a print was made; only then is it handed out."""
    made = printing.RecordPrinted(
        batch=batch,
        entries=entries,
        pages=pages,
        record_sha256=record_sha256,
        events_sha256=events_sha256,
        seal_sha256=seal_sha256,
        sha256=sha256,
    )
    act.record("record_print", str(act.command_id), [made])


@command("batches.check_print", role=READERS, label=_("check a print"), offered=False)
def check_print(act: Act, *, sha256: str, outcome: str, batch: str) -> None:
    """Record that somebody checked a print here, and what came of it."""
    checked = printing.PrintChecked(sha256=sha256, outcome=outcome, batch=batch)
    act.record("print_check", str(act.command_id), [checked])


def check(content: bytes, *, actor: Actor, command_id: UUID | None = None) -> tuple[str, str]:
    """What a file that somebody brought is worth, and the batch it is a print of; recorded."""
    digest = sha256(content).hexdigest()
    try:
        ports.authority().allow(actor, check_print.spec, clock.now())  # type: ignore[attr-defined]
    except Refused:
        check_print(sha256=digest, outcome="", batch="", actor=actor, command_id=command_id)
        raise
    report, batch = sheets.check_seal(content), _handed_out(digest)
    said = printing.outcome(
        sealed=report is not None,
        holds=report is not None and report.intact and report.whole,
        batch=batch,
    )
    check_print(sha256=digest, outcome=said, batch=batch, actor=actor, command_id=command_id)
    return said, batch


def _handed_out(digest: str) -> str:
    """The batch whose record was printed as exactly this file; the trail says."""
    row = PrintLine.objects.filter(sha256=digest).first()
    return row.batch if row else ""


def hand_out(out: Path, line: BatchLine, *, actor: Actor, command_id: UUID | None = None) -> Print:
    """Print a batch for somebody who may. Without its event on the trail the file is removed."""
    at = clock.now()
    try:
        ports.authority().allow(actor, print_record.spec, at)  # type: ignore[attr-defined]
    except Refused:
        _record(Print(line.batch, 0, 0, "", "", "", ""), actor, command_id)
        raise
    content, made = printed(line, person=actor.person, at=at)
    waiting = out.with_name(f"{out.name}.{uuid4().hex}.part")  # the same form may be sent twice
    try:
        out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        waiting.write_bytes(content)
        _record(made, actor, command_id)
        waiting.replace(out)
    except OSError as error:
        raise Refused(NO_PLACE, code="no_place", what=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            waiting.unlink()
    return made


def printed(line: BatchLine, *, person: str, at: datetime) -> tuple[bytes, Print]:
    """The sealed file of a batch as it stands now, and what there is to say of it."""
    key = seal_keys.from_settings(at)
    source = paper.source(line)
    events = sealed_events(source)
    record = paper.record(
        source,
        printed_by=printed_names({person}).get(person, person),
        printed_at=at,
        tables=contingency_paper.tables(line.batch),
    )
    kept = beside_paper.attachments(line.batch)
    content = lay_out(record, events, at=at, kept=kept)
    made = sheets.seal(content, key, reason=gettext(TRUE_COPY), place=settings.LOTBOOK_ORIGIN)
    return made, Print(
        batch=line.batch,
        entries=len(source.events),
        pages=sheets.pages(content),
        record_sha256=sha256(sheets.dataset(record)).hexdigest(),
        events_sha256=sha256(events).hexdigest(),
        seal_sha256=key.certificate_sha256,
        sha256=sha256(made).hexdigest(),
    )


def lay_out(record: Row, events: bytes, *, at: datetime, kept: Sequence[Attachment] = ()) -> bytes:
    """The PDF before it is sealed: the same record, events and time give the same bytes."""
    attached = [
        Attachment(
            "events.jsonl",
            events,
            "application/x-ndjson",
            "source",
            gettext("The entries of the batch as the ledger holds them, as an export has them"),
        ),
        Attachment(
            "record.json",
            sheets.dataset(record),
            "application/json",
            "data",
            gettext("What this file was laid out from; its hash stands on every page"),
        ),
        *kept,
    ]
    pictures = recipe_pictures.files_of(step for part in record["parts"] for step in part["steps"])
    return sheets.lay_out(
        "record.typ", record, created_at=at, attachments=attached, pictures=pictures
    )


def sealed_events(source: Source) -> bytes:
    """The batch's own entries as an export holds them; all of them must be sealed."""
    batch, wanted = source.told.line.batch, len(source.events)
    chosen = Filter(stream_type="batch", stream_id=batch)
    deadline = time.monotonic() + SEALED_WITHIN
    while (there := count_matches(chosen)) < wanted:
        if time.monotonic() >= deadline:
            raise Refused(UNSEALED, n=wanted - there, batch=batch, code="unsealed")
        time.sleep(0.1)
    return b"".join(trail_jsonl(chosen).splitlines(keepends=True)[:wanted])


def _record(made: Print, actor: Actor, command_id: UUID | None) -> None:
    facts = {name: getattr(made, name) for name in made.__slots__}
    print_record(**facts, actor=actor, command_id=command_id)
