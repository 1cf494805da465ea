"""What every print is put together from: its words, tables, times and limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from batches.record_queries import StepTold
from ledger.reading import amount

Row = dict[str, Any]


def words() -> dict[str, Any]:
    """The words that every template needs."""
    return {
        "page": _("Page"),
        "dataset": _("Record"),
        "nothing": _("Nothing is recorded."),
        "attached": _("Attached to this file"),
        "attached_columns": [_("File"), _("What it is"), _("Bytes"), "SHA-256"],
        "entry_columns": ["#", _("Entry"), _("Value"), _("Who"), _("When"), _("Why")],
    }


def table(
    title: str, columns: list[str], widths: list[float], rows: list[list[str]], *,
    empty: str = "", remark: str = "",
) -> Row:  # fmt: skip
    """A table of the print; a width of nothing takes what its widest cell needs."""
    made = {"title": title, "columns": columns, "widths": widths, "rows": rows}
    return {**made, "empty": empty, "remark": remark}


def when(moment: datetime | None) -> str:
    """A time of the site's zone with its distance from UTC."""
    if moment is None:
        return ""
    text = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %z")
    return f"{text[:-2]}:{text[-2:]}"


def limits(parameter: Any) -> list[list[str]]:
    """What a parameter ought to read, as far as the recipe says."""
    unit, found = parameter.unit, []
    if parameter.target is not None:
        found.append(_("target %(value)s") % {"value": amount(parameter.target, unit)})
    named = (
        (_("normal %(range)s"), parameter.normal),
        (_("proven %(range)s"), getattr(parameter, "proven", None)),
        (_("acceptance %(range)s"), parameter.acceptance),
    )
    for text, bounds in named:
        if bounds is not None and (bounds.low is not None or bounds.high is not None):
            found.append(text % {"range": bounds.words(unit)})
    if formula := getattr(parameter, "formula", ""):
        found.append(_("formula %(formula)s") % {"formula": formula})
    return [[parameter.label, "; ".join(found)]] if found else []


def number_of(step: StepTold) -> int:
    """The number of this doing of the step: one that is done again has a number of its own."""
    return step.planned.number if step.planned else step.step.number
