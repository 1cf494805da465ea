"""The demo's batches, told with real signatures: what the week's lines about them do.

draft | submit | review | approve RECIPE VERSION   openbatch BATCH VERSION | recipe | pseudonym
values BATCH STEP | key=value ... | why    goon BATCH STEP | key | why
perform | verify | countersign BATCH STEP  scribe BATCH STEP | who performed it
correctvalue BATCH STEP | key=value | why  assess BATCH EXCEPTION | what it means
closebatch BATCH
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from batches import car_t, commands, recipe_commands, recipe_source_queries
from batches.recipe_json import to_json
from config import demo_signing
from config.demo_enrolment import actor
from config.demo_people import BY_KEY, Person
from personnel import signing, signing_queries

HALFWAY = "CT-0422"  # the batch that the visitor goes on with
READY = "CT-0423"  # the batch that a visitor may carry out from its first step to its last
_opened: dict[tuple[str, str], signing.Credentials] = {}


def signed(who: Person) -> signing.Credentials:
    """The person's own signature. Their key is opened once: that takes its time on purpose."""
    row = signing_queries.key_of(who.person)
    key = (who.person, row.key if row else "")
    if key not in _opened:
        _opened[key] = demo_signing.signature(who, actor(who))
    return _opened[key]


def _draft(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    comes_with = recipe_source_queries.shipped()
    content = comes_with[name][1] if name in comes_with else to_json(car_t.content())
    return recipe_commands.draft_recipe(recipe=name, version=number, content=content, **ask)


def _recipe(asked: Callable[..., Any]) -> Callable[..., Any]:
    def sign(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
        return asked(recipe=name, version=number, signature=signed(who), **ask)

    return sign


def _open(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    recipe, subject = texts
    return commands.open_batch(
        batch=name, recipe=recipe, version=number, purpose="patient", subject=subject, **ask
    )


def _values(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    typed = dict(pair.split("=") for pair in texts[0].split())
    ask["reason"] = texts[1] if len(texts) > 1 else ""
    return commands.enter_values(batch=name, step=number, typed=typed, **ask)


def _go_on(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    key, ask["reason"] = texts
    return commands.explain_limit(batch=name, step=number, parameter=key, **ask)


def _scribe(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    performer = BY_KEY[texts[0]].person
    return commands.record_step(
        batch=name, step=number, performed_by=performer, signature=signed(who), **ask
    )


def _correct(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    (key, typed), ask["reason"] = texts[0].split("="), texts[1]
    return commands.correct_value(
        batch=name, step=number, parameter=key, typed=typed, signature=signed(who), **ask
    )


def _hold(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    kind, ask["reason"] = texts
    return commands.set_hold(batch=name, kind=kind, **ask)


def _lift(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    ask["reason"] = texts[0]
    return commands.lift_hold(batch=name, hold=number, **ask)


def _assess(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    ask["reason"] = texts[0]
    return commands.assess_exception(batch=name, exception=number, signature=signed(who), **ask)


def _close(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
    return commands.complete(batch=name, signature=signed(who), **ask)


def _step(asked: Callable[..., Any]) -> Callable[..., Any]:
    def sign(*, who: Person, name: str, number: int, texts: list[str], ask: dict[str, Any]) -> Any:
        return asked(batch=name, step=number, signature=signed(who), **ask)

    return sign


VERBS: dict[str, Callable[..., Any]] = {
    "draft": _draft,
    "submit": _recipe(recipe_commands.submit_recipe),
    "review": _recipe(recipe_commands.review_recipe),
    "approve": _recipe(recipe_commands.approve_recipe),
    "openbatch": _open,
    "values": _values,
    "goon": _go_on,
    "perform": _step(commands.complete_step),
    "verify": _step(commands.verify_step),
    "countersign": _step(commands.countersign_step),
    "scribe": _scribe,
    "correctvalue": _correct,
    "hold": _hold,
    "lift": _lift,
    "assess": _assess,
    "closebatch": _close,
}
