"""Pages of master batch records: the list, one version and its way to the floor."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from batches import (
    queries,
    recipe_commands,
    recipe_pictures,
    recipe_queries,
    recipe_source_queries,
)
from batches.recipe import Recipe, Stage
from batches.recipe_check import findings
from batches.recipe_finding import ERROR
from batches.recipe_forms import ApproveForm, NewForm, ReturnForm, RouteForm, WithdrawForm
from batches.recipe_models import RecipeLine
from batches.step_views import SECRETS
from batches.views import may, status
from ledger import asking, clock
from ledger.body import BodyRefused
from ledger.event import Refused, marked
from personnel.queries import printed_names
from personnel.session import actor_of
from personnel.signing import credentials

LARGEST_FILE = 2_000_000  # bytes, without the pictures in it
TOO_LARGE = marked("The file is too large for a master batch record.")
NO_RECORD = marked("The file is no master batch record. Choose one that was exported here.")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    context = {
        "recipes": [(row, row.standing(now)) for row in queries.recipe_lines()],
        "may_draft": may(request, recipe_commands.draft_recipe),
    }
    return render(request, "batches/recipes.html", context)


@require_safe
def versions(request: HttpRequest, number: str) -> HttpResponse:
    """Every version of one record: its standing, its day, who signed what."""
    rows = recipe_queries.versions(number)
    if not rows:
        raise Http404
    now = clock.now()
    told = [
        {
            "row": row,
            "standing": row.standing(now),
            "before": rows[index + 1] if index + 1 < len(rows) else None,
            "signatures": recipe_queries.signatures(number, row.version),
        }
        for index, row in enumerate(rows)
    ]
    return render(request, "batches/recipe_versions.html", {"number": number, "versions": told})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a record: an empty one, a shipped one, a file, or the next version of another."""
    sources = recipe_source_queries.choices()
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    asked = {"source": request.GET.get("source", ""), "recipe": request.GET.get("recipe", "")}
    form = NewForm(*sent, sources=sources, initial=asked)
    if form.is_valid():
        typed = form.cleaned_data
        content, pictures, fault = _content(typed)
        number = typed["recipe"].strip() or recipe_source_queries.number_of(typed["source"])
        version = recipe_queries.newest(number) + 1
        draft = {"recipe": number, "version": version, "content": content}
        if fault:
            form.add_error("file" if typed["file"] else "source", fault)
        elif _drafted(request, form, draft, pictures):
            messages.success(request, _("The draft is begun."))
            return redirect("batches:recipe", number, version)
    context = {"form": form, "may": may(request, recipe_commands.draft_recipe)}
    return render(request, "batches/recipe_new.html", context, status=status(form))


def _drafted(
    request: HttpRequest, form: NewForm, draft: dict[str, Any], pictures: list[bytes]
) -> bool:
    try:
        with recipe_pictures.beside(pictures):
            return form.ask(request, recipe_commands.draft_recipe, **draft)
    except BodyRefused:  # a number or a depth that no exported record has
        form.add_error("file", _(NO_RECORD))
    return False


def _content(typed: dict[str, Any]) -> tuple[dict[str, Any], list[bytes], str]:
    """What the draft begins with and its pictures, or why it cannot."""
    if not typed["file"]:
        begun, fault = recipe_source_queries.begin(
            typed["source"], typed["title"], typed["product"]
        )
        return begun, [], fault
    try:
        return *_imported(typed["file"]), ""
    except Refused as refused:
        return {}, [], asking.told(refused)


def _imported(file: Any) -> tuple[dict[str, Any], list[bytes]]:
    """The record and the pictures in an exported file. Raises Refused."""
    if file.size > LARGEST_FILE + recipe_pictures.LARGEST_PACKED:
        raise Refused(TOO_LARGE, code="too_large")
    try:
        content = json.loads(file.read().decode())
    except (ValueError, RecursionError):
        raise Refused(
            marked("The file is no JSON. Choose one that was exported here."), code="no_json"
        ) from None
    if not isinstance(content, dict):
        raise Refused(NO_RECORD, code="not_a_recipe")
    content.pop("$schema", None)
    pictures = recipe_pictures.unpacked(content.pop(recipe_pictures.FILES, {}))
    if file.size > LARGEST_FILE and _length(content) > LARGEST_FILE:
        raise Refused(TOO_LARGE, code="too_large")
    return content, pictures


def _length(content: dict[str, Any]) -> int:
    """In bytes; half a character, which the command refuses, is counted like any."""
    return len(json.dumps(content, ensure_ascii=False).encode(errors="surrogatepass"))


