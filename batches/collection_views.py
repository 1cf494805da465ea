"""Pages of collections: one with its receipt, what speaks against it, and its custody."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from batches import collection_commands as commands
from batches import custody_queries, order_queries
from batches import order_forms as forms
from batches.collection import SEROLOGY
from batches.order_asking import SECRETS, FormPage, bound, form_page
from batches.order_models import CollectionLine
from batches.order_views import home_crumb
from batches.views import may
from personnel.queries import printed_names


@require_safe
def collection(request: HttpRequest, collection: str) -> HttpResponse:
    row = row_of(collection)
    people = {one.person for one in custody_queries.links(collection)}
    names = printed_names({*people, *filter(None, (row.received_by, row.decided_by))})
    chain = custody_queries.timeline(collection, names)
    confirmed = any(told.row.kind == "confirmed" for told in chain)
    context = {
        "row": row,
        "chain": chain,
        "gaps": [told.gap for told in chain if told.gap],
        "serology": _(SEROLOGY.get(row.serology, row.serology)),
        "hindrances": row.hindrances.splitlines(),
        "codes": row.codes.splitlines(),
        "received_by": names.get(row.received_by, row.received_by),
        "decided_by": names.get(row.decided_by, row.decided_by),
        "confirmed": confirmed,
        "may_receive": may(request, commands.receive_collection) and not row.received_at,
        "may_confirm": may(request, commands.confirm_collection)
        and row.received_at
        and not confirmed,
        "may_judge": may(request, commands.judge_collection),
    }
    return render(request, "batches/orders/collection.html", context)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest, collection: str) -> HttpResponse:
    row = row_of(collection)
    page = _page(
        row,
        title=_("Receive %(item)s") % {"item": collection},
        lead=_("Compare name and date of birth on the material with the vault before you sign."),
        submit=_("Receive it"),
        done=_("It is received. A second person confirms it next."),
        look=look_address(row.donor, "receiving", collection),
    )
    return form_page(
        request,
        bound(request, forms.ReceiptForm),
        commands.receive_collection,
        page,
        collection=collection,
    )


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, collection: str) -> HttpResponse:
    row = row_of(collection)
    page = _page(
        row,
        title=_("Confirm the receipt of %(item)s") % {"item": collection},
        lead=_("The second person compares the same two identifiers and signs."),
        submit=_("Confirm it"),
        done=_("The receipt is confirmed. QA decides next."),
        look=look_address(row.donor, "receiving", collection),
    )
    return form_page(
        request,
        bound(request, forms.ConfirmForm),
        commands.confirm_collection,
        page,
        collection=collection,
    )


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def judge(request: HttpRequest, collection: str) -> HttpResponse:
    row = row_of(collection)
    against = [*row.hindrances.splitlines(), *custody_queries.gap_sentences(collection)]
    page = _page(
        row,
        title=_("Decide about %(item)s") % {"item": collection},
        lead=_("May it be used as starting material?"),
        submit=_("Decide"),
        done=_("The decision is on record."),
        notice=" ".join(against),
        whose=_("Quality assurance decides."),
    )
    return form_page(
        request,
        bound(request, forms.JudgeForm),
        commands.judge_collection,
        page,
        collection=collection,
    )


def look_address(subject: str, purpose: str, reference: str) -> str:
    """Where two identifiers are shown for this purpose; nothing where nobody is meant."""
    if not subject:
        return ""
    asked = urlencode({"purpose": purpose, "reference": reference})
    return f"{reverse('personnel:vault_subject', args=[subject])}?{asked}"


def row_of(collection: str) -> CollectionLine:
    row = order_queries.collection(collection)
    if row is None:
        raise Http404
    return row


def _page(row: CollectionLine, **said: Any) -> FormPage:
    back = reverse("batches:collection", args=[row.collection])
    order = reverse("batches:order", args=[row.order])
    crumbs = [home_crumb(), (row.order, order), (row.collection, back)]
    return FormPage(back=back, crumbs=crumbs, **said)
