"""Reads of master batch records: versions, who signed what, what an edit changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q, QuerySet

from batches import recipe_events as told
from batches.recipe import stream_id
from batches.recipe_models import RecipeLine
from ledger import store
from ledger.event import Recorded
from ledger.superseding import supersedes
from personnel.queries import printed_names
from personnel.signing_standing import Signature, standing

SIGNED = (
    told.RecipeDrafted,
    told.RecipeSubmitted,
    told.RecipeReviewed,
    told.RecipeApproved,
    told.RecipeWithdrawn,
)


def effective(at: datetime) -> QuerySet[RecipeLine]:
    """The versions on which a batch may be opened at a moment."""
    return RecipeLine.objects.filter(
        Q(superseded_from=None) | Q(superseded_from__gt=at),
        stage="approved",
        effective_from__lte=at,
    ).order_by("recipe", "-version")


def products(at: datetime) -> list[str]:
    """What can be made at a moment, in the words of its master batch record."""
    return sorted(set(effective(at).values_list("product", flat=True)))


def hold(recipe: str, version: int) -> None:
    """Keep a version as it stands to the commit of what is decided on it."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        rows = RecipeLine.objects.filter(key=stream_id(recipe, version))
        statement, values = rows.query.sql_with_params()
        list(RecipeLine.objects.raw(f"{statement} FOR SHARE", values))


def newest(recipe: str) -> int:
    """The highest version of a recipe, 0 where there is none."""
    found = RecipeLine.objects.filter(recipe=recipe).aggregate(Max("version"))["version__max"]
    return found or 0


def before(recipe: str, version: int) -> int:
    """The version before this one, 0 where it is the first."""
    rows = RecipeLine.objects.filter(recipe=recipe, version__lt=version)
    return rows.aggregate(Max("version"))["version__max"] or 0


def versions(recipe: str) -> list[RecipeLine]:
    return list(RecipeLine.objects.filter(recipe=recipe).order_by("-version"))


def others_approved(recipe: str, version: int) -> list[int]:
    """The other versions that are approved, in ascending order."""
    rows = RecipeLine.objects.filter(recipe=recipe, stage="approved").exclude(version=version)
    return sorted(rows.values_list("version", flat=True))


def signatures(recipe: str, version: int) -> list[Signature]:
    """Every signature over this version, in the order of signing."""
    events = store.load("recipe", stream_id(recipe, version))
    signed = [event.id for event in events if isinstance(event.data, SIGNED)]
    found = standing(signed)
    return [one for event in signed for one in found.get(event, ())]


def edits(recipe: str, version: int) -> list[dict[str, Any]]:
    """What was changed, the last first: who, when, each place with old and new."""
    events = store.load("recipe", stream_id(recipe, version))
    made = [event for event in events if isinstance(event.data, told.RecipeEdited)]
    names = printed_names({event.actor.person for event in made})
    return [
        {
            "at": event.recorded_at,
            "who": names.get(event.actor.person, event.actor.person),
            "event": event.id,
            "data": event.data,
        }
        for event in reversed(made)
    ]


def edits_since(recipe: str, version: int, seen: str) -> list[dict[str, Any]]:
    """The edits after the record had this hash: what an author did not see."""
    made = []
    for one in edits(recipe, version):
        if one["data"].content_sha256 == seen:
            break
        made.append(one)
    return made


def all_versions() -> list[RecipeLine]:
    return list(RecipeLine.objects.order_by("recipe", "-version"))


@supersedes(told.RecipeEdited)
def edited_over(event: Recorded, before: Sequence[Recorded]) -> list[UUID]:
    """An edit changes what author and reviewer signed before it."""
    return [earlier.id for earlier in before if isinstance(earlier.data, SIGNED)]
