"""Pages of one lot: what it is and where it went, and everything that can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from batches import material_commands as commands
from batches import material_forms as forms
from batches import material_queries as queries
from batches import material_stock_commands as stock
from batches import symbols
from batches import trace_queries as trace
from batches.codes import LOT, own_code
from batches.material_models import LotLine
from batches.material_views import METHODS
from batches.step_views import SECRETS
from batches.views import may, status
from ledger import reading
from personnel.signing import credentials

WAYS = (
    ("used", gettext_lazy("Used in batches")),
    ("dispensed", gettext_lazy("Dispensed")),
    ("sampled", gettext_lazy("Samples")),
    ("returned", gettext_lazy("Returned")),
    ("destroyed", gettext_lazy("Destroyed")),
    ("split", gettext_lazy("Split off")),
    ("left", gettext_lazy("Left")),
)


@dataclass(frozen=True)
class Doing:
    """Something that can be done with a lot: its form, its command, and when it is offered."""

    title: Any
    form: Callable[..., forms.MaterialForm]
    ask: Any
    offered: Callable[[LotLine], bool]
    danger: bool = False

    @property
    def meaning(self) -> str:
        return self.ask.spec.meaning or ""


def _live(row: LotLine) -> bool:
    return not row.is_empty and row.status != queries.REJECTED


def _quarantined(row: LotLine) -> bool:
    return not row.is_empty and row.status == queries.QUARANTINE


def _released(row: LotLine) -> bool:
    return not row.is_empty and row.status == queries.RELEASED


DOINGS: dict[str, Doing] = {
    "sample": Doing(gettext_lazy("Take a sample"), forms.SampleForm, commands.sample_lot, _live),
    "release": Doing(
        gettext_lazy("Release"), forms.ReleaseForm, commands.release_lot, _quarantined
    ),
    "open": Doing(
        gettext_lazy("Open"),
        forms.PlainForm,
        stock.open_lot,
        lambda row: _released(row) and not row.opened_at,
    ),
    "split": Doing(gettext_lazy("Split"), forms.SplitForm, stock.split_lot, _live),
    "reserve": Doing(gettext_lazy("Reserve"), forms.ReserveForm, stock.reserve_lot, _live),
    "free": Doing(
        gettext_lazy("Free a reservation"),
        forms.FreeForm,
        stock.free_reservation,
        lambda row: row.reserved != "0",
    ),
    "dispense": Doing(gettext_lazy("Dispense"), forms.DispenseForm, stock.dispense_lot, _released),
    "move": Doing(gettext_lazy("Move"), forms.MoveForm, commands.move_lot, _live),
    "retest": Doing(
        gettext_lazy("Record a retest"),
        forms.RetestForm,
        commands.retest_lot,
        lambda row: _live(row) and bool(row.retest_on),
    ),
    "quarantine": Doing(
        gettext_lazy("Put into quarantine"),
        forms.ReasonForm,
        commands.quarantine_lot,
        _released,
        True,
    ),
    "return": Doing(
        gettext_lazy("Return to the supplier"),
        forms.RemovalForm,
        stock.return_lot,
        lambda row: not row.is_empty,
    ),
    "destroy": Doing(
        gettext_lazy("Destroy"),
        forms.RemovalForm,
        stock.destroy_lot,
        lambda row: not row.is_empty,
        True,
    ),
    "reject": Doing(gettext_lazy("Reject"), forms.ReasonForm, commands.reject_lot, _live, True),
}


@require_safe
def lot(request: HttpRequest, number: str) -> HttpResponse:
    row = _row(number)
    events = reading.load(Q(stream_type="lot", stream_id=number), order="version")
    node = f"lot:{number}"
    offered = {
        name: doing
        for name, doing in DOINGS.items()
        if doing.offered(row) and may(request, doing.ask)
    }
    context = {
        "lot": row,
        "item": queries.item(row.item),
        "stock": queries.Stock(row, queries.standing_of(row)),
        "supplier": queries.supplier(row.supplier),
        "storage": forms.STORAGE_WORDS.get(row.storage, row.storage),
        "ways": [(words, getattr(row, name)) for name, words in WAYS],
        "doings": offered,
        "reservations": queries.reservations(lot=number),
        "taken": queries.taken(lot=number),
        "children": LotLine.objects.filter(parent=number).order_by("lot"),
        "into": trace.by_kind(trace.reached(node, way=trace.ONWARD)),
        "from_": trace.by_kind(trace.reached(node, way=trace.BACK)),
        "lines": reading.lines_of(reversed(events)),
        "destructions": _unwitnessed(number),
        "may_witness": may(request, stock.witness_destruction),
        "code": own_code(LOT, number),
    }
    return render(request, "batches/material/lot.html", context)


@never_cache
@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def do(request: HttpRequest, number: str, doing: str) -> HttpResponse:
    """One thing that is done with a lot: its form, and the signature where it takes one."""
    row, wanted = _row(number), DOINGS.get(doing)
    if wanted is None:
        raise Http404
    form = _form(request, wanted, row)
    if form.is_valid():
        asked = form.asked() | {"lot": number}
        if wanted.meaning:
            asked["signature"] = credentials(request)
        if form.ask(request, wanted.ask, **asked):
            messages.success(request, _("%(what)s: it is on record.") % {"what": str(wanted.title)})
            return redirect("batches:lot", number)
    context = {
        "form": form,
        "title": f"{wanted.title}: {number}",
        "about": row,
        "back": "lot",
        "number": number,
        "meaning": wanted.meaning,
        "danger": wanted.danger,
        "may": may(request, wanted.ask),
        "roles": wanted.ask.spec.roles,
    }
    return render(request, "batches/material/form.html", context, status=status(form))


@never_cache
@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def witness(request: HttpRequest, number: str, destruction: int) -> HttpResponse:
    row = _row(number)
    form = forms.PlainForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        stock.witness_destruction,
        lot=number,
        destruction=destruction,
        signature=credentials(request),
    ):
        messages.success(request, _("You signed that you saw it destroyed."))
        return redirect("batches:lot", number)
    context = {
        "form": form,
        "title": _("Witness: destruction %(n)s of %(lot)s") % {"n": destruction, "lot": number},
        "about": row,
        "back": "lot",
        "number": number,
        "meaning": "verified",
        "may": may(request, stock.witness_destruction),
        "roles": stock.witness_destruction.spec.roles,  # type: ignore[attr-defined]
    }
    return render(request, "batches/material/form.html", context, status=status(form))


@require_safe
def label(request: HttpRequest, number: str) -> HttpResponse:
    """What is stuck on a container: its number, what it is, until when, and the code to scan."""
    row = _row(number)
    context = {"lot": row, "code": own_code(LOT, number), "item": queries.item(row.item)}
    return render(request, "batches/material/label.html", context)


@require_safe
def symbol(request: HttpRequest, number: str) -> HttpResponse:
    """The lot's own code as a Data Matrix."""
    drawn = symbols.svg(own_code(LOT, _row(number).lot))
    return HttpResponse(drawn, content_type="image/svg+xml")


def _form(request: HttpRequest, doing: Doing, row: LotLine) -> forms.MaterialForm:
    data = request.POST if request.method == "POST" else None
    if doing.form is forms.FreeForm:
        held = queries.reservations(lot=row.lot)
        return forms.FreeForm(data, holders=[(one.holder, one.holder) for one in held])
    initial = {"unit": row.unit, "location": row.location, "lot": row.lot}
    return doing.form(data, initial=initial)


def _unwitnessed(number: str) -> list[tuple[int, str]]:
    """Destructions that still want a witness: number and amount."""
    state = queries.lot_state(number)
    return [
        (each, f"{queries.lots.text(one.amount)} {state.unit}")
        for each, one in state.destructions.items()
        if not one.witness
    ]


def _row(number: str) -> LotLine:
    row = queries.lot(number)
    if row is None:
        raise Http404
    return row
