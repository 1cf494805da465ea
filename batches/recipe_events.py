"""What happens to one version of a master batch record, from its first draft to its end. Pure."""

from __future__ import annotations

from typing import Any

from ledger.event import event_type, upcasts


@event_type(
    "batches.recipe_drafted",
    2,
    sentence="Version {version} of the master batch record {recipe} ({title}) was drafted.",
    owner="batches",
    retention="batch",
)
class RecipeDrafted:
    recipe: str
    version: int
    title: str
    product: str
    content: dict[str, Any]
    content_sha256: str
    author: str


@upcasts("batches.recipe_drafted", 1)
def with_content(data: dict[str, Any]) -> dict[str, Any]:
    """What had unit procedures of steps has one operation and one phase in each of them."""
    parts = [
        {
            "title": part["title"],
            "operations": [
                {
                    "title": part["title"],
                    "phases": [{"title": part["title"], "steps": part["steps"]}],
                }
            ],
        }
        for part in data["unit_procedures"]
    ]
    header = {"title": data["title"], "product": data["product"]}
    kept = {key: value for key, value in data.items() if key != "unit_procedures"}
    return {**kept, "content": {"header": header, "unit_procedures": parts}}


@event_type(
    "batches.recipe_edited",
    1,
    sentence="Edit {edit} of {recipe}, version {version}: {what}.",
    owner="batches",
    retention="batch",
)
class RecipeEdited:
    """`changes` are applied one after the other; steps are numbered anew after them."""

    recipe: str
    version: int
    edit: int
    what: str
    changes: list[dict[str, Any]]
    undoes: int | None
    content_sha256: str
    editor: str


@event_type(
    "batches.recipe_dry_run",
    1,
    sentence="Version {version} of {recipe} was walked through as a dry run, {walked} of {steps}"
    " steps. Found: {found}.",
    owner="batches",
    retention="batch",
)
class RecipeDryRun:
    """A walk through the draft, card by card. It made no batch."""

    recipe: str
    version: int
    content_sha256: str
    walked: int
    steps: int
    found: str
    notes: list[dict[str, Any]]  # step number and what was noted at it
    person: str


@event_type(
    "batches.recipe_submitted",
    1,
    sentence="Version {version} of {recipe} was submitted for review.",
    owner="batches",
    retention="batch",
)
class RecipeSubmitted:
    recipe: str
    version: int
    content_sha256: str
    author: str


@event_type(
    "batches.recipe_returned",
    1,
    sentence="Version {version} of {recipe} was returned to its author: {reason}.",
    owner="batches",
    retention="batch",
)
class RecipeReturned:
    recipe: str
    version: int
    content_sha256: str
    reason: str


@event_type(
    "batches.recipe_reviewed",
    1,
    sentence="Version {version} of {recipe} was reviewed and goes to quality assurance.",
    owner="batches",
    retention="batch",
)
class RecipeReviewed:
    recipe: str
    version: int
    content_sha256: str
    reviewer: str


@event_type(
    "batches.recipe_approved",
    2,
    sentence="Version {version} of the master batch record {recipe} was approved for use.",
    owner="batches",
    retention="batch",
)
class RecipeApproved:
    """`effective_from`: none is told of one approved before there was a date: at once."""

    recipe: str
    version: int
    content_sha256: str
    effective_from: str | None


@upcasts("batches.recipe_approved", 1)
def without_a_date(data: dict[str, Any]) -> dict[str, Any]:
    """The date was not asked for."""
    return {**data, "effective_from": None}


@event_type(
    "batches.recipe_superseded",
    1,
    sentence="Version {version} of {recipe} gives way to version {by_version} from {since} on.",
    owner="batches",
    retention="batch",
)
class RecipeSuperseded:
    recipe: str
    version: int
    by_version: int
    since: str


@event_type(
    "batches.recipe_kept",
    1,
    sentence="Version {version} of {recipe} stays effective: version {for_version} was withdrawn"
    " before its day.",
    owner="batches",
    retention="batch",
)
class RecipeKept:
    recipe: str
    version: int
    for_version: int


@event_type(
    "batches.recipe_withdrawn",
    1,
    sentence="Version {version} of {recipe} was withdrawn: {reason}.",
    owner="batches",
    retention="batch",
)
class RecipeWithdrawn:
    recipe: str
    version: int
    content_sha256: str
    reason: str
