"""Pages of materials: the stock, receiving, what waits for quality, items, suppliers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from batches import material_commands as commands
from batches import material_queries as queries
from batches.codes import LOT, read_code
from batches.material_forms import (
    KIND_WORDS,
    STORAGE_WORDS,
    ApprovalForm,
    ItemForm,
    MaterialForm,
    MinimumForm,
    ReasonForm,
    ReceiptForm,
    SourceForm,
    SupplierForm,
    WithdrawForm,
)
from batches.step_views import SECRETS
from batches.views import may, status
from personnel.signing import credentials

STANDINGS = {
    "": gettext_lazy("Everything there is"),
    "released": gettext_lazy("May be used"),
    "quarantine": gettext_lazy("In quarantine"),
    "soon": gettext_lazy("Expires within 30 days"),
    "expired": gettext_lazy("Expired"),
    "rejected": gettext_lazy("Rejected"),
    "empty": gettext_lazy("Used up"),
}
METHODS = ["GET", "HEAD", "POST"]


@require_safe
def stock(request: HttpRequest) -> HttpResponse:
    """Every lot that something is left of, and what runs low."""
    words = request.GET.get("q", "").replace("\0", "").strip()
    standing = request.GET.get("standing", "")
    scanned = read_code(words) if words else None
    if scanned is not None and queries.lot(scanned.get(LOT)):
        return redirect("batches:lot", scanned.get(LOT))
    if scanned is not None and scanned.get("gtin"):
        words = scanned.get("lot")
    levels = queries.levels()
    context = {
        "rows": queries.stock(words=words, standing=standing),
        "q": words,
        "standing": standing if standing in STANDINGS else "",
        "standings": STANDINGS.items(),
        "low": [level for level in levels if level.is_low],
        "waiting": queries.stock(standing="quarantine"),
        "may_receive": may(request, commands.receive_lot),
        "any": bool(levels),
    }
    return render(request, "batches/material/stock.html", context)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for quality assurance's release, the oldest delivery first."""
    rows = queries.LotLine.objects.filter(status=queries.QUARANTINE, is_empty=False)
    context = {
        "rows": rows.order_by("received_at", "lot")[: queries.SHOWN],
        "may_release": may(request, commands.release_lot),
    }
    return render(request, "batches/material/queue.html", context)


@never_cache
@require_http_methods(METHODS)
def receive(request: HttpRequest) -> HttpResponse:
    """A delivery; the button beside the code fills the form with what the code says."""
    posted = request.method == "POST"
    reads = posted and "read" in request.POST
    initial = {"lot": queries.next_lot()}
    if reads:
        form, said = _filled(request)
    else:
        form, said = _receipt(request.POST if posted else None, initial=initial), ""
    if posted and not reads and form.is_valid():
        asked = form.asked()
        if form.ask(request, commands.receive_lot, **asked):
            messages.success(request, _("%(lot)s waits in quarantine.") % {"lot": asked["lot"]})
            return redirect("batches:lot", asked["lot"])
    context = {
        "form": form,
        "said": said,
        "may": may(request, commands.receive_lot),
        "any": queries.sources().exists(),
    }
    return render(
        request, "batches/material/receive.html", context, status=200 if reads else status(form)
    )


def _receipt(data: Any, *, initial: dict[str, str]) -> ReceiptForm:
    items = [(row.item, f"{row.item} · {row.title}") for row in queries.items_known()]
    suppliers = []
    for row in queries.suppliers_known():
        words = f"{row.supplier} · {row.title}"
        if row.status != "approved":
            words += " · " + _("not approved")
        suppliers.append((row.supplier, words))
    return ReceiptForm(data, initial=initial, items=items, suppliers=suppliers)


def _filled(request: HttpRequest) -> tuple[ReceiptForm, str]:
    """The form with what the code says; what was typed before stays. And what is wrong with it."""
    typed = {"lot": queries.next_lot()}
    typed |= {name: str(value) for name, value in request.POST.items() if value}
    code = read_code(typed.get("code", ""))
    if code.wrong:
        return _receipt(None, initial=typed), code.wrong
    found = {"supplier_lot": code.get("lot"), "expires_on": code.get("expiry")[:10]}
    count = code.get("count") or code.get("variable_count")
    found["quantity"] = count
    said = ""
    if gtin := code.get("gtin"):
        source = queries.sources(gtin=gtin).first()
        if source is None:
            said = _(
                "GTIN %(gtin)s belongs to no approved source. Choose the item and the supplier"
                " from the label, or ask quality assurance to add the source."
            ) % {"gtin": gtin}
        else:
            item = queries.item(source.item)
            found |= {"gtin": gtin, "item": source.item, "supplier": source.supplier}
            found |= {"unit": item.unit, "storage": item.storage} if item else {}
    elif code.kind != "gs1":
        said = _("This code says nothing that the form asks for. Fill it in from the label.")
    initial = typed | {name: value for name, value in found.items() if value}
    return _receipt(None, initial=initial), said


@require_safe
def items(request: HttpRequest) -> HttpResponse:
    context = {
        "levels": queries.levels(),
        "kinds": KIND_WORDS,
        "may_register": may(request, commands.register_item),
    }
    return render(request, "batches/material/items.html", context)


