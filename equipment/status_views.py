"""Pages by which a unit's standing is recorded: one small form each, signed where it must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from equipment import claim_commands, queries, status_commands, status_forms
from equipment.forms import AskForm
from equipment.models import Register
from equipment.status_queries import unit_facts
from equipment.unit_standing import CALIBRATED, CLEAN, QUALIFIED, demands
from ledger import clock
from ledger.asking import told
from ledger.event import Refused
from personnel.session import actor_of
from personnel.signing import credentials

SECRETS = ("signing_name", "signing_secret", "signing_pin")


@dataclass(frozen=True)
class Page:
    """One thing that can be recorded: the command, its form, and the words around them."""

    ask: Any
    form: type[status_forms.StatusForm]
    title: Any
    lead: Any
    button: Any
    done: Any
    danger: bool = False

    @property
    def meaning(self) -> str:
        return self.ask.spec.meaning or ""


PAGES = {
    "qualify": Page(
        status_commands.qualify,
        status_forms.QualifyForm,
        gettext_lazy("Qualify"),
        gettext_lazy("What the qualification report says, signed by quality assurance."),
        gettext_lazy("Sign the qualification"),
        gettext_lazy("The qualification is signed."),
    ),
    "calibrate": Page(
        status_commands.calibrate,
        status_forms.CalibrateForm,
        gettext_lazy("Record a calibration"),
        gettext_lazy("As it was found. Out of tolerance, the unit is not used till it is mended."),
        gettext_lazy("Sign the calibration"),
        gettext_lazy("The calibration is signed."),
    ),
    "clean": Page(
        status_commands.clean,
        status_forms.CleanForm,
        gettext_lazy("Record a cleaning"),
        gettext_lazy("The unit was cleaned just now. How long that holds depends on its kind."),
        gettext_lazy("Record the cleaning"),
        gettext_lazy("The cleaning is on record."),
    ),
    "claim": Page(
        claim_commands.claim,
        status_forms.BatchForm,
        gettext_lazy("Set aside for a batch"),
        gettext_lazy("No other batch can take the unit until this one releases it."),
        gettext_lazy("Set aside"),
        gettext_lazy("The unit is set aside."),
    ),
    "release": Page(
        claim_commands.release,
        status_forms.ReleaseForm,
        gettext_lazy("Release by hand"),
        gettext_lazy("A batch's own steps release what they took; this is where they did not."),
        gettext_lazy("Release"),
        gettext_lazy("The unit is released."),
        danger=True,
    ),
}


@never_cache
@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, number: str, what: str) -> HttpResponse:
    unit = queries.unit(number)
    if unit is None or what not in PAGES:
        raise Http404
    name = f"{unit.unit} {unit.label}"
    back = reverse("equipment:unit", args=[number])
    given = {"batch": unit.batches[0]} if what == "release" and unit.batches else {}
    return answer(request, PAGES[what], fixed={"unit": number}, name=name, back=back, given=given)


def answer(
    request: HttpRequest,
    page: Page,
    *,
    fixed: dict[str, str],
    name: str,
    back: str,
    given: dict[str, str],
) -> HttpResponse:
    """The page of one form: shown, sent, or shown again with its no and all that was typed."""
    form = page.form(request.POST) if request.method == "POST" else page.form(initial=given)
    if form.is_bound and asked(request, form, page, fixed):
        messages.success(request, page.done)
        return redirect(back)
    context = {
        "form": form,
        "page": page,
        "name": name,
        "back": back,
        "may": may(request, page.ask),
        "failed": form.is_bound,
    }
    return render(request, "equipment/act.html", context, status=422 if form.is_bound else 200)


def asked(request: HttpRequest, form: AskForm, page: Page, fixed: dict[str, str]) -> bool:
    """Send what was typed to the command; its no stands on the form."""
    if not form.is_valid():
        form.renew()
        return False
    signed = {"signature": credentials(request)} if page.meaning else {}
    try:
        page.ask(**{**form.cleaned_data, **fixed}, **signed, actor=actor_of(request))
    except Refused as refused:
        form.refuse(told(refused), code=refused.code)
        if refused.code != "away":  # then the same sending must be known again
            form.renew()
        return False
    return True


def may(request: HttpRequest, ask: Any) -> bool:
    """Whether to offer a form. Offering is a courtesy; the command decides."""
    return actor_of(request).role in ask.spec.roles


def offered(request: HttpRequest, pages: dict[str, Page]) -> list[tuple[str, Any]]:
    """The pages that this role may use: the name of each and its title."""
    return [(what, page.title) for what, page in pages.items() if may(request, page.ask)]


def fitness(unit: Register) -> list[dict[str, Any]]:
    """What this kind of unit must have, until when it has it, and whether that holds now."""
    facts, at = unit_facts(unit.unit), clock.now()
    day = timezone.localdate(at)
    until = {QUALIFIED: unit.qualified_until, CALIBRATED: unit.calibrated_until}
    return [
        {
            "title": _TITLES[what],
            "day": until.get(what),
            "moment": unit.clean_until if what == CLEAN else None,
            "holds": not facts.is_due(what, day, at),
        }
        for what in demands(unit.unit_class)
    ]


_TITLES = {
    QUALIFIED: gettext_lazy("Qualified until"),
    CALIBRATED: gettext_lazy("Calibrated until"),
    CLEAN: gettext_lazy("Clean until"),
}


def offered_for(request: HttpRequest, unit: Register) -> list[tuple[str, Any]]:
    """What this role may record about the unit as it stands now."""
    needs = demands(unit.unit_class)
    fits = {"calibrate": CALIBRATED in needs, "clean": CLEAN in needs, "release": unit.batches}
    return [each for each in offered(request, PAGES) if fits.get(each[0], True)]
