"""Writing a master batch record: drafted, edited node by node, undone, walked through. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from batches import recipe_edit
from batches.recipe import Recipe, content_hash, demand_draft, demand_known
from batches.recipe_content import Content
from batches.recipe_edit import Change, Document
from batches.recipe_events import RecipeDrafted, RecipeDryRun, RecipeEdited
from batches.recipe_json import from_json, to_json
from ledger.event import Refused
from ledger.event import marked as _

_NUMBER = re.compile(r"[A-Z][A-Z0-9-]{1,19}")


def draft(
    state: Recipe,
    *,
    recipe: str,
    version: int,
    content: Content,
    author: str,
) -> list[RecipeDrafted]:
    """Begin a version. It may be incomplete: what is wrong with it stops its submission."""
    if state.recipe:
        raise Refused(
            _("Version {version} of {recipe} is written already. Draft the next version."),
            version=version,
            recipe=recipe,
            code="already_drafted",
        )
    if not _NUMBER.fullmatch(recipe) or version < 1:
        raise Refused(
            _("Number the recipe in capital letters, digits and hyphens, as MBR-019."),
            code="recipe_number",
        )
    header = content.header
    if not header.title.strip() or not header.product.strip():
        raise Refused(_("Give the recipe a title and a product."), code="missing")
    document = recipe_edit.numbered(recipe_edit.keyed(to_json(content)))
    return [
        RecipeDrafted(
            recipe=recipe,
            version=version,
            title=header.title,
            product=header.product,
            content=document,
            content_sha256=content_hash(document),
            author=author,
        )
    ]


def edit(state: Recipe, *, edits: Sequence[Change], seen: str, editor: str) -> list[RecipeEdited]:
    """Change nodes of a draft. `seen`: the hash of the content that the editor had before them."""
    demand_draft(state)
    if seen != state.content_sha256:
        raise Refused(
            _(
                "Somebody else changed this record meanwhile. What you typed is still here: look at"
                " what changed, then save again."
            ),
            code="changed",
        )
    document, changes = state.document, []
    for asked in edits:
        document, made = _carry_out(document, asked)
        changes += made
    if not changes:
        raise Refused(_("Nothing was changed."), code="nothing")
    return [_told(state, changes, document, editor=editor, undoes=None)]


def undo(state: Recipe, *, seen: str, editor: str) -> list[RecipeEdited]:
    """Take the last edit back, by an edit of its own. Asked again, the one before it."""
    demand_draft(state)
    if not state.done:
        raise Refused(_("There is nothing to undo."), code="nothing")
    if seen != state.content_sha256:
        raise Refused(
            _("Somebody else changed this record meanwhile. Look at it, then undo."), code="changed"
        )
    number, changes = state.done[-1]
    backwards = recipe_edit.reverse(list(changes))
    document = recipe_edit.applied(state.document, backwards)
    return [_told(state, backwards, document, editor=editor, undoes=number)]


def _carry_out(document: Document, asked: Change) -> tuple[Document, list[Change]]:
    """One edit as asked, and the changes that tell it, old and new."""
    at, op = asked["at"], asked["op"]
    words = recipe_edit.place(document, at)
    if op == recipe_edit.SET:
        target = recipe_edit.node_at(document, at)
        merged = {**target, **asked["values"]}
        kept = {name: value for name, value in merged.items() if value is not None}
        wanted = recipe_edit.apply(document, {"op": op, "at": at, "new": kept}) if at else kept
        normal = _normal(wanted)
        changes = recipe_edit.differences(target, recipe_edit.node_at(normal, at), at)
    elif op == recipe_edit.ADD:
        recipe_edit.node_at(document, at.rpartition("/")[0].rpartition("/")[0])
        normal = _normal(recipe_edit.apply(document, {"op": op, "at": at, "new": asked["new"]}))
        changes = [{"op": op, "at": at, "new": recipe_edit.node_at(normal, at)}]
        words = recipe_edit.place(normal, at)
    elif op == recipe_edit.REMOVE:
        changes = [{"op": op, "at": at, "old": recipe_edit.node_at(document, at)}]
    elif op == recipe_edit.MOVE:
        recipe_edit.node_at(document, at)
        changes = [{"op": op, "at": at, "to": asked["to"]}] if asked["to"] != at else []
    else:
        raise Refused(_("This is no edit that is known here."), code="edit")
    told = [
        change | {"place": words if op != recipe_edit.SET else _place(document, change)}
        for change in changes
    ]
    after = recipe_edit.applied(document, told)
    return _normal(after), told


def _place(document: Document, change: Change) -> str:
    return recipe_edit.place(document, change["at"])


def _normal(document: Document) -> Document:
    """The one text of this record: what equals its default is left out."""
    return to_json(from_json(recipe_edit.numbered(document)))


def _told(
    state: Recipe, changes: list[Change], document: Document, *, editor: str, undoes: int | None
) -> RecipeEdited:
    if recipe_edit.applied(state.document, changes) != document:
        raise ValueError("An edit does not lead to the record that it was made from.")
    return RecipeEdited(
        recipe=state.recipe,
        version=state.version,
        edit=state.edits + 1,
        what=_summary(changes, undoes),
        changes=changes,
        undoes=undoes,
        content_sha256=content_hash(document),
        editor=editor,
    )


def _summary(changes: list[Change], undoes: int | None) -> str:
    """What was done, for the trail: the first place, and how many more there are."""
    verbs = {"set": "changed", "add": "added", "remove": "removed", "move": "moved"}
    first = f"{changes[0]['place']} {verbs[changes[0]['op']]}"[:160]
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return (f"edit {undoes} undone, " if undoes else "") + first + more


def _notes(count: int) -> str:
    """How many notes, as the trail tells it."""
    return {0: "nothing", 1: "1 note"}.get(count, f"{count} notes")


def dry_run(
    state: Recipe, *, walked: Sequence[int], notes: Mapping[str, str], person: str
) -> list[RecipeDryRun]:
    """Keep that somebody walked through the record as an operator would, and what they found.

    `notes`: what was noted, by the number of the step.
    """
    demand_known(state)
    if state.approved or state.withdrawn:
        raise Refused(_("A dry run comes before the approval."), code="stage")
    steps = {step for step in walked if state.step(step) is not None}
    if not steps:
        raise Refused(_("Walk through one step at least."), code="nothing")
    numbers = {str(step.number): step.number for step in state.steps}
    if stray := sorted(set(notes) - set(numbers)):
        raise Refused(
            _("There is no step {step} in this version. Put the note to one of its steps."),
            step=stray[0][:20],
            code="no_step",
        )
    noted = sorted((numbers[step], note.strip()) for step, note in notes.items())
    kept = [{"step": step, "note": note} for step, note in noted if note]
    return [
        RecipeDryRun(
            recipe=state.recipe,
            version=state.version,
            content_sha256=state.content_sha256,
            walked=len(steps),
            steps=len(state.steps),
            found=_notes(len(kept)),
            notes=kept,
            person=person,
        )
    ]
