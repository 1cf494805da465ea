"""Pages about training: the matrix, one person, the items and curricula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ledger import asking, clock
from ledger.event import Refused
from personnel import queries as people
from personnel import training_commands as commands
from personnel import training_forms as forms
from personnel import training_queries as queries
from personnel.models import TrainingItem
from personnel.roles import LABELS
from personnel.session import actor_of

_FIELDS = {
    "reason_missing": "reason",
    "reason_too_long": "reason",
    "item_known": "item",
    "no_item": "item",
}


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    items, lines = queries.matrix()
    lacking = sum(cell.tag == "bad" for line in lines for cell in line.cells)
    roles = {line.person: [_(LABELS[role]) for role in line.roles] for line in lines}
    context = {
        "items": items,
        "lines": [(line, roles[line.person]) for line in lines],
        "lacking": lacking,
    }
    return render(request, "personnel/training.html", context)


@require_safe
def items(request: HttpRequest) -> HttpResponse:
    return _items(request)


@require_POST
def introduce(request: HttpRequest) -> HttpResponse:
    form = forms.IntroduceForm(request.POST, auto_id="introduce_%s")
    asked = _typed(form, "item", "kind", "title", "version", "valid_months")
    asked["valid_months"] = -1 if asked["valid_months"] in ("", None) else asked["valid_months"]
    if _ask(request, form, commands.introduce, **asked):
        return _done(request, _("%(item)s is on the list.") % {"item": asked["item"]})
    return _items(request, introduce_form=form)


@require_POST
def version(request: HttpRequest, item: str) -> HttpResponse:
    if not TrainingItem.objects.filter(item=item).exists():
        raise Http404
    form = forms.VersionForm(request.POST, auto_id=f"{item}_%s")
    asked = _typed(form, "version", "reason")
    if _ask(request, form, commands.change_version, item=item, **asked):
        return _done(request, _("The new version counts. Trainings on the old hold no more."))
    return _items(request, changed=(item, form))


@require_POST
def demand(request: HttpRequest) -> HttpResponse:
    return _change_curriculum(request, "demand", commands.add_to_curriculum)


@require_POST
def free(request: HttpRequest) -> HttpResponse:
    return _change_curriculum(request, "free", commands.remove_from_curriculum)


@require_safe
def person(request: HttpRequest, person: str) -> HttpResponse:
    return _person(request, person)


@require_POST
def record(request: HttpRequest, person: str) -> HttpResponse:
    known = queries.items()
    form = forms.RecordForm(request.POST, items=known, auto_id="record_%s")
    asked = _typed(form, "item", "trained_on", "method")
    asked["version"] = next((row.version for row in known if row.item == asked["item"]), "")
    if _ask(request, form, commands.record, person=person, **asked):
        messages.success(request, _("The training is on record."))
        return redirect("personnel:training_person", person)
    return _person(request, person, record_form=form)


@require_POST
def revoke(request: HttpRequest, person: str, item: str, version: str) -> HttpResponse:
    form = forms.RevokeForm(request.POST, auto_id=f"{item}_{version}_%s")
    asked = _typed(form, "reason")
    if _ask(request, form, commands.revoke, person=person, item=item, version=version, **asked):
        messages.success(request, _("The training holds no more; its record stays."))
        return redirect("personnel:training_person", person)
    return _person(request, person, revoked=(item, version, form))


def _change_curriculum(request: HttpRequest, name: str, ask: Callable[..., Any]) -> HttpResponse:
    form = forms.CurriculumForm(request.POST, items=queries.items(), auto_id=f"{name}_%s")
    asked = _typed(form, "role", "item", "reason")
    if _ask(request, form, ask, **asked):
        return _done(request, _("The curriculum is changed."))
    return _items(request, **{f"{name}_form": form})


def _typed(form: forms.AskForm, *names: str) -> dict[str, Any]:
    """What was typed; a choice that is none of ours becomes nothing, and the command says so."""
    form.is_valid()
    for name in list(form.errors):
        del form.errors[name]
    return {name: form.cleaned_data.get(name, "") for name in names}


def _ask(request: HttpRequest, form: forms.AskForm, ask: Callable[..., Any], **asked: Any) -> bool:
    """Send it to the command. Its no stands on the form, with all that was typed."""
    command_id = form.cleaned_data.get("command_id")
    try:
        ask(**asked, actor=actor_of(request), command_id=command_id)
    except Refused as refused:
        field = _FIELDS.get(refused.code, refused.code)
        sentence = asking.told(refused)
        form.add_error(field if field in form.fields else None, sentence)
        if refused.code != "away":  # then the same sending must be known again
            form.renew()
        return False
    return True


def _done(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("personnel:training_items")


def _items(request: HttpRequest, **given: Any) -> HttpResponse:
    """The items and who must be trained on them, with the forms that change both."""
    known = queries.items()
    wanted = queries.curricula()
    changed = given.pop("changed", ("", None))
    may_keep = _may(request, commands.introduce)
    context = {
        "introduce_form": forms.IntroduceForm(auto_id="introduce_%s"),
        "demand_form": forms.CurriculumForm(items=known, auto_id="demand_%s"),
        "free_form": forms.CurriculumForm(items=known, auto_id="free_%s"),
        **given,
        "items": [
            {
                "row": row,
                "roles": [_(LABELS[role]) for role in LABELS if row.item in wanted.get(role, ())],
                "form": changed[1]
                if changed[0] == row.item
                else forms.VersionForm(auto_id=f"{row.item}_%s"),
                "open": changed[0] == row.item,
            }
            for row in known
        ],
        "may_keep": may_keep,
        "stray": _errors(changed[1]) if not may_keep else [],
    }
    status = 422 if given or changed[1] else 200
    return render(request, "personnel/training_items.html", context, status=status)


def _person(request: HttpRequest, person: str, **given: Any) -> HttpResponse:
    """One person: what is lacking, every training, and the forms."""
    if people.person(person) is None:
        raise Http404
    known = {row.item: row for row in queries.items()}
    revoked = given.pop("revoked", ("", "", None))
    may_revoke = _may(request, commands.revoke)
    records = queries.records(person)
    names = people.printed_names(
        {person} | {p for row in records for p in (row.assessor, row.revoked_by)}
    )
    today = timezone.localdate(clock.now())
    form_for = {
        (row.item, row.version): forms.RevokeForm(auto_id=f"{row.item}_{row.version}_%s")
        for row in records
    }
    if revoked[2] is not None:
        form_for[revoked[:2]] = revoked[2]
    gaps = [gap for role in people.roles_of(person) for gap in queries.gaps(person, role)]
    context = {
        "person": person,
        "name": names.get(person, person),
        "gaps": sorted(set(gaps)) if queries.curricula() else [],
        "record_form": forms.RecordForm(items=known.values(), auto_id="record_%s"),
        **given,
        "records": [
            {
                "row": row,
                "title": known[row.item].title if row.item in known else "",
                "assessor": names.get(row.assessor, row.assessor),
                "revoked_by": names.get(row.revoked_by, row.revoked_by),
                "over": row.valid_until is not None and row.valid_until < today,
                "older": row.item in known and known[row.item].version != row.version,
                "form": form_for.pop((row.item, row.version), None)
                if may_revoke and row.revoked_at is None
                else None,
                "open": (row.item, row.version) == revoked[:2],
            }
            for row in records
        ],
        "stray": _errors(revoked[2]) if not may_revoke else [],
        "may_record": _may(request, commands.record) and actor_of(request).person != person,
    }
    status = 422 if given or revoked[2] else 200
    return render(request, "personnel/training_person.html", context, status=status)


def _errors(form: forms.AskForm | None) -> Any:
    """Why something was refused whose form is not offered to the reader."""
    return form.errors.get("__all__", []) if form is not None else []


def _may(request: HttpRequest, ask: Any) -> bool:
    """Whether to offer a form. Offering is a courtesy; the command decides."""
    return actor_of(request).role in ask.spec.roles
