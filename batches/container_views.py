"""Pages of containers: those of a batch, one by itself, and what is where in the tanks."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from batches import container_commands as commands
from batches import container_forms as forms
from batches import container_issue_commands as issuing
from batches import container_queries, custody_queries, order_queries, queries
from batches.container import KINDS
from batches.models import BatchLine
from batches.order_asking import SECRETS, FormPage, bound, form_page
from batches.views import may
from personnel.queries import printed_names

METHODS = ["GET", "HEAD", "POST"]


@require_safe
def fill(request: HttpRequest, batch: str) -> HttpResponse:
    """All that concerns the containers of one batch."""
    row = batch_of(batch)
    context = {
        "batch": row,
        "identity": order_queries.identity(batch),
        "containers": [
            (one, _(KINDS.get(one.kind, one.kind))) for one in container_queries.containers(batch)
        ],
        "accounted": sorted(container_queries.accounted(batch).items()),
        "doses": container_queries.fills(batch, "dose"),
        "freezings": container_queries.fills(batch, "freezing"),
        "waste": container_queries.fills(batch, "waste"),
        "may_dose": may(request, commands.set_dose) and row.purpose == "patient",
        "may_fill": may(request, commands.fill_containers),
    }
    return render(request, "batches/containers/fill.html", context)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def dose(request: HttpRequest, batch: str) -> HttpResponse:
    page = _fill_page(
        batch,
        title=_("Dose of %(batch)s") % {"batch": batch},
        lead=_("Viable transduced cells per kg of a dated weight, never above the cap."),
        submit=_("Set the dose"),
        done=_("The dose is set."),
    )
    return form_page(request, bound(request, forms.DoseForm), commands.set_dose, page, batch=batch)


@require_http_methods(METHODS)
def fill_containers(request: HttpRequest, batch: str) -> HttpResponse:
    page = _fill_page(
        batch,
        title=_("Fill containers of %(batch)s") % {"batch": batch},
        lead=_("Each gets a number of its own and waits in quarantine."),
        submit=_("Number them"),
        done=_("They are numbered."),
    )
    return form_page(
        request, bound(request, forms.FillForm), commands.fill_containers, page, batch=batch
    )


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def freezing(request: HttpRequest, batch: str) -> HttpResponse:
    batch_of(batch)
    here = [one.container for one in container_queries.containers(batch) if not one.ended]
    page = _fill_page(
        batch,
        title=_("Freezing of %(batch)s") % {"batch": batch},
        lead=_("The curve and the time in DMSO are judged. What departs is kept."),
        submit=_("Record the freezing"),
        done=_("The freezing is on record."),
    )
    form = bound(request, forms.FreezingForm, containers=here)
    return form_page(request, form, commands.record_freezing, page, batch=batch)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def waste(request: HttpRequest, batch: str) -> HttpResponse:
    page = _fill_page(
        batch,
        title=_("GMO waste of %(batch)s") % {"batch": batch},
        lead=_("What was filled must be what was destroyed."),
        submit=_("Record the waste"),
        done=_("The waste is on record."),
    )
    return form_page(
        request, bound(request, forms.WasteForm), issuing.record_waste, page, batch=batch
    )


@require_safe
def container(request: HttpRequest, container: str) -> HttpResponse:
    row = row_of(container)
    people = {one.person for one in custody_queries.links(container)}
    people |= {row.decided_by, row.issued_by, row.accepted_by} - {""}
    names = printed_names(people)
    out = bool(row.ward) and not row.ended
    here = not row.ward and not row.ended
    context = {
        "row": row,
        "kind": _(KINDS.get(row.kind, row.kind)),
        "chain": custody_queries.timeline(container, names),
        "decided_by": names.get(row.decided_by, row.decided_by),
        "issued_by": names.get(row.issued_by, row.issued_by),
        "accepted_by": names.get(row.accepted_by, row.accepted_by),
        "may_store": here and may(request, commands.store_container),
        "may_decide": here and may(request, commands.disposition_container),
        "may_issue": here and row.decision == "released" and may(request, issuing.issue_container),
        "may_accept": out and not row.accepted_by and may(request, issuing.accept_container),
        "may_thaw": out
        and row.accepted_by
        and not row.thawed_at
        and may(request, issuing.thaw_container),
        "may_end": out and row.accepted_by and may(request, issuing.end_container),
        "may_destroy": row.ended in ("", "not administered")
        and may(request, issuing.ask_destruction),
        "may_witness": row.destroying and may(request, issuing.destroy_container),
    }
    return render(request, "batches/containers/container.html", context)


@require_http_methods(METHODS)
def store(request: HttpRequest, container: str) -> HttpResponse:
    row_of(container)
    page = page_of(
        container,
        title=_("Store %(item)s") % {"item": container},
        lead=_("A place holds one container. Where it was before becomes free."),
        submit=_("Store it"),
        done=_("It is stored."),
    )
    form = bound(request, forms.StoreForm, tanks=[one.unit for one in container_queries.tanks()])
    return form_page(request, form, commands.store_container, page, container=container)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(METHODS)
def disposition(request: HttpRequest, container: str) -> HttpResponse:
    row = row_of(container)
    touched = _("It was in a tank that was too warm: %(numbers)s.") % {"numbers": row.excursions}
    page = page_of(
        container,
        title=_("Decide about %(item)s") % {"item": container},
        lead=_("Each container is decided by itself."),
        submit=_("Decide"),
        done=_("The decision is on record."),
        whose=_("Quality assurance or the Qualified Person decides."),
        notice=touched if row.excursions else "",
    )
    form = bound(request, forms.DispositionForm)
    return form_page(request, form, commands.disposition_container, page, container=container)


@require_safe
def storage(request: HttpRequest) -> HttpResponse:
    """The map: tank by tank, rack by rack, what is in each place."""
    tanks = [
        {
            "unit": tank,
            "racks": _racks(container_queries.stored(tank.unit)),
            "excursions": container_queries.excursions(tank.unit),
        }
        for tank in container_queries.tanks()
    ]
    context = {"tanks": tanks, "may_record": may(request, issuing.record_excursion)}
    return render(request, "batches/containers/storage.html", context)


@require_http_methods(METHODS)
def excursion(request: HttpRequest, tank: str) -> HttpResponse:
    if not container_queries.is_tank(tank, in_service=False):
        raise Http404
    back = reverse("batches:storage")
    page = FormPage(
        title=_("%(tank)s was too warm") % {"tank": tank},
        lead=_("The logger's file says when; every container that was inside then is named."),
        submit=_("Record it"),
        done=_("It is on record, with what was in the tank then."),
        back=back,
        crumbs=[(_("Storage"), back)],
    )
    form = bound(request, forms.ExcursionForm)
    return form_page(request, form, issuing.record_excursion, page, tank=tank)


def batch_of(batch: str) -> BatchLine:
    row = queries.batch(batch)
    if row is None:
        raise Http404
    return row


def row_of(container: str) -> Any:
    row = container_queries.container(container)
    if row is None:
        raise Http404
    return row


def page_of(container: str, **said: Any) -> FormPage:
    """A page with one form about one container."""
    row = row_of(container)
    back = reverse("batches:container", args=[container])
    above = reverse("batches:fill", args=[row.batch])
    return FormPage(back=back, crumbs=[(row.batch, above), (container, back)], **said)


def _fill_page(batch: str, **said: Any) -> FormPage:
    batch_of(batch)
    back = reverse("batches:fill", args=[batch])
    return FormPage(back=back, crumbs=[(_("Containers of %s") % batch, back)], **said)


def _racks(rows: list[Any]) -> list[tuple[str, list[Any]]]:
    """The places of a tank by rack and box."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        _tank, rack, box, _place = row.position.split(".")
        name = _("Rack %(rack)s, box %(box)s") % {"rack": rack[1:], "box": box[1:]}
        found.setdefault(name, []).append({"row": row, "place": _place[1:]})
    return sorted(found.items())
