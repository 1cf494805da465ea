"""Pages of custody: one item's chain with its gaps, and both sides of a handover."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from batches import custody_commands as commands
from batches import custody_queries
from batches import order_forms as forms
from batches.collection_views import look_address
from batches.custody_items import subject_and_reference
from batches.order_asking import SECRETS, FormPage, bound, form_page
from batches.views import may
from ledger.event import Refused
from personnel.queries import printed_names

METHODS = ["GET", "HEAD", "POST"]


@require_safe
def chain(request: HttpRequest, item: str) -> HttpResponse:
    _known(item)
    names = printed_names({one.person for one in custody_queries.links(item)})
    told = custody_queries.timeline(item, names)
    kinds = [one.row.kind for one in told]
    context = {
        "item": item,
        "chain": told,
        "gaps": [one.gap for one in told if one.gap],
        "home": home_of(item),
        "under_way": _under_way(kinds),
        "relabelling": kinds.count("relabelling") > kinds.count("relabelled"),
        "may_hand_over": may(request, commands.hand_over),
        "may_relabel": may(request, commands.relabel),
    }
    return render(request, "batches/orders/custody.html", context)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def hand_over(request: HttpRequest, item: str) -> HttpResponse:
    page = _page(
        item,
        title=_("Hand over %(item)s") % {"item": item},
        lead=_("You give it out of your hands; whoever takes it over signs next."),
        submit=_("Hand it over"),
        done=_("It is under way. The other side signs when they take it over."),
    )
    form = bound(request, forms.HandOverForm)
    return form_page(request, form, commands.hand_over, page, item=item)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def take_over(request: HttpRequest, item: str) -> HttpResponse:
    page = _page(
        item,
        title=_("Take over %(item)s") % {"item": item},
        lead=_("You take it into your hands. A handover that nobody recorded shows as a gap."),
        submit=_("Take it over"),
        done=_("It is in your hands."),
    )
    form = bound(request, forms.TakeOverForm)
    return form_page(request, form, commands.take_over, page, item=item)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def ask_relabelling(request: HttpRequest, item: str) -> HttpResponse:
    page = _page(
        item,
        title=_("The label of %(item)s cannot be read") % {"item": item},
        lead=_("Identify it by everything else there is, then print a new label for it."),
        submit=_("I have identified it"),
        done=_("A second person identifies it next, and the new label is put on."),
        look=look_address(_known(item), "labelling", item),
    )
    form = bound(request, forms.ReasonForm)
    return form_page(request, form, commands.ask_relabelling, page, item=item)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def relabel(request: HttpRequest, item: str) -> HttpResponse:
    page = _page(
        item,
        title=_("Put a new label on %(item)s") % {"item": item},
        lead=_("The second person identifies it too. The old label is never thrown away."),
        submit=_("Identified and relabelled"),
        done=_("It bears its new label. The old one is kept."),
        look=look_address(_known(item), "labelling", item),
    )
    form = bound(request, forms.RelabelForm)
    return form_page(request, form, commands.relabel, page, item=item)


def home_of(item: str) -> str:
    """The item's own page."""
    from batches import container_queries, order_queries

    if order_queries.collection(item):
        return reverse("batches:collection", args=[item])
    if container_queries.container(item):
        return reverse("batches:container", args=[item])
    return reverse("batches:sample", args=[item])


def _under_way(kinds: list[str]) -> bool:
    moves = [kind for kind in kinds if kind in ("handed_over", "taken_over")]
    return bool(moves) and moves[-1] == "handed_over"


def _known(item: str) -> str:
    try:
        return subject_and_reference(item)[0]
    except Refused as refused:
        raise Http404 from refused


def _page(item: str, **said: Any) -> FormPage:
    _known(item)
    back = reverse("batches:custody", args=[item])
    return FormPage(back=back, crumbs=[(item, home_of(item)), (_("Custody"), back)], **said)