@never_cache
@require_http_methods(METHODS)
def register_item(request: HttpRequest) -> HttpResponse:
    form = ItemForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        asked = form.asked()
        asked["minimum"] = asked["minimum"] or "0"
        if form.ask(request, commands.register_item, **asked):
            messages.success(request, _("%(item)s is registered.") % {"item": asked["item"]})
            return redirect("batches:item", asked["item"])
    return _form_page(request, form, commands.register_item, _("Register an item"), "items")


@require_safe
def item(request: HttpRequest, number: str) -> HttpResponse:
    row = queries.item(number)
    if row is None:
        raise Http404
    names = {one.supplier: one for one in queries.suppliers_known()}
    context = {
        "item": row,
        "level": queries.levels([row])[0],
        "kind": KIND_WORDS.get(row.kind, row.kind),
        "storage": STORAGE_WORDS.get(row.storage, row.storage),
        "sources": [(one, names.get(one.supplier)) for one in queries.sources(number)],
        "lots": queries.stock(item=number),
        "may_approve": may(request, commands.approve_source),
        "may_change": may(request, commands.change_item_minimum),
    }
    return render(request, "batches/material/item.html", context)


@never_cache
@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def add_source(request: HttpRequest, number: str) -> HttpResponse:
    if queries.item(number) is None:
        raise Http404
    known = [(row.supplier, f"{row.supplier} · {row.title}") for row in queries.suppliers_known()]
    form = SourceForm(request.POST if request.method == "POST" else None, suppliers=known)
    title = _("Approve a source of %(item)s") % {"item": number}
    return _ask_page(
        request, form, commands.approve_source, title, "item", number, "approved", item=number
    )


@never_cache
@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def withdraw_source(request: HttpRequest, number: str, supplier: str) -> HttpResponse:
    if not queries.sources(number, supplier=supplier).exists():
        raise Http404
    form = WithdrawForm(
        request.POST if request.method == "POST" else None, initial={"supplier": supplier}
    )
    title = _("Withdraw %(supplier)s as a source of %(item)s") % {
        "supplier": supplier,
        "item": number,
    }
    return _ask_page(
        request, form, commands.withdraw_source, title, "item", number, "rejected",
        item=number, supplier=supplier,
    )  # fmt: skip


@never_cache
@require_http_methods(METHODS)
def change_minimum(request: HttpRequest, number: str) -> HttpResponse:
    if queries.item(number) is None:
        raise Http404
    form = MinimumForm(request.POST if request.method == "POST" else None)
    title = _("Minimum stock of %(item)s") % {"item": number}
    return _ask_page(
        request, form, commands.change_item_minimum, title, "item", number, "", item=number
    )


@require_safe
def suppliers(request: HttpRequest) -> HttpResponse:
    context = {
        "suppliers": queries.suppliers_known(),
        "today": queries.today(),
        "may_register": may(request, commands.register_supplier),
        "may_approve": may(request, commands.approve_supplier),
    }
    return render(request, "batches/material/suppliers.html", context)


@never_cache
@require_http_methods(METHODS)
def register_supplier(request: HttpRequest) -> HttpResponse:
    form = SupplierForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(request, commands.register_supplier, **form.asked()):
        messages.success(request, _("It is registered. Quality assurance approves it next."))
        return redirect("batches:suppliers")
    return _form_page(
        request, form, commands.register_supplier, _("Register a supplier"), "suppliers"
    )


@never_cache
@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def approve_supplier(request: HttpRequest, number: str) -> HttpResponse:
    if queries.supplier(number) is None:
        raise Http404
    form = ApprovalForm(request.POST if request.method == "POST" else None)
    title = _("Approve %(supplier)s") % {"supplier": number}
    return _ask_page(
        request, form, commands.approve_supplier, title, "suppliers", "", "approved",
        supplier=number,
    )  # fmt: skip


@never_cache
@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def suspend_supplier(request: HttpRequest, number: str) -> HttpResponse:
    if queries.supplier(number) is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None)
    title = _("Suspend %(supplier)s") % {"supplier": number}
    return _ask_page(
        request, form, commands.suspend_supplier, title, "suppliers", "", "rejected",
        supplier=number,
    )  # fmt: skip


def _ask_page(
    request: HttpRequest,
    form: MaterialForm,
    ask: Any,
    title: str,
    back: str,
    number: str,
    meaning: str,
    **fixed: Any,
) -> HttpResponse:
    """A form with, where the command wants one, the signature; its way back is the way on."""
    if form.is_valid():
        asked = form.asked() | fixed
        if meaning:
            asked["signature"] = credentials(request)
        if form.ask(request, ask, **asked):
            messages.success(request, _("It is on record."))
            return redirect(f"batches:{back}", *([number] if number else []))
    return _form_page(request, form, ask, title, back, number=number, meaning=meaning)


def _form_page(
    request: HttpRequest,
    form: MaterialForm,
    ask: Any,
    title: str,
    back: str,
    *,
    number: str = "",
    meaning: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "back": back,
        "number": number,
        "meaning": meaning,
        "may": may(request, ask),
        "roles": ask.spec.roles,
    }
    return render(request, "batches/material/form.html", context, status=status(form))
