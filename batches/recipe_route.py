"""The way of a master batch record to the floor: author, reviewer, quality, its day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from batches.recipe import Recipe, Stage, demand_draft, demand_known, demand_other, demand_seen
from batches.recipe_check import errors
from batches.recipe_events import (
    RecipeApproved,
    RecipeKept,
    RecipeReturned,
    RecipeReviewed,
    RecipeSubmitted,
    RecipeSuperseded,
    RecipeWithdrawn,
)
from ledger.event import Refused, demand_reason
from ledger.event import marked as _

_LONGEST_DELAY = timedelta(days=366)


def submit(state: Recipe, *, person: str, seen: str = "") -> list[RecipeSubmitted]:
    """Sign as the author that the record is ready for review: no error may be left in it."""
    demand_draft(state)
    if person not in state.authors:
        raise Refused(_("Who wrote the record submits it."), code="not_author")
    demand_seen(state, seen)
    wrong = errors(state.content)
    if wrong:
        raise Refused(
            _("{count} errors are left, the first at {place}: {sentence}"),
            count=len(wrong),
            place=wrong[0].place,
            sentence=wrong[0].english,
            code="findings",
        )
    return [
        RecipeSubmitted(
            recipe=state.recipe,
            version=state.version,
            content_sha256=state.content_sha256,
            author=person,
        )
    ]


def send_back(state: Recipe, *, person: str, role: str, reason: str) -> list[RecipeReturned]:
    """The reviewer, or quality assurance after them, wants it otherwise."""
    demand_known(state)
    wanted = {
        Stage.SUBMITTED: ("process_engineer", "supervisor"),
        Stage.REVIEWED: ("qa_reviewer",),
    }.get(state.stage)
    if wanted is None:
        raise Refused(_("Only what waits for a review or an approval is returned."), code="stage")
    if role not in wanted:
        raise Refused(_("Whose turn it is returns it: the reviewer, then quality."), code="stage")
    demand_other(state, person)
    demand_reason(reason)
    return [
        RecipeReturned(
            recipe=state.recipe,
            version=state.version,
            content_sha256=state.content_sha256,
            reason=reason.strip().rstrip("."),
        )
    ]


def review(state: Recipe, *, person: str, seen: str = "") -> list[RecipeReviewed]:
    """Sign as the second of three people that process and limits are right."""
    demand_known(state)
    if state.stage is not Stage.SUBMITTED:
        raise Refused(
            _("Version {version} of {recipe} does not wait for a review."),
            version=state.version,
            recipe=state.recipe,
            code="stage",
        )
    demand_other(state, person)
    demand_seen(state, seen)
    return [
        RecipeReviewed(
            recipe=state.recipe,
            version=state.version,
            content_sha256=state.content_sha256,
            reviewer=person,
        )
    ]


def approve(
    state: Recipe,
    *,
    recipe: str,
    version: int,
    person: str,
    at: datetime,
    effective_from: datetime | None = None,
    later: Sequence[int] = (),
    seen: str = "",
) -> list[RecipeApproved]:
    """Sign as the third of three people. `later`: versions after this one that are approved."""
    if not state.recipe:
        raise Refused(
            _("There is no version {version} of {recipe} to approve."),
            version=version,
            recipe=recipe,
            code="no_recipe",
        )
    if state.approved:
        raise Refused(
            _("Version {version} of {recipe} is approved already."),
            version=version,
            recipe=recipe,
            code="already_approved",
        )
    demand_other(state, person)
    if state.stage is not Stage.REVIEWED:
        raise Refused(
            _("Approve it after its review: another person than its author signs that first."),
            code="not_reviewed",
        )
    if person == state.reviewer:
        raise Refused(
            _("You reviewed this recipe, so somebody else has to approve it."), code="same_person"
        )
    demand_seen(state, seen)
    if later:
        raise Refused(
            _("Version {later} is approved already: withdraw this one."),
            later=max(later),
            code="stage",
        )
    since = effective_from or at
    if since < at or since > at + _LONGEST_DELAY:
        raise Refused(
            _("It becomes effective at once or on a day to come, within a year."),
            code="effective_from",
        )
    return [
        RecipeApproved(
            recipe=recipe,
            version=version,
            content_sha256=state.content_sha256,
            effective_from=since.isoformat(),
        )
    ]


def supersede(state: Recipe, *, by_version: int, since: str) -> list[RecipeSuperseded]:
    """An earlier version that is in force gives way when the next one becomes effective."""
    over = state.superseded_from
    if state.stage is not Stage.APPROVED:
        return []
    if over is not None and datetime.fromisoformat(over) <= datetime.fromisoformat(since):
        return []
    return [
        RecipeSuperseded(
            recipe=state.recipe, version=state.version, by_version=by_version, since=since
        )
    ]


def keep(state: Recipe, *, for_version: int, at: datetime) -> list[RecipeKept]:
    """A version that was to give way stays, where the next one was withdrawn before its day."""
    if state.superseded_by != for_version or state.superseded_from is None:
        return []
    if datetime.fromisoformat(state.superseded_from) <= at:
        return []
    return [RecipeKept(recipe=state.recipe, version=state.version, for_version=for_version)]


def withdraw(state: Recipe, *, reason: str) -> list[RecipeWithdrawn]:
    """End a version: no batch is opened on it any more. Running batches keep it."""
    demand_known(state)
    if state.withdrawn:
        raise Refused(_("It is withdrawn already."), code="stage")
    demand_reason(reason)
    return [
        RecipeWithdrawn(
            recipe=state.recipe,
            version=state.version,
            content_sha256=state.content_sha256,
            reason=reason.strip().rstrip("."),
        )
    ]
