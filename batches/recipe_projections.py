"""Events of master batch records to rows. The only writer of that table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from batches import recipe_events as told
from batches.recipe import stream_id
from batches.recipe_edit import applied, nodes
from batches.recipe_models import RecipeLine
from ledger import store
from ledger.event import Recorded
from ledger.projections import projects


@projects(told.RecipeDrafted)
def draft(recorded: Recorded) -> None:
    data = recorded.data
    RecipeLine.objects.create(
        key=stream_id(data.recipe, data.version),
        recipe=data.recipe,
        version=data.version,
        title=data.title,
        product=data.product,
        content_sha256=data.content_sha256,
        author=data.author,
        drafted_at=recorded.recorded_at,
        changed_at=recorded.recorded_at,
        steps=_steps(data.content),
    )


@projects(told.RecipeEdited)
def edit(recorded: Recorded) -> None:
    """Title and product may have changed, so the row reads them from the record as it is now."""
    data = recorded.data
    document = _document(recorded)
    _change(
        data,
        title=document["header"]["title"][:200],
        product=document["header"]["product"][:200],
        content_sha256=data.content_sha256,
        edits=data.edit,
        changed_at=recorded.recorded_at,
        steps=_steps(document),
    )


@projects(told.RecipeDryRun)
def dry_run(recorded: Recorded) -> None:
    data = recorded.data
    _change(data, dry_run_sha256=data.content_sha256, dry_run_walked=data.walked)


@projects(told.RecipeSubmitted)
def submit(recorded: Recorded) -> None:
    by, at = recorded.actor.person, recorded.recorded_at
    _change(recorded.data, stage="submitted", submitted_by=by, submitted_at=at, returned_because="")


@projects(told.RecipeReturned)
def send_back(recorded: Recorded) -> None:
    _change(
        recorded.data,
        stage="draft",
        returned_because=recorded.data.reason,
        submitted_by="",
        submitted_at=None,
        reviewed_by="",
        reviewed_at=None,
    )


@projects(told.RecipeReviewed)
def review(recorded: Recorded) -> None:
    by, at = recorded.actor.person, recorded.recorded_at
    _change(recorded.data, stage="reviewed", reviewed_by=by, reviewed_at=at)


@projects(told.RecipeApproved)
def approve(recorded: Recorded) -> None:
    day = recorded.data.effective_from
    _change(
        recorded.data,
        stage="approved",
        approved_by=recorded.actor.person,
        approved_at=recorded.recorded_at,
        effective_from=datetime.fromisoformat(day) if day else recorded.recorded_at,
    )


@projects(told.RecipeSuperseded)
def supersede(recorded: Recorded) -> None:
    since = datetime.fromisoformat(recorded.data.since)
    _change(recorded.data, superseded_from=since, superseded_by=recorded.data.by_version)


@projects(told.RecipeKept)
def keep(recorded: Recorded) -> None:
    _change(recorded.data, superseded_from=None, superseded_by=None)


@projects(told.RecipeWithdrawn)
def withdraw(recorded: Recorded) -> None:
    _change(
        recorded.data,
        stage="withdrawn",
        withdrawn_by=recorded.actor.person,
        withdrawn_at=recorded.recorded_at,
        withdrawn_because=recorded.data.reason,
    )


def _change(data: Any, **values: Any) -> None:
    RecipeLine.objects.filter(key=stream_id(data.recipe, data.version)).update(**values)


def _document(recorded: Recorded) -> dict[str, Any]:
    """The text after this very edit."""
    document: dict[str, Any] = {}
    for event in store.load("recipe", recorded.stream_id, upto=recorded.version):
        if isinstance(event.data, told.RecipeDrafted):
            document = event.data.content
        elif isinstance(event.data, told.RecipeEdited):
            document = applied(document, event.data.changes)
    return document


def _steps(document: dict[str, Any]) -> int:
    return sum(level == "steps" for level, _path, _node in nodes(document))
