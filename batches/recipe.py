"""A master batch record: written and reviewed, approved, effective, superseded. Pure.

One stream holds one version of one recipe. Its words and limits change while it is a draft; author,
reviewer and approver are three people; a version that was approved never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

from batches import recipe_edit
from batches.recipe_content import Content, Header, Step, UnitProcedure
from batches.recipe_edit import Change, Document
from batches.recipe_events import (
    RecipeApproved,
    RecipeDrafted,
    RecipeDryRun,
    RecipeEdited,
    RecipeKept,
    RecipeReturned,
    RecipeReviewed,
    RecipeSubmitted,
    RecipeSuperseded,
    RecipeWithdrawn,
)
from batches.recipe_json import canonical, from_json, to_json
from ledger.event import Refused
from ledger.event import marked as _


class Stage(StrEnum):
    """How far a version has come. Whether an approved one is effective is a matter of the hour."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


NOTHING: Document = to_json(Content(header=Header(title="", product=""), unit_procedures=[]))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    recipe: str = ""
    version: int = 0
    document: Document = field(default_factory=lambda: NOTHING)
    content_sha256: str = ""
    author: str = ""
    authors: frozenset[str] = frozenset()  # who wrote any part of it
    stage: Stage = Stage.DRAFT
    edits: int = 0
    done: tuple[tuple[int, tuple[Change, ...]], ...] = ()  # edits that can be undone, last last
    reviewer: str = ""
    approved: bool = False
    effective_from: str | None = None
    superseded_from: str | None = None
    superseded_by: int = 0
    dry_run_sha256: str = ""  # the content that the last dry run walked through
    dry_run_walked: int = 0

    @cached_property
    def content(self) -> Content:
        """The whole record, read from its text when it is asked for."""
        return from_json(self.document)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return self.content.steps

    @property
    def title(self) -> str:
        return self.content.header.title

    @property
    def product(self) -> str:
        return self.content.header.product

    @property
    def unit_procedures(self) -> list[UnitProcedure]:
        return self.content.unit_procedures

    @property
    def withdrawn(self) -> bool:
        return self.stage is Stage.WITHDRAWN

    def step(self, number: int) -> Step | None:
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None

    def effective(self, at: datetime) -> bool:
        """Whether a batch may be opened on this version at a moment."""
        begun = self.effective_from is None or datetime.fromisoformat(self.effective_from) <= at
        over = self.superseded_from is not None and (
            datetime.fromisoformat(self.superseded_from) <= at
        )
        return self.stage is Stage.APPROVED and begun and not over


INITIAL = Recipe()


def stream_id(recipe: str, version: int) -> str:
    """Where this version of the recipe is told."""
    return f"{recipe}.{version}"


def evolve(state: Recipe, event: Any) -> Recipe:
    match event:
        case RecipeDrafted():
            return Recipe(
                recipe=event.recipe,
                version=event.version,
                document=event.content,
                content_sha256=event.content_sha256,
                author=event.author,
                authors=frozenset({event.author}),
            )
        case RecipeEdited():
            return _edited(state, event)
        case RecipeDryRun(content_sha256=walked, walked=steps):
            return replace(state, dry_run_sha256=walked, dry_run_walked=steps)
        case RecipeSubmitted():
            return replace(state, stage=Stage.SUBMITTED)
        case RecipeReturned():
            return replace(state, stage=Stage.DRAFT, reviewer="")
        case RecipeReviewed(reviewer=reviewer):
            return replace(state, stage=Stage.REVIEWED, reviewer=reviewer)
        case RecipeApproved(effective_from=day):
            return replace(state, stage=Stage.APPROVED, approved=True, effective_from=day)
        case RecipeSuperseded(by_version=by, since=since):
            return replace(state, superseded_from=since, superseded_by=by)
        case RecipeKept():
            return replace(state, superseded_from=None, superseded_by=0)
        case RecipeWithdrawn():
            return replace(state, stage=Stage.WITHDRAWN)
    raise ValueError(f"A recipe does not know the event {type(event).__name__}.")


def _edited(state: Recipe, event: RecipeEdited) -> Recipe:
    changes = tuple(event.changes)
    done = state.done[:-1] if event.undoes else (*state.done, (event.edit, changes))
    return replace(
        state,
        document=recipe_edit.applied(state.document, event.changes),
        content_sha256=event.content_sha256,
        authors=state.authors | {event.editor},
        edits=event.edit,
        done=done,
    )


def demand_effective(state: Recipe, at: datetime) -> None:
    """A batch is opened on a version that is in force at that moment, and on no other."""
    if not state.effective(at):
        raise Refused(
            _("Version {version} of {recipe} is not effective now. Choose one that is."),
            version=state.version,
            recipe=state.recipe,
            code="recipe_not_approved",
        )


def content_hash(document: Document) -> str:
    return sha256(canonical(document)).hexdigest()


def demand_known(state: Recipe) -> None:
    if not state.recipe:
        raise Refused(_("There is no such version of a master batch record."), code="no_recipe")


def demand_draft(state: Recipe) -> None:
    demand_known(state)
    if state.stage is not Stage.DRAFT:
        raise Refused(
            _("Version {version} of {recipe} is no draft any more: it is {stage}."),
            version=state.version,
            recipe=state.recipe,
            stage=state.stage.value,
            code="stage",
        )


def demand_other(state: Recipe, person: str) -> None:
    if person in state.authors:
        raise Refused(
            _("You wrote on this recipe, so somebody else has to decide on it."),
            code="same_person",
        )


def demand_seen(state: Recipe, seen: str) -> None:
    """A signature is over what its page showed."""
    if seen and seen != state.content_sha256:
        raise Refused(
            _("The record changed after this page was made. Read it anew, then sign."),
            code="changed",
        )
