"""What may be asked about master batch records, by whom, and with which signature."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from batches import recipe as recipes
from batches import recipe_pictures
from batches import recipe_queries as queries
from batches import recipe_route as route
from batches import recipe_writing as writing
from batches.recipe import Recipe
from batches.recipe_edit import applied
from batches.recipe_json import from_json
from ledger.command import Act, clean, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import PROCESS_ENGINEER, QA_REVIEWER, SUPERVISOR

RECORD = "recipe/{recipe}.{version}"
REVIEWERS = (PROCESS_ENGINEER, SUPERVISOR)


@command(
    "batches.draft_recipe",
    role=(PROCESS_ENGINEER,),
    label=_("draft {recipe}, version {version}"),
    record=RECORD,
)
def draft_recipe(act: Act, *, recipe: str, version: int, content: dict[str, Any]) -> None:
    """Begin a version of a master batch record. It is signed when it is submitted."""
    newest = queries.newest(recipe)
    if version > newest + 1:
        raise Refused(
            _("The next version of {recipe} is {next}."),
            recipe=recipe,
            next=newest + 1,
            code="recipe_number",
        )
    events = writing.draft(
        _recipe(act, recipe, version),
        recipe=recipe,
        version=version,
        content=from_json(_clean(content)),
        author=act.actor.person,
    )
    recipe_pictures.keep(events[0].content.get("pictures", ()))
    _record(act, recipe, version, events)


@command(
    "batches.edit_recipe",
    role=(PROCESS_ENGINEER,),
    label=_("edit {recipe}, version {version}"),
    record=RECORD,
)
def edit_recipe(
    act: Act, *, recipe: str, version: int, edits: list[dict[str, Any]], seen: str
) -> None:
    """Change parts of a draft: the event tells each place, old and new."""
    state = _recipe(act, recipe, version)
    events = writing.edit(state, edits=_clean(edits), seen=seen, editor=act.actor.person)
    if any(change["at"].startswith("pictures") for change in events[0].changes):
        recipe_pictures.keep(applied(state.document, events[0].changes).get("pictures", ()))
    _record(act, recipe, version, events)


@command(
    "batches.undo_recipe_edit",
    role=(PROCESS_ENGINEER,),
    label=_("undo the last edit of {recipe}, version {version}"),
    record=RECORD,
)
def undo_recipe_edit(act: Act, *, recipe: str, version: int, seen: str) -> None:
    """Take the last edit back, by an edit that says so."""
    events = writing.undo(_recipe(act, recipe, version), seen=seen, editor=act.actor.person)
    _record(act, recipe, version, events)


@command(
    "batches.record_dry_run",
    role=(PROCESS_ENGINEER, SUPERVISOR),
    label=_("record a dry run of {recipe}, version {version}"),
    record=RECORD,
)
def record_dry_run(
    act: Act, *, recipe: str, version: int, walked: list[int], notes: dict[str, str]
) -> None:
    """Keep that the draft was walked through as an operator would, and what was found."""
    events = writing.dry_run(
        _recipe(act, recipe, version),
        walked=walked,
        notes=notes,
        person=act.actor.person,
    )
    _record(act, recipe, version, events)


@command(
    "batches.submit_recipe",
    role=(PROCESS_ENGINEER,),
    label=_("submit {recipe}, version {version}"),
    record=RECORD,
    signature=Meaning.AUTHORED,
)
def submit_recipe(act: Act, *, recipe: str, version: int, seen: str = "") -> None:
    """Sign as the author; from then on somebody else decides. `seen`: the hash on the page."""
    state = _recipe(act, recipe, version)
    _record(act, recipe, version, route.submit(state, person=act.actor.person, seen=seen))


@command(
    "batches.return_recipe",
    role=(*REVIEWERS, QA_REVIEWER),
    label=_("return {recipe}, version {version}, to its author"),
    record=RECORD,
    needs_reason=True,
)
def return_recipe(act: Act, *, recipe: str, version: int) -> None:
    """Give a record back, and say what is to be mended."""
    who = {"person": act.actor.person, "role": act.actor.role}
    events = route.send_back(_recipe(act, recipe, version), **who, reason=act.reason)
    _record(act, recipe, version, events)


@command(
    "batches.review_recipe",
    role=REVIEWERS,
    label=_("review {recipe}, version {version}"),
    record=RECORD,
    signature=Meaning.REVIEWED,
)
def review_recipe(act: Act, *, recipe: str, version: int, seen: str = "") -> None:
    """Sign as the second person that the process and its limits are right."""
    state = _recipe(act, recipe, version)
    _record(act, recipe, version, route.review(state, person=act.actor.person, seen=seen))


@command(
    "batches.approve_recipe",
    role=(QA_REVIEWER,),
    label=_("approve {recipe}, version {version}"),
    record=RECORD,
    signature=Meaning.APPROVED,
)
def approve_recipe(
    act: Act, *, recipe: str, version: int, effective_from: str = "", seen: str = ""
) -> None:
    """Approve a version from a day on; the ones before it give way on that day."""
    state = _recipe(act, recipe, version)
    others = queries.others_approved(recipe, version)
    events = route.approve(
        state,
        recipe=recipe,
        version=version,
        person=act.actor.person,
        at=act.at,
        effective_from=_begin_of(effective_from, act.at),
        later=[other for other in others if other > version],
        seen=seen,
    )
    _record(act, recipe, version, events)
    for other in others:
        since = events[0].effective_from or act.at.isoformat()
        given = route.supersede(_recipe(act, recipe, other), by_version=version, since=since)
        _record(act, recipe, other, given)


@command(
    "batches.withdraw_recipe",
    role=(QA_REVIEWER,),
    label=_("withdraw {recipe}, version {version}"),
    record=RECORD,
    signature=Meaning.REVIEWED,
    needs_reason=True,
)
def withdraw_recipe(act: Act, *, recipe: str, version: int) -> None:
    """No batch is opened on it any more; batches that run keep it."""
    state = _recipe(act, recipe, version)
    not_begun = not state.effective(act.at) and state.approved
    _record(act, recipe, version, route.withdraw(state, reason=act.reason))
    for other in queries.others_approved(recipe, version) if not_begun else ():
        kept = route.keep(_recipe(act, recipe, other), for_version=version, at=act.at)
        _record(act, recipe, other, kept)


def _clean(value: Any) -> Any:
    """Every text in lists and objects, as the ledger keeps text."""
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return clean(value)


def _begin_of(day: str, at: datetime) -> datetime | None:
    """The first moment of a day at the site; today and no day at all are at once."""
    if not day.strip():
        return None
    try:
        wanted = date.fromisoformat(day.strip())
    except ValueError:
        raise Refused(
            _("Write the day as year-month-day, as 2027-03-01."), code="effective_from"
        ) from None
    if wanted == timezone.localdate(at):
        return None
    return timezone.make_aware(datetime.combine(wanted, time.min))


def _recipe(act: Act, recipe: str, version: int) -> Recipe:
    name = recipes.stream_id(recipe, version)
    return act.load("recipe", name, recipes.INITIAL, recipes.evolve)


def _record(act: Act, recipe: str, version: int, events: Any) -> None:
    act.record("recipe", recipes.stream_id(recipe, version), events)
