"""Pages of master batch records: the list, one version with its limits, drafting and approving."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from batches import car_t, commands, queries
from batches.forms import AskForm
from batches.recipe_json import to_json
from batches.record_queries import signatures_of
from batches.step_views import SECRETS
from batches.views import may
from ledger import store
from personnel.queries import printed_names
from personnel.signing import credentials
from personnel.signing_standing import standing


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    rows = list(queries.recipe_lines())
    context = {
        "recipes": rows,
        "may_draft": may(request, commands.draft_recipe)
        and queries.recipe_line(car_t.RECIPE, car_t.VERSION) is None,
    }
    return render(request, "batches/recipes.html", context)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """Take over the recipe that comes with Lotbook, signed by who takes it over."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        commands.draft_recipe,
        recipe=car_t.RECIPE,
        version=car_t.VERSION,
        content=to_json(car_t.content()),
        signature=credentials(request),
    ):
        messages.success(request, _("The recipe is drafted and waits for its approval."))
        return redirect("batches:recipe", car_t.RECIPE, car_t.VERSION)
    context = {
        "form": form,
        "recipe": car_t,
        "parts": car_t.content().unit_procedures,
        "may": may(request, commands.draft_recipe),
    }
    return render(request, "batches/draft.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def recipe(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """One version; whoever may approve it does so here."""
    row = queries.recipe_line(number, version)
    if row is None:
        raise Http404
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.ask(
        request,
        commands.approve_recipe,
        recipe=number,
        version=version,
        signature=credentials(request),
    ):
        messages.success(request, _("The recipe is approved: batches may be opened on it."))
        return redirect("batches:recipe", number, version)
    signed = [event.id for event in store.load("recipe", row.key)]
    names = printed_names({row.author, row.approved_by} - {""})
    context = {
        "row": row,
        "parts": queries.recipe_state(number, version).unit_procedures,
        "author": names.get(row.author, row.author),
        "approver": names.get(row.approved_by, row.approved_by),
        "form": form,
        "signatures": signatures_of(signed, standing(signed)),
        "may_approve": may(request, commands.approve_recipe) and row.approved_at is None,
    }
    return render(request, "batches/recipe.html", context, status=422 if form.is_bound else 200)
