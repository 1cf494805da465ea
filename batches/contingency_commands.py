"""What may be asked of work on paper: print the rest of a batch, account for every sheet, close."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.translation import gettext

from batches import contingency as contingencies
from batches import (
    contingency_lost,
    contingency_paper,
    contingency_queries,
    recipe_pictures,
    working,
)
from batches import record as records
from batches.attachment_commands import contingency_of, files_of
from batches.models import BatchLine
from batches.paper_commands import NO_PLACE
from batches.turns import standing_at
from ledger import clock, ports, seal_keys
from ledger import paper as sheets_of
from ledger.command import Act, command
from ledger.event import Actor, Refused
from ledger.event import marked as _
from ledger.paper import Attachment
from ledger.signature import Meaning
from personnel.queries import printed_names
from personnel.roles import OPERATOR, QA_REVIEWER, SUPERVISOR, VERIFIER

RECORD = "contingency/{batch}"
ROLES = (OPERATOR, SUPERVISOR, QA_REVIEWER)
SECONDS = (VERIFIER, SUPERVISOR, QA_REVIEWER)
ATTEMPTS = 4  # who prints at the same moment as another gets the next number
FOR_PAPER = _("The rest of the batch, for work on paper")


@command(
    "batches.print_contingency",
    role=ROLES,
    label=_("print the rest of {batch} for work on paper"),
    record=RECORD,
    needs_reason=True,
    offered=False,
)
def print_contingency(
    act: Act, *, batch: str, copy: int, entries: int, steps: list[int], sheets: int, sha256: str
) -> None:
    """Record that a numbered copy was printed; only then is it handed out."""
    _hold(batch)
    state = act.load("batch", batch, records.INITIAL, records.evolve)
    if state.completed:
        raise Refused(
            _("The record of {batch} is closed: nothing is printed for work on it any more."),
            batch=batch,
            code="batch_completed",
        )
    events = contingencies.printed(
        contingency_of(act, batch),
        batch=batch,
        copy=copy,
        recipe=state.recipe,
        version=state.version,
        content_sha256=state.content_sha256,
        entries=entries,
        steps=steps,
        sheets=sheets,
        sha256=sha256,
        reason=act.reason,
    )
    act.record("contingency", batch, events)


@command(
    "batches.account_for_sheets",
    role=ROLES,
    label=_("account for sheets of paper copy {copy} of {batch}"),
    record=RECORD,
)
def account_for_sheets(
    act: Act, *, batch: str, copy: int, used: list[int], void: list[int]
) -> None:
    """Say of sheets in hand which were used, and which are void and why."""
    events = contingencies.account(
        contingency_of(act, batch),
        batch=batch,
        copy=copy,
        used=used,
        void=void,
        person=act.actor.person,
        reason=act.reason,
    )
    act.record("contingency", batch, events)


@command(
    "batches.declare_sheets_missing",
    role=ROLES,
    label=_("declare sheets of paper copy {copy} of {batch} as {fate}"),
    record=RECORD,
    signature=Meaning.AUTHORED,
    needs_reason=True,
)
def declare_sheets_missing(
    act: Act, *, batch: str, copy: int, sheets: list[int], fate: str
) -> None:
    """Say that sheets are lost or destroyed: a deviation is raised, and a second person agrees."""
    state, recipe = working.batch_of(act, batch)
    events = contingency_lost.missed(
        contingency_of(act, batch),
        batch=batch,
        copy=copy,
        sheets=sheets,
        fate=fate,
        certified=files_of(act, batch).certified,
        deviation=state.next_exception,
        person=act.actor.person,
        reason=act.reason,
    )
    act.record("contingency", batch, events)
    step = standing_at(state, recipe)
    act.record("batch", batch, [contingency_lost.raised(one, step) for one in events])


@command(
    "batches.give_up_sheets",
    role=SECONDS,
    label=_("agree that sheets of paper copy {copy} of {batch} cannot come back"),
    record=RECORD,
    signature=Meaning.VERIFIED,
    needs_reason=True,
)
def give_up_sheets(act: Act, *, batch: str, copy: int, sheets: list[int]) -> None:
    """Sign as the second person that the sheets were looked for and cannot come back."""
    events = contingency_lost.give_up(
        contingency_of(act, batch),
        batch=batch,
        copy=copy,
        sheets=sheets,
        certified=files_of(act, batch).certified,
        person=act.actor.person,
        reason=act.reason,
    )
    act.record("contingency", batch, events)


def demand_third(act: Act, batch: str, exception: int) -> None:
    """Inside the command that assesses an exception: two gave up its sheets, and a third assesses.

    Nothing is held: who agrees meanwhile is refused here as long as that is not committed.
    """
    contingency_lost.demand_third(
        contingency_of(act, batch),
        exception=exception,
        certified=files_of(act, batch).certified,
        person=act.actor.person,
    )


def close(act: Act, batch: str) -> None:
    """Inside the command that completes a batch: no sheet is open, none is printed meanwhile."""
    _hold(batch)
    state, files = contingency_of(act, batch), files_of(act, batch)
    events = contingencies.close(state, batch=batch, certified=files.certified)
    act.record("contingency", batch, events)


def _hold(batch: str) -> None:
    """Printing for work on paper and completing the batch wait for each other, to the commit."""
    BatchLine.objects.select_for_update().filter(batch=batch).first()


def hand_out(
    out: Path, line: BatchLine, *, actor: Actor, reason: str, command_id: UUID | None = None
) -> dict[str, Any]:
    """Print the rest of a batch for whoever may. Without its event the file is removed."""
    at, batch = clock.now(), line.batch
    try:
        ports.authority().allow(actor, print_contingency.spec, at)  # type: ignore[attr-defined]
    except Refused:
        _record({"batch": batch}, actor, reason, command_id)
        raise
    person = printed_names({actor.person}).get(actor.person, actor.person)
    waiting = out.with_name(f"{out.name}.{uuid4().hex}.part")
    try:
        out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for attempt in range(ATTEMPTS):
            copy = contingency_queries.contingency_of(batch).next_copy
            content, facts = printed(line, copy=copy, person=person, reason=reason, at=at)
            waiting.write_bytes(content)
            try:
                _record(facts, actor, reason, command_id)
            except Refused as refused:
                if refused.code == "copy_number" and attempt + 1 < ATTEMPTS:
                    command_id = uuid4()
                    continue
                raise
            waiting.replace(out)
            return facts
    except OSError as error:
        raise Refused(NO_PLACE, code="no_place", what=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            waiting.unlink()
    raise AssertionError("An attempt ends the loop.")


def printed(
    line: BatchLine, *, copy: int, person: str, reason: str, at: datetime
) -> tuple[bytes, dict[str, Any]]:
    """The sealed sheets of what is still to do, and what there is to say of them."""
    record, steps, entries = contingency_paper.record(
        line, copy=copy, printed_by=person, printed_at=at, reason=reason
    )
    attached = Attachment(
        "record.json",
        sheets_of.dataset(record),
        "application/json",
        "data",
        gettext("What this file was laid out from; its hash stands on every page"),
    )
    content = sheets_of.lay_out(
        "contingency.typ",
        record,
        created_at=at,
        attachments=[attached],
        pictures=recipe_pictures.files_of(record["steps"]),
    )
    key = seal_keys.from_settings(at)
    made = sheets_of.seal(content, key, reason=gettext(FOR_PAPER), place=settings.LOTBOOK_ORIGIN)
    return made, {
        "batch": line.batch,
        "copy": copy,
        "entries": entries,
        "steps": steps,
        "sheets": sheets_of.pages(content),
        "sha256": digest_of(made).hexdigest(),
    }


def _record(facts: dict[str, Any], actor: Actor, reason: str, command_id: UUID | None) -> None:
    empty = {"copy": 0, "entries": 0, "steps": [], "sheets": 0, "sha256": ""}
    print_contingency(**{**empty, **facts}, actor=actor, reason=reason, command_id=command_id)
