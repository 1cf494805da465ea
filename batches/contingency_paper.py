"""The rest of a batch as it prints for work on paper: steps that are not done, with blanks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from batches import recipe_pictures, record_queries
from batches.contingency_queries import contingency_of, files
from batches.models import BatchLine
from batches.recipe_content import Content
from batches.record_queries import RecordTold, StepTold
from batches.table_paper import Row, limits, number_of, table, when, words
from ledger import ports, store
from personnel.queries import printed_names

FORMAT = "lotbook.contingency/v1"


def record(
    line: BatchLine, *, copy: int, printed_by: str, printed_at: datetime, reason: str
) -> tuple[Row, list[int], int]:
    """The record for the template, the steps on it, and how many entries stood before it."""
    told = record_queries.read(line, signatures=False)
    left = [step for step in told.steps if step.standing not in ("done", "skipped")]
    made = {
        "format": FORMAT,
        "batch": line.batch,
        "lang": get_language() or "en",
        "title": _("%(batch)s on paper, copy %(copy)s") % {"batch": line.batch, "copy": copy},
        "head": f"{line.product} · {line.recipe} v{line.version}",
        "generator": f"Lotbook {settings.VERSION}, {settings.LOTBOOK_ORIGIN}",
        "query": _("valid with entries 1 to %(entries)s") % {"entries": told.events},
        "words": words() | _blanks(),
        "facts": _facts(line, told, copy, printed_by, printed_at, reason),
        "rules": [
            _("Write with a pen that lasts. Strike a slip once, legibly, and sign it."),
            _("Every sheet comes back: used or void. None is copied, none is thrown away."),
            _("Afterwards the values are entered as late, and a second person compares the scan."),
        ],
        "steps": [_step(step, told.recipe.content) for step in left],
    }
    return made, [number_of(step) for step in left], told.events


def _blanks() -> dict[str, str]:
    return {
        "sheet": _("Sheet"),
        "asked": _("What"),
        "limits": _("What it ought to be"),
        "value": _("Value"),
        "performed": _("Performed by, signature"),
        "verified": _("Verified by, signature"),
        "when": _("Date, time"),
        "remark": _("Remark"),
        "this_sheet": _("This sheet is"),
        "used": _("used"),
        "void": _("void"),
        "because": _("because"),
    }


def _facts(
    line: BatchLine, told: RecordTold, copy: int, person: str, at: datetime, reason: str
) -> list[list[str]]:
    return [
        [_("Batch"), line.batch],
        [_("Copy"), str(copy)],
        [_("Product"), line.product],
        [_("Master batch record"), f"{line.recipe} v{line.version} · {told.recipe.title}"],
        [_("Its content, SHA-256"), told.recipe.content_sha256, "hash"],
        [_("Patient (pseudonym)"), line.subject or "–"],  # noqa: RUF001
        [_("Printed"), f"{person} · {when(at)}"],
        [_("Why on paper"), reason],
    ]


def _step(step: StepTold, content: Content) -> Row:
    asked = step.step
    return {
        "number": number_of(step),
        "title": asked.title,
        "instruction": step.instruction,
        "pictures": recipe_pictures.on_paper(asked, content),
        "performed": str(_(ports.role_name(asked.performs))),
        "verified": str(_(ports.role_name(asked.verifies))) if asked.verifies else "",
        "done": bool(step.record.performed_by),
        "parameters": [_blank(one.parameter) for one in step.parameters],
    }


def _blank(parameter: Any) -> list[str]:
    told = limits(parameter)
    choices = " / ".join(getattr(parameter, "choices", ()))
    return [parameter.label, told[0][1] if told else choices, parameter.unit]


def tables(batch: str) -> list[Row]:
    """What the printed record says of paper copies and kept files; nothing where there are none."""
    copies, kept = contingency_of(batch).copies.values(), files(batch).files.values()
    found = []
    if copies:
        found.append(_copies(batch))
    if kept:
        names = printed_names({one.kept_by for one in kept} | {one.certified_by for one in kept})
        rows = [
            [
                str(one.number),
                str(one.step or ""),
                one.about,
                f"{one.media_type}, {one.size} B, {one.blob}",
                names.get(one.kept_by, one.kept_by),
                names.get(one.certified_by, one.certified_by) or _("Not certified."),
            ]
            for one in kept
        ]
        columns = [_("No."), _("Step"), _("File"), _("Hash"), _("Kept by"), _("True copy, says")]
        found.append(table(_("Certified copies"), columns, [0, 0, 2, 3, 1.3, 1.3], rows))
    return found


def _copies(batch: str) -> Row:
    """Every event of the paper copies, as it was recorded."""
    events = store.load("contingency", batch)
    names = printed_names({event.actor.person for event in events})
    rows = [
        [
            when(event.recorded_at),
            names.get(event.actor.person, event.actor.person),
            event.sentence,
            event.reason,
        ]
        for event in events
    ]
    columns = [_("When"), _("Who"), _("What"), _("Why")]
    return table(_("Work on paper"), columns, [1.6, 1.4, 4, 2], rows)
