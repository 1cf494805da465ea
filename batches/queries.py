"""Reads of recipes and batches, for pages and commands."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Q, QuerySet

from batches import recipe as recipes
from batches import record as records
from batches.models import BatchLine, ExceptionLine, RecipeLine
from batches.recipe import Recipe
from batches.record import Batch
from ledger import folding
from personnel import queries as people


def recipe_state(recipe: str, version: int) -> Recipe:
    """A version of a recipe, from its own events."""
    name = recipes.stream_id(recipe, version)
    state, _version = folding.state_of("recipe", name, recipes.INITIAL, recipes.evolve)
    return state


def recipe_of(batch: Batch) -> Recipe:
    """The very version that a batch was opened on, word for word: its hash says so."""
    return _approved(batch.recipe, batch.version, batch.content_sha256)


@lru_cache(maxsize=64)
def _approved(recipe: str, version: int, content_sha256: str) -> Recipe:
    """An approved version never changes, so a process reads it once."""
    found = recipe_state(recipe, version)
    if not found.approved or found.content_sha256 != content_sha256:
        raise LookupError(f"{recipe}, version {version}, is not what the batch was opened on.")
    return found


def batch_state(batch: str, *, upto: int | None = None) -> Batch:
    """A batch, or what it was at one of its versions, from its own events."""
    state, _version = folding.state_of("batch", batch, records.INITIAL, records.evolve, upto=upto)
    return state


def batches(*, words: str = "", state: str = "") -> QuerySet[BatchLine]:
    """The batches, the ones at work first, the latest first."""
    rows = BatchLine.objects.order_by("-opened_at", "batch")
    for word in words.split():
        rows = rows.filter(
            Q(batch__icontains=word)
            | Q(product__icontains=word)
            | Q(recipe__icontains=word)
            | Q(subject__icontains=word)
        )
    if state in ("open", "completed"):
        rows = rows.filter(completed_at__isnull=state == "open")
    return rows


def batch(number: str) -> BatchLine | None:
    return BatchLine.objects.filter(batch=number).first()


def recipe_lines() -> QuerySet[RecipeLine]:
    return RecipeLine.objects.order_by("recipe", "-version")


def recipe_line(recipe: str, version: int) -> RecipeLine | None:
    return RecipeLine.objects.filter(key=recipes.stream_id(recipe, version)).first()


def exceptions(*, batch: str = "", waiting: bool = False) -> QuerySet[ExceptionLine]:
    """Departures, the gravest kind first, then as they happened."""
    rows = ExceptionLine.objects.order_by("severity", "raised_at", "batch", "number")
    if batch:
        rows = rows.filter(batch=batch)
    return rows.filter(assessed_at__isnull=True) if waiting else rows


def performers(role: str) -> list[tuple[str, str]]:
    """Who holds a role now, with the name to choose them by."""
    held = set(people.current().filter(role=role).values_list("person", flat=True))
    names = people.printed_names(held)
    return sorted(((one, names.get(one, one)) for one in held), key=lambda pair: pair[1])