@require_safe
def recipe(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """One version with every word and limit; whose turn it is decides here."""
    return _page(request, number, version)


@sensitive_post_parameters(*SECRETS)
@require_POST
def submit(request: HttpRequest, number: str, version: int) -> HttpResponse:
    said = _("The record is submitted: somebody else reviews it now.")
    return _sign(request, number, version, recipe_commands.submit_recipe, said)


@sensitive_post_parameters(*SECRETS)
@require_POST
def review(request: HttpRequest, number: str, version: int) -> HttpResponse:
    said = _("The record is reviewed: quality assurance approves it now.")
    return _sign(request, number, version, recipe_commands.review_recipe, said)


@sensitive_post_parameters(*SECRETS)
@require_POST
def approve(request: HttpRequest, number: str, version: int) -> HttpResponse:
    form = ApproveForm(request.POST)
    if form.is_valid():
        asked = {"recipe": number, "version": version, "signature": credentials(request)}
        seen, day = form.cleaned_data["seen"], form.cleaned_data["effective_from"]
        asked |= {"seen": seen, "effective_from": day}
        if form.ask(request, recipe_commands.approve_recipe, **asked):
            messages.success(request, _("The record is approved."))
            return redirect("batches:recipe", number, version)
    return _page(request, number, version, form=form)


@require_POST
def send_back(request: HttpRequest, number: str, version: int) -> HttpResponse:
    form = ReturnForm(request.POST)
    if form.is_valid():
        asked = {"recipe": number, "version": version, "reason": form.cleaned_data["reason"]}
        if form.ask(request, recipe_commands.return_recipe, **asked):
            messages.success(request, _("The record goes back to its author."))
            return redirect("batches:recipe", number, version)
    return _page(request, number, version, returning=form)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """End a version; batches that run keep it."""
    row, _state = found(number, version)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        asked = {"recipe": number, "version": version, "reason": form.cleaned_data["reason"]}
        if form.ask(
            request, recipe_commands.withdraw_recipe, **asked, signature=credentials(request)
        ):
            messages.success(request, _("The version is withdrawn."))
            return redirect("batches:recipe", number, version)
    context = {
        "form": form,
        "row": row,
        "may": may(request, recipe_commands.withdraw_recipe) and row.stage != Stage.WITHDRAWN,
    }
    return render(request, "batches/recipe_withdraw.html", context, status=status(form))


def found(number: str, version: int) -> tuple[RecipeLine, Recipe]:
    """The version's row and its content, or no such page."""
    row = queries.recipe_line(number, version)
    if row is None:
        raise Http404
    return row, queries.recipe_state(number, version)


def _sign(request: HttpRequest, number: str, version: int, ask: Any, said: str) -> HttpResponse:
    form = RouteForm(request.POST)
    if form.is_valid():
        asked = {"recipe": number, "version": version, "seen": form.cleaned_data["seen"]}
        if form.ask(request, ask, **asked, signature=credentials(request)):
            messages.success(request, said)
            return redirect("batches:recipe", number, version)
    return _page(request, number, version, form=form)


def _page(
    request: HttpRequest,
    number: str,
    version: int,
    *,
    form: RouteForm | None = None,
    returning: ReturnForm | None = None,
) -> HttpResponse:
    row, state = found(number, version)
    person, role = actor_of(request).person, actor_of(request).role
    turn = _turn(state, person, role)
    shown = form or (ApproveForm if turn == "approve" else RouteForm)()
    shown.initial["seen"] = row.content_sha256
    if form is not None and form.is_bound:
        form.renew(seen=row.content_sha256)
    told = findings(state.content, formulas=False) if state.stage is Stage.DRAFT else []
    people = {row.author, row.submitted_by, row.reviewed_by, row.approved_by, row.withdrawn_by}
    context = {
        "row": row,
        "recipe": state,
        "content": state.content,
        "parts": state.unit_procedures,
        "standing": row.standing(clock.now()),
        "names": printed_names(people - {""}),
        "turn": turn,
        "own": person in state.authors,
        "form": shown,
        "return_form": returning or ReturnForm(),
        "findings": told,
        "errors": sum(one.severity == ERROR for one in told),
        "signatures": recipe_queries.signatures(number, version),
        "newest": recipe_queries.newest(number) == version,
        "earlier": recipe_queries.before(number, version),
        "may_draft": may(request, recipe_commands.draft_recipe),
        "may_edit": may(request, recipe_commands.edit_recipe) and state.stage is Stage.DRAFT,
        "may_withdraw": may(request, recipe_commands.withdraw_recipe) and not state.withdrawn,
        "dry_run_stands": row.dry_run_sha256 == row.content_sha256,
    }
    bound = any(one is not None and one.is_bound for one in (form, returning))
    return render(request, "batches/recipe.html", context, status=422 if bound else 200)


def _turn(state: Recipe, person: str, role: str) -> str:
    """What this person may do on the route now: submit, review, approve, or nothing."""
    other = person not in state.authors
    if state.stage is Stage.DRAFT and not other and role == "process_engineer":
        return "submit"
    if state.stage is Stage.SUBMITTED and other and role in recipe_commands.REVIEWERS:
        return "review"
    approves = state.stage is Stage.REVIEWED and role == "qa_reviewer"
    return "approve" if approves and other and person != state.reviewer else ""
