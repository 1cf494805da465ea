"""Labels as they are printed: what stands on each, and the symbol that scans back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from batches import codes, gs1, label_queries, order_code, order_queries, queries, symbols
from batches import label as labels
from batches.coi_code import grouped
from batches.forms import PURPOSES
from batches.label_models import LabelJobLine
from batches.models import BatchLine
from batches.recipe_content import Header
from ledger import paper

SERIAL = 20  # characters that GS1 gives a serial number


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What all labels of one print job have in common."""

    job: LabelJobLine
    product: str
    storage: str
    autologous: bool
    not_for_use: str  # why it is given to nobody; empty for a patient's batch
    coi: str
    expires: str  # day, time, offset from UTC


@dataclass(frozen=True, kw_only=True)
class Printed:
    """One label of the sheet: its number, its symbol."""

    label: str
    symbol: SafeString


def sheet_of(job: LabelJobLine, line: BatchLine | None) -> Sheet:
    """What the labels of a job say, without who the patient is."""
    header = _header(line)
    identity = order_queries.identity(job.batch) if job.batch else None
    patient = line is not None and line.purpose == "patient"
    return Sheet(
        job=job,
        product=line.product if line else "",
        storage=header.storage if header else "",
        autologous=bool(header and header.autologous) and job.identified,
        not_for_use=""
        if patient or line is None
        else str(PURPOSES.get(line.purpose, line.purpose)),
        coi=grouped(identity.coi) if identity and job.use == labels.CONTAINER else "",
        expires=_words(job.expires),
    )


def printed(job: LabelJobLine) -> list[Printed]:
    """Each label with its symbol. The patient code is in the drawing alone, in no text."""
    identity = order_queries.identity(job.batch) if job.batch else None
    patient = ""
    if identity is not None and job.use == labels.CONTAINER:
        patient = order_code.scannable(identity.coi, code_sha256=_sha256_of(identity.order))
    numbers = label_queries.of_job(job.roll, job.job)
    return [Printed(label=one, symbol=_symbol(job, one, patient)) for one in numbers]


def text_of(job: LabelJobLine, label: str, patient: str) -> str:
    """The GS1 element string of one label: our own identifiers, and GS1's where there is a GTIN."""
    values = [("91", codes.own_code(codes.LABEL, label))]
    values += [("92", patient)] if patient else []
    if job.gtin:
        values += [("01", job.gtin), ("10", job.batch or job.roll), *_expiry(job)]
        values += [("21", label)] if len(label) <= SERIAL else []
    return gs1.bracketed(gs1.build(values))


def identifiers(seen: Mapping[str, str], names: Mapping[str, object]) -> list[tuple[str, str]]:
    """What the vault showed, in its order, with the names people know."""
    return [(str(names[name]), text) for name, text in seen.items()]


def _words(expires: str) -> str:
    """The expiry as people read it, in the zone that it was given in."""
    if not expires:
        return ""
    moment = datetime.fromisoformat(expires)
    offset = f"{moment:%z}"
    return f"{moment:%Y-%m-%d %H:%M} (UTC{offset[:3]}:{offset[3:]})"


def _expiry(job: LabelJobLine) -> Iterable[tuple[str, str]]:
    if not job.expires:
        return []
    moment = datetime.fromisoformat(job.expires)
    return [("17", f"{moment:%y%m%d}"), ("7003", f"{moment:%y%m%d%H%M}")]


def _symbol(job: LabelJobLine, label: str, patient: str) -> SafeString:
    title = _("Symbol of label %(label)s") % {"label": label}
    drawn = symbols.svg(text_of(job, label, patient), title=title)
    return mark_safe(drawn)  # noqa: S308 - drawn by us; the title is quoted


def _header(line: BatchLine | None) -> Header | None:
    if line is None:
        return None
    return queries.recipe_of(queries.batch_state(line.batch)).content.header


def _sha256_of(order: str) -> str:
    row = order_queries.order(order)
    return row.code_sha256 if row else ""


def pdf(sheet: Sheet, made: list[Printed], seen: list[tuple[str, str]], at: datetime) -> bytes:
    """The labels as a PDF, one a page, for a label printer. Nothing of it is kept."""
    title = _("Labels %(first)s to %(last)s") % {"first": sheet.job.first, "last": sheet.job.last}
    told, warnings = _lines(sheet, seen)
    record = {
        "title": title,
        "generator": "Lotbook",
        "language": "en",
        "heading": sheet.job.title,
        "lines": told,
        "warnings": warnings,
        "labels": [
            {
                "label": one.label,
                "symbol": str(one.symbol),
                "alt": _("Symbol of label %(label)s") % {"label": one.label},
            }
            for one in made
        ],
    }
    return paper.lay_out("labels.typ", record, created_at=at)


def _lines(sheet: Sheet, seen: list[tuple[str, str]]) -> tuple[list[list[str]], list[str]]:
    """What stands on each label, in the order of the page, and which lines are warnings."""
    warnings = []
    if sheet.autologous:
        warnings.append(_("For autologous use only"))
    if sheet.not_for_use:
        warnings.append(f"{_('Not for human use')}: {sheet.not_for_use}")
    expires = f"{sheet.expires} {sheet.job.zone}" if sheet.expires else ""
    stored = sheet.storage if sheet.job.use == labels.CONTAINER else ""
    named = [
        *seen,
        (_("Batch"), sheet.job.batch),
        (_("Expires"), expires),
        (_("Route"), _(sheet.job.route) if sheet.job.route else ""),
        (_("Store"), stored),
        (_("Chain of identity"), sheet.coi),
    ]
    product = [[sheet.product]] if sheet.product else []
    told = [*product, *([one] for one in warnings), *([n, text] for n, text in named if text)]
    return told, warnings
