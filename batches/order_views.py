"""Pages of orders: the list, one order with all that came of it, and what is asked about it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from batches import collection_commands, container_queries, order_queries, recipe_queries
from batches import commands as batch_commands
from batches import order_commands as commands
from batches import order_forms as forms
from batches.coi_code import grouped
from batches.order import ENDS, PATHWAYS
from batches.order_asking import FormPage, bound, form_page
from batches.order_models import OrderLine
from batches.views import may
from ledger import clock

SHOWN = 200


def home_crumb() -> tuple[str, str]:
    return _("Orders"), reverse("batches:orders")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    words, state = request.GET.get("q", "").replace("\0", ""), request.GET.get("state", "")
    rows = list(order_queries.orders(words=words, state=state)[:SHOWN])
    context = {
        "orders": [_told(row) for row in rows],
        "q": words,
        "state": state,
        "may_place": may(request, commands.place_order),
    }
    return render(request, "batches/orders/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    form = bound(request, forms.OrderForm)
    typed = (request.POST.get("order") or "").strip()
    known = typed.replace("-", "").isalnum() and typed.isascii()
    page = FormPage(
        title=_("New order"),
        lead=_("The order gives the chain its identity code, which is never given again."),
        submit=_("Place the order"),
        back=reverse("batches:orders"),
        to=reverse("batches:order", args=[typed]) if known else "",
        done=_("The order is placed."),
        crumbs=[home_crumb()],
        whose=_("A supervisor or quality assurance places orders."),
        offered=recipe_queries.products(clock.now()),
        notice=_("The patient is registered in the vault first; here stands the pseudonym alone."),
    )
    return form_page(request, form, commands.place_order, page)


@require_safe
def order(request: HttpRequest, order: str) -> HttpResponse:
    row = row_of(order)
    identities = order_queries.identities(order)
    batches = [
        {"identity": one, "containers": container_queries.containers(one.batch)}
        for one in identities
    ]
    collections = order_queries.collections(order)
    context = {
        **_told(row),
        "collections": collections,
        "batches": batches,
        "unbound": order_queries.unbound_batches(row.subject),
        "consequences": _consequences(row, collections, batches),
        "may_collect": may(request, collection_commands.record_collection) and not row.ended,
        "may_end": may(request, commands.end_order) and not row.ended,
        "may_ask_again": may(request, commands.ask_recollection) and not row.ended,
        "may_bind": may(request, commands.bind_identity) and not row.ended,
        "may_open": may(request, batch_commands.open_batch)
        and bool(order_queries.waiting_for_batch(order)),
    }
    return render(request, "batches/orders/order.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, order: str) -> HttpResponse:
    row_of(order)
    page = _page(
        order,
        title=_("End order %(order)s") % {"order": order},
        lead=_("Nothing is deleted. What is open for it is shown, and each is decided by itself."),
        submit=_("End the order"),
        done=_("The order has ended."),
        danger=True,
    )
    return form_page(request, bound(request, forms.EndForm), commands.end_order, page, order=order)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_again(request: HttpRequest, order: str, collection: str) -> HttpResponse:
    row_of(order)
    page = _page(
        order,
        title=_("Ask for another collection"),
        lead=_("%(collection)s cannot be used; the clinic collects once more.")
        % {"collection": collection},
        submit=_("Ask the clinic"),
        done=_("Another collection is asked for."),
    )
    return form_page(
        request,
        bound(request, forms.ReasonForm),
        commands.ask_recollection,
        page,
        order=order,
        collection=collection,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def collect(request: HttpRequest, order: str) -> HttpResponse:
    row_of(order)
    page = _page(
        order,
        title=_("Record a collection"),
        lead=_("As the collection site's form says. What is amiss is kept, and QA decides."),
        submit=_("Record the collection"),
        done=_("The collection is on record."),
    )
    return form_page(
        request,
        bound(request, forms.CollectionForm),
        collection_commands.record_collection,
        page,
        order=order,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def bind(request: HttpRequest, order: str) -> HttpResponse:
    row = row_of(order)
    batches = [
        (one.batch, f"{one.batch} · {one.product}")
        for one in order_queries.unbound_batches(row.subject)
    ]
    form = bound(
        request,
        forms.BindForm,
        batches=batches,
        collections=order_queries.collection_numbers(order),
    )
    page = _page(
        order,
        title=_("Make a batch for %(order)s") % {"order": order},
        lead=_("From then on every step on the material begins with a scan of this order's code."),
        submit=_("Bind the batch"),
        done=_("The batch is bound to the order."),
        notice="" if batches else _("No open batch for this patient waits. Open one first."),
    )
    return form_page(request, form, commands.bind_identity, page, order=order)


def row_of(order: str) -> OrderLine:
    row = order_queries.order(order)
    if row is None:
        raise Http404
    return row


def _page(order: str, **said: Any) -> FormPage:
    back = reverse("batches:order", args=[order])
    return FormPage(back=back, crumbs=[home_crumb(), (order, back)], **said)


def _told(row: OrderLine) -> dict[str, Any]:
    return {
        "row": row,
        "coi": grouped(row.coi),
        "pathway": _(PATHWAYS.get(row.pathway, row.pathway)),
        "ended": _(ENDS[row.ended]) if row.ended in ENDS else row.ended,
    }


def _consequences(row: OrderLine, collections: Any, batches: Any) -> list[tuple[str, str]]:
    """What is still open for an order that has ended, each with the page where it is decided."""
    if not row.ended:
        return []
    found = [
        (
            _("%(item)s is in store. QA decides whether it is kept or destroyed.")
            % {"item": one.collection},
            reverse("batches:collection", args=[one.collection]),
        )
        for one in collections
        if one.received_at and one.decision != "rejected"
    ]
    for one in batches:
        batch = one["identity"].batch
        found.append(
            (
                _("Batch %(batch)s: every further step needs supervisor and QA together.")
                % {"batch": batch},
                reverse("batches:record", args=[batch]),
            )
        )
        found += [
            (
                _("%(item)s cannot be issued. Keep it, or destroy it before a witness.")
                % {"item": box.container},
                reverse("batches:container", args=[box.container]),
            )
            for box in one["containers"]
            if not box.ended
        ]
    return found
