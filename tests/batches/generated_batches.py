"""Batches told by a seed: a recipe and everything people do with it, the same on every machine."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from decimal import Decimal
from hashlib import sha256
from random import Random
from typing import Any

import msgspec

from batches import course, diverting, entering, overseeing, record, timing, working
from batches.limits import Parameter, Range
from batches.recipe_content import Content, HoldTime
from batches.record import QUALITY
from ledger import body
from ledger.codec import plain
from ledger.event import Refused, event_types, fold, type_of
from tests.batches.engine import BATCH, DARIO, HELENA, MARTA, Engine, content, phase, step

COMMON = ("enter", "sign", "explain", "verify")
RARE = ("typo", "correct", "repeat", "skip")
UNITS = (("10⁶ cells/mL", "mL", "10⁶ cells"), ("g/L", "L", "g"), ("mg/mL", "mL", "mg"))


def recipe(dice: Random) -> Content:
    """Some readings, a value calculated from them, counts, a choice, a timer, a hold time."""
    density, volume, total = dice.choice(UNITS)
    middle = Decimal(dice.randint(100, 900)) / 100
    read = Parameter(
        key="density", label="Density", unit=density, target=middle,
        normal=Range(low=middle - 1, high=middle + 1),
        proven=Range(low=middle - 2, high=middle + 2),
        acceptance=Range(low=middle - 3, high=middle + 3),
        plausible=Range(low=Decimal(0), high=Decimal(100)),
    )  # fmt: skip
    amount = Parameter(key="volume", label="Volume", unit=volume)
    whole = Parameter(
        key="total", label="Total", unit=total, kind="calculation",
        formula="s1.density * s1.volume / 3.0", formula_version=dice.randint(1, 9),
        acceptance=Range(low=Decimal(1)),
    )  # fmt: skip
    counts = Parameter(key="counts", label="Counts", unit="cells/mL", kind="replicate",
                       replicates=3, dilution=Decimal(10), cv_limit=Decimal(15))  # fmt: skip
    look = Parameter(key="look", label="Look", kind="choice", choices=["clear", "turbid"],
                     accepted=["clear"])  # fmt: skip
    spin = Parameter(key="spin", label="Spin", kind="timer", minimum=Decimal(5),
                     maximum=Decimal(15))  # fmt: skip
    first = phase("A", step(1, read, amount, repeats=1), step(2, whole, verifies="verifier"))
    second = phase("B", step(3, counts), step(4, look, may_skip=True), after=[])
    third = phase("C", step(5, spin), step(6, only_if="s4.look == 'turbid'"), after=["a", "b"])
    hold = HoldTime(key="wait", title="Wait", from_step="s2", to_step="s5", limit="60")
    return content(first, second, third, hold_times=[hold])


def made(seed: int) -> Engine:
    """The batch of a seed, as far as its people bring it."""
    dice = Random(seed)
    batch = Engine(recipe(dice))
    for _try in range(150):
        batch.later(dice.randint(0, 12))
        try:
            _do(batch, dice)
        except Refused:
            continue  # a refusal is an answer too; it writes nothing
        if batch.state.completed:
            break
    return batch


def _do(batch: Engine, dice: Random) -> None:
    now = batch.due
    if not now:
        batch.keep(overseeing.complete(batch.state, batch.recipe, batch=BATCH, person=DARIO))
        return
    number = dice.choice(now)
    origin = next(p.step.key for p in working_plan(batch) if p.number == number)
    deed = dice.choice(COMMON if dice.random() < 0.85 else RARE)
    DEEDS[deed](batch, dice, number, origin)


def working_plan(batch: Engine) -> Any:
    from batches.turns import plan_of

    return plan_of(batch.state, batch.recipe)


def _answers(dice: Random, origin: str) -> dict[str, str]:
    def number(top: int) -> str:
        return str(Decimal(dice.randint(0, top)) / 100)

    match origin:
        case "s1":
            density = number(30000) if dice.random() < 0.1 else number(1000)
            return {"density": density, "volume": number(20000)}
        case "s3":
            return {"counts": "; ".join(str(dice.randint(80, 120)) for _count in range(3))}
        case "s4":
            return {"look": dice.choice(("clear", "turbid"))}
    return {}


def _enter(batch: Engine, dice: Random, number: int, origin: str) -> None:
    if origin == "s5":
        asked = {"step": number, "parameter": "spin", "person": MARTA, "at": batch.now}
        runs = "spin" in batch.state.step(number).timers
        decide = timing.stop if runs else timing.start
        batch.keep(decide(batch.state, batch.recipe, **asked))
        return
    why = "Read it a second time" if dice.random() < 0.7 else ""
    batch.enter(number, reason=why, **_answers(dice, origin))


def _sign(batch: Engine, dice: Random, number: int, origin: str) -> None:
    batch.done(number)


def _verify(batch: Engine, dice: Random, number: int, origin: str) -> None:
    batch.verify(number)


def _explain(batch: Engine, dice: Random, number: int, origin: str) -> None:
    for step_number, told in batch.state.steps.items():
        for key, reading in told.readings.items():
            if reading.exceeded and not reading.explained:
                batch.keep(entering.explain_limit(
                    batch.state, batch.recipe, batch=BATCH, step=step_number, parameter=key,
                    person=DARIO, role="supervisor", reason="The cells look well",
                ))  # fmt: skip
                return
    held = [n for n, hold in batch.state.holds.items() if hold.kind == QUALITY and not hold.lifted]
    if held:
        batch.keep(overseeing.lift_hold(
            batch.state, batch=BATCH, hold=held[0], person=HELENA, role="qa_reviewer",
            reason="Assessed with the engineer",
        ))  # fmt: skip


def _typo(batch: Engine, dice: Random, number: int, origin: str) -> None:
    batch.keep(entering.correct_typo(
        batch.state, batch.recipe, batch=BATCH, step=number, parameter="density",
        typed=str(Decimal(dice.randint(1, 900)) / 100), person=MARTA, role="operator",
    ))  # fmt: skip


def _correct(batch: Engine, dice: Random, number: int, origin: str) -> None:
    batch.keep(entering.correct_value(
        batch.state, batch.recipe, batch=BATCH, step=1, parameter="density",
        typed=str(Decimal(dice.randint(1, 900)) / 100), person=MARTA, role="operator",
        reason="Read off the wrong line",
    ))  # fmt: skip
    batch.keep(course.recalculate(batch.state, batch.recipe, works=working.works))


def _repeat(batch: Engine, dice: Random, number: int, origin: str) -> None:
    batch.keep(diverting.repeat(
        batch.state, batch.recipe, batch=BATCH, step=1, person=MARTA, role="operator",
        reason="The first count was low",
    ))  # fmt: skip


def _skip(batch: Engine, dice: Random, number: int, origin: str) -> None:
    if dice.random() < 0.3:
        batch.skip(number)


DEEDS = {
    "enter": _enter, "sign": _sign, "verify": _verify, "explain": _explain, "typo": _typo,
    "correct": _correct, "repeat": _repeat, "skip": _skip,
}  # fmt: skip


def stored(batch: Engine) -> list[tuple[str, bytes]]:
    """The events as the ledger stores them: the type's name, and canonical bytes."""
    return [(type_of(one).name, body.encode(plain(one))) for one in batch.events]


def replayed(events: list[tuple[str, bytes]]) -> record.Batch:
    """The record that the stored bytes lead to."""
    payloads = [msgspec.json.decode(data, type=event_types()[name].cls) for name, data in events]
    return fold(record.INITIAL, record.evolve, payloads)


def record_bytes(state: record.Batch) -> bytes:
    """The whole record in one canonical text, every mapping and set in order."""
    return json.dumps(_plain(state), sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(json.dumps(_plain(one)) for one in value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | bool | int) else str(value)


def digest(seeds: range) -> str:
    """One hash over the stored events of many batches."""
    found = sha256()
    for seed in seeds:
        for name, data in stored(made(seed)):
            found.update(name.encode() + b"\0" + data + b"\n")
    return found.hexdigest()
