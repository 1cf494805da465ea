"""The editor of a draft: outline, the form of one node, what the check says, the card to come."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from batches import recipe_card, recipe_commands, recipe_nodes, recipe_pictures, recipe_queries
from batches.limits import ParameterKind
from batches.recipe import Recipe, Stage
from batches.recipe_blockers import ABSOLUTE
from batches.recipe_blocks import blocks
from batches.recipe_check import findings
from batches.recipe_content import Content, Step
from batches.recipe_edit import LISTS, apply, node_at, nodes, numbered
from batches.recipe_editor_forms import NodeForm
from batches.recipe_finding import ERROR, Finding
from batches.recipe_forms import RouteForm
from batches.recipe_json import from_json
from batches.recipe_models import RecipeLine
from batches.recipe_views import found
from batches.views import may
from ledger import asking
from ledger.event import Refused

BELOW = {"header": "unit_procedures", "unit_procedures": "operations", "operations": "phases",
         "phases": "steps", "steps": "steps"}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """Look at one node and change it. What was typed stays through every no."""
    row, state = found(number, version)
    ref = _asked(request, state)
    if request.method != "POST":
        return _page(request, row, state, _form(state, ref))
    form = _form(state, ref, request.POST, request.FILES)
    if form.is_valid():
        then = request.POST.get("then", "")
        if then == "parameter":
            then = f"parameter:{request.POST.get('new_kind', 'number')}"
        if _saved(request, form, row, then):
            messages.success(request, _("Saved."))
            return redirect(_address(row, _now(row, ref, form)))
    return _page(request, row, state, form)


@require_POST
def act(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """Move, add, copy, remove a node, or undo the last edit."""
    row, state = found(number, version)
    ref = _asked(request, state)
    form = RouteForm(request.POST)
    if form.is_valid():
        try:
            goes_to, edits = _edits(request, state, ref)
        except Refused as refused:
            form.add_error(None, asking.told(refused))
        else:
            done = (
                _undo(request, form, row)
                if edits is None
                else _ask(request, form, row, edits=edits)
            )
            if done:
                messages.success(request, _("Done. Undo takes it back."))
                return redirect(_address(row, goes_to))
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, str(error))
    return redirect(_address(row, ref))


@require_POST
def attempt(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """What is typed, not saved: the card as the operator will see it, and what the check says."""
    row, state = found(number, version)
    ref = _asked(request, state)
    form = _form(state, ref, request.POST)
    content: Content = state.content
    step: Step | None = None
    told: list[Finding] = []
    wrong = ""
    if form.is_valid():
        try:
            content, step, told = _tried(state, form)
        except Refused as refused:
            wrong = asking.told(refused)
    context = {
        "findings": told,
        "wrong": wrong,
        "form": form,
        "row": row,
        **(recipe_card.shown(step, content) if step else {}),
    }
    return render(request, "batches/recipe_attempt.html", context)


@require_safe
def library(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """Building blocks, and every part of another record, to take over as a copy."""
    row, state = found(number, version)
    source = request.GET.get("source", "")
    branches: list[recipe_nodes.Branch] = []
    if source:
        recipe, _dot, its_version = source.rpartition(".")
        _row, other = found(recipe, int(its_version) if its_version.isdigit() else 0)
        branches = recipe_nodes.outline(other.document, "")
    context = {
        "row": row,
        "ref": _asked(request, state),
        "seen": state.content_sha256,
        "form": RouteForm(auto_id=False),
        "blocks": blocks(),
        "source": source,
        "sources": [
            (one.key, f"{one.recipe} v{one.version} · {one.title}")
            for one in recipe_queries.all_versions()
        ],
        "branches": branches,
    }
    return render(request, "batches/recipe_library.html", context)


def _asked(request: HttpRequest, state: Recipe) -> str:
    """The node that is asked for; where it is gone, the header."""
    asked = request.POST.get("node", "") or request.GET.get("node", "")
    if not asked and request.GET.get("at"):
        asked = recipe_nodes.reference_at(state.document, request.GET["at"])
    try:
        recipe_nodes.path_of(state.document, asked or "header")
    except Refused:
        return "header"
    return asked or "header"


def _form(state: Recipe, ref: str, *sent: Any) -> NodeForm:
    return NodeForm(state.document, ref, *sent, initial={"seen": state.content_sha256})


def _saved(request: HttpRequest, form: NodeForm, row: RecipeLine, then: str) -> bool:
    """Ask for the edit, with the picture that was chosen along with it."""
    sent = form.cleaned_data.get("picture")
    if sent is None:
        return _ask(request, form, row, edits=form.edits(then))
    try:
        picture = recipe_pictures.made_safe(sent.read(recipe_pictures.LARGEST_SENT + 1))
    except Refused as refused:
        form.add_error("picture", asking.told(refused))
        return False
    with recipe_pictures.beside([picture]):
        edits = form.edits(then, recipe_pictures.name_of(picture))
        return _ask(request, form, row, edits=edits)


def _ask(request: HttpRequest, form: Any, row: RecipeLine, **asked: Any) -> bool:
    seen = form.cleaned_data["seen"]
    done: bool = form.ask(
        request,
        recipe_commands.edit_recipe,
        recipe=row.recipe,
        version=row.version,
        seen=seen,
        **asked,
    )
    return done


def _undo(request: HttpRequest, form: RouteForm, row: RecipeLine) -> bool:
    seen = form.cleaned_data["seen"]
    asked = {"recipe": row.recipe, "version": row.version, "seen": seen}
    return form.ask(request, recipe_commands.undo_recipe_edit, **asked)


def _edits(
    request: HttpRequest, state: Recipe, ref: str
) -> tuple[str, list[dict[str, Any]] | None]:
    """Where the page goes on, and what is to be done; none: undo."""
    document, asked = state.document, request.POST.get("act", "")
    to = request.POST.get("to", "")
    if asked == "undo":
        return ref, None
    if asked in ("up", "down"):
        return ref, [recipe_nodes.shift(document, ref, -1 if asked == "up" else 1)]
    if asked == "move":
        after = request.POST.get("place") == "after"
        return ref, [recipe_nodes.move(document, ref, to=to, after=after)]
    if asked == "remove":
        path = recipe_nodes.path_of(document, ref)
        return "header", [{"op": "remove", "at": path}]
    if asked == "add" and to in recipe_nodes.EMPTY:
        change = recipe_nodes.add(document, ref, to)
        return f"{to}:{change['new']['key']}", [change]
    if asked in ("copy", "block"):
        level, node, lines = _copied(state, ref, asked, request)
        changes = recipe_nodes.copied(document, ref, level, node, lines)
        return f"{level}:{changes[-1]['new']['key']}", changes
    raise Http404


def _copied(
    state: Recipe, ref: str, asked: str, request: HttpRequest
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The node that is copied, its level, and the lists of the record that it comes from."""
    if asked == "block":
        block = next((one for one in blocks() if one.key == request.POST.get("to")), None)
        if block is None:
            raise Http404
        return block.level, block.node, block.lines
    source, of = request.POST.get("source", ""), state
    if source:
        recipe, _dot, version = source.rpartition(".")
        _row, of = found(recipe, int(version) if version.isdigit() else 0)
    wanted = request.POST.get("to", "") or ref
    path = recipe_nodes.path_of(of.document, wanted)
    return wanted.partition(":")[0], node_at(of.document, path), of.document


