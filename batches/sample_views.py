"""Pages of samples: the list, one with its way to quality control, and taking one."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from batches import container_forms as forms
from batches import custody_queries, sample_queries
from batches import sample_commands as commands
from batches.order_asking import FormPage, bound, form_page
from batches.views import may
from personnel.queries import printed_names

SHOWN = 200


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    state, batch = request.GET.get("state", ""), request.GET.get("batch", "").replace("\0", "")
    rows = list(sample_queries.samples(batch=batch, state=state)[:SHOWN])
    context = {
        "samples": rows,
        "state": state,
        "batch": batch,
        "may_take": may(request, commands.take_sample),
    }
    return render(request, "batches/containers/samples.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    back = reverse("batches:samples")
    page = FormPage(
        title=_("Take a sample"),
        lead=_("Samples that the recipe asks for are taken in its steps; this is for any other."),
        submit=_("Number it"),
        done=_("The sample is numbered. Label it, then hand it over to quality control."),
        back=back,
        crumbs=[(_("Samples"), back)],
    )
    return form_page(request, bound(request, forms.SampleForm), commands.take_sample, page)


@require_safe
def sample(request: HttpRequest, sample: str) -> HttpResponse:
    row = sample_queries.sample(sample)
    if row is None:
        raise Http404
    people = {one.person for one in custody_queries.links(sample)} | {row.taken_by}
    names = printed_names(people)
    chain = custody_queries.timeline(sample, names)
    context = {
        "row": row,
        "chain": chain,
        "gaps": [told.gap for told in chain if told.gap],
        "taken_by": names.get(row.taken_by, row.taken_by),
        "received_by": names.get(row.received_by, row.received_by),
    }
    return render(request, "batches/containers/sample.html", context)