def _now(row: RecipeLine, ref: str, form: NodeForm) -> str:
    """The node's reference after the edit: its key may have been typed anew."""
    key = form.cleaned_data.get("key") if form.level == "steps" else ""
    return f"steps:{key}" if key else ref


def _address(row: RecipeLine, ref: str) -> str:
    address = reverse("batches:edit_recipe", args=[row.recipe, row.version])
    return f"{address}?{urlencode({'node': ref})}"


def _tried(state: Recipe, form: NodeForm) -> tuple[Content, Step | None, list[Finding]]:
    """The record as typed, its step, and what the check says about it, or about the list."""
    edited = state.document
    for one in form.edits():
        target = node_at(edited, one["at"])
        merged = {**target, **one["values"]}
        kept = {name: value for name, value in merged.items() if value is not None}
        edited = apply(edited, {"op": "set", "at": one["at"], "new": kept}) if one["at"] else kept
    edited = numbered(edited)
    content = from_json(edited)
    wanted = form.at or form.level
    told = [one for one in findings(content) if one.at.startswith(wanted)]
    if form.level != "steps":
        return content, None, told
    return content, content.steps[node_at(edited, form.at)["number"] - 1], told


def _page(request: HttpRequest, row: RecipeLine, state: Recipe, form: NodeForm) -> HttpResponse:
    """Outline left, form right. After a no the hash is the record's now: the next press counts."""
    changed = []
    if form.is_bound:
        seen = str(form.data.get("seen", ""))
        if seen != state.content_sha256:
            changed = recipe_queries.edits_since(row.recipe, row.version, seen)
        form.renew(seen=state.content_sha256)
    told = findings(state.content, formulas=False)
    content = state.content
    step = None
    if form.level == "steps":
        step = content.steps[form.node["number"] - 1]
    context = {
        "row": row,
        "form": form,
        "ref": form.ref,
        "level": form.level,
        "step": step,
        **(recipe_card.shown(step, content) if step else {}),
        "branches": recipe_nodes.outline(state.document, form.ref),
        "lists": LISTS,
        "below": BELOW.get(form.level, "steps"),
        "kinds": [one.value for one in ParameterKind],
        "absolute": ABSOLUTE,
        "draft": state.stage is Stage.DRAFT,
        "may_edit": may(request, recipe_commands.edit_recipe),
        "can_undo": bool(state.done),
        "undoes": state.done[-1][0] if state.done else 0,
        "changed": changed,
        "findings": told,
        "here": [one for one in told if form.at and one.at.startswith(form.at)],
        "errors": sum(one.severity == ERROR for one in told),
        "act_form": RouteForm(auto_id=False, initial={"seen": state.content_sha256}),
        "edit": reverse("batches:edit_recipe", args=[row.recipe, row.version]),
        "counts": {name: len(state.document.get(name, ())) for name in LISTS},
        "steps": sum(level == "steps" for level, _path, _node in nodes(state.document)),
    }
    return render(
        request, "batches/recipe_editor.html", context, status=422 if form.is_bound else 200
    )
