"""Tells the demo's week of work as real commands on a fixed clock, once, in a demo's log alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import demo_batches, demo_equipment, demo_materials, demo_orders, demo_training
from config.demo_enrolment import actor, enrolment
from config.demo_people import BY_KEY, PEOPLE, Person
from config.demo_signing import enrolment_of_keys
from config.demo_subjects import registrations
from equipment import commands as equipment
from ledger import clock, ids, store
from ledger.event import Refused
from ledger.models import CommandKey
from personnel import commands as personnel

WEEK = Path(__file__).with_name("demo_week.txt")
DAYS = 5
EARLY = time(7, 30, 11)
KEYS = time(7, 36, 2)
SETTLING = time(7, 38, 46)


class UnbelievableHistory(Exception):
    """The told week and the rules disagree: one of the two has to be mended."""


class AnotherEdition(Exception):
    """The log holds the week of another version of Lotbook: it can be neither told on nor anew."""


@dataclass(frozen=True)
class Step:
    number: int
    day: int
    at: time
    who: Person
    verb: str
    unit: str
    entry: int
    texts: list[str]
    refused: bool


@dataclass
class Telling:
    """How far the week has been told: the days it falls on, and who sits at a terminal."""

    days: list[date]
    zone: ZoneInfo
    sessions: dict[str, str] = field(default_factory=dict)

    def moment(self, day: int, at: time) -> datetime:
        return datetime.combine(self.days[day], at, tzinfo=self.zone).astimezone(UTC)


def tell(*, now: datetime | None = None) -> int:
    """Tell the week, or what is missing of it. Says how many steps were told."""
    if not settings.LOTBOOK_ORIGIN.startswith("demo."):
        raise ImproperlyConfigured(
            f"The log {settings.LOTBOOK_ORIGIN} is not a demo's: its history is never told, only "
            "made. A demo's LOTBOOK_ORIGIN starts with “demo.”."
        )
    steps = list(read_week(WEEK.read_text("utf-8")))
    if _is_known(steps[-1].number):
        return 0
    if store.load("account", PEOPLE[0].account) and not _is_known("people 0"):
        raise AnotherEdition("This demo was begun by another version, which told another week.")
    zone = ZoneInfo(settings.TIME_ZONE)
    telling = Telling(_days(now or clock.now(), zone), zone)
    steps_before = enumerate(enrolment(telling.moment(0, EARLY)))
    told = sum(_enrol(telling, n, ask, asked) for n, (ask, asked) in steps_before)
    told += sum(_enrol_key(telling, *each) for each in enrolment_of_keys())
    settled = enumerate([*registrations(), *demo_training.trainings(telling.days[0])])
    told += sum(_settle(telling, n, *each) for n, each in settled)
    return told + sum(_carry_out(telling, step) for step in steps)


def read_week(text: str) -> Iterator[Step]:
    """The steps that the lines of the week say."""
    for number, line in enumerate(text.splitlines()):
        if line and not line.startswith("#"):
            yield _read_step(number, line)


def _read_step(number: int, line: str) -> Step:
    head, *texts = (part.strip() for part in line.split("|"))
    day, at, who, verb, unit, entry = (*head.split(), "", "", "")[:6]
    return Step(
        number=number,
        day=int(day),
        at=time.fromisoformat(at),
        who=BY_KEY[who],
        verb=verb.removeprefix("!"),
        unit=unit,
        entry=int(entry or 0),
        texts=texts,
        refused=verb.startswith("!"),
    )


def _days(now: datetime, zone: ZoneInfo) -> list[date]:
    """The five working days before today; the ones already begun, where telling was cut short."""
    begun = store.load("account", PEOPLE[0].account)
    if begun:
        day = begun[0].recorded_at.astimezone(zone).date()
    else:
        day = now.astimezone(zone).date()
        for _day in range(DAYS):
            day = _working_day(day, step=-1)
    days = [day]
    while len(days) < DAYS:
        days.append(_working_day(days[-1], step=1))
    return days


def _working_day(day: date, *, step: int) -> date:
    day += timedelta(days=step)
    while day.weekday() > 4:
        day += timedelta(days=step)
    return day


def _enrol(telling: Telling, second: int, ask: Callable[..., Any], asked: dict[str, Any]) -> bool:
    """One of the steps by which people come into the log, before the first day's work."""
    moment = telling.moment(0, EARLY) + timedelta(seconds=4 * second)
    with clock.telling(lambda: moment):
        outcome = ask(**asked, command_id=_command_id(f"people {second}"))
    return not outcome.replayed


def _enrol_key(telling: Telling, second: int, ask: Callable[..., Any], asked: Any) -> bool:
    """One of the steps by which people come to sign, when all of them are in."""
    moment = telling.moment(0, KEYS) + timedelta(seconds=9 * second)
    with clock.telling(lambda: moment):
        ask(**asked)
    return True


def _settle(telling: Telling, second: int, ask: Callable[..., Any], asked: dict[str, Any]) -> bool:
    """One of the steps that fill the vault and the training matrix before the day's work."""
    moment = telling.moment(0, SETTLING) + timedelta(seconds=4 * second)
    with clock.telling(lambda: moment):
        outcome = ask(**asked, command_id=_command_id(f"settled {second}"))
    return not outcome.replayed


def _carry_out(telling: Telling, step: Step) -> bool:
    moment = telling.moment(step.day, step.at)
    try:
        with clock.telling(lambda: moment):
            outcome = VERBS[step.verb](telling, step)
    except Refused as refused:
        if not step.refused:
            raise UnbelievableHistory(f"Line {step.number + 1} was refused: {refused}") from refused
        return True
    if step.refused:
        raise UnbelievableHistory(f"Line {step.number + 1} ought to have been refused.")
    return not outcome.replayed


def _is_known(number: object) -> bool:
    return CommandKey.objects.filter(key=_command_id(number)).exists()


def _command_id(number: object) -> UUID:
    """A step's own id, in this edition of the week: in another one it is another step."""
    edition = sha256(WEEK.read_bytes()).hexdigest()
    return ids.derived_id("demo", "command", edition, number)


def _asked(step: Step, *, reason: str = "") -> dict[str, Any]:
    return {"actor": actor(step.who), "command_id": _command_id(step.number), "reason": reason}


def _in(telling: Telling, step: Step) -> Any:
    session = telling.sessions[step.who.key] = str(ids.derived_id("demo", "session", step.number))
    return personnel.sign_in(session=session, account=step.who.account, **_asked(step))


def _out(telling: Telling, step: Step) -> Any:
    return personnel.sign_out(session=telling.sessions.pop(step.who.key), **_asked(step))


def _away(telling: Telling, step: Step) -> Any:
    return personnel.refuse_sign_in(
        session=str(ids.derived_id("demo", "session", step.number)),
        account=step.who.account,
        why=step.texts[0],
        actor=personnel.door(step.who.terminal),
        command_id=_command_id(step.number),
    )


def _register(telling: Telling, step: Step) -> Any:
    label, unit_class, location = step.texts
    return equipment.register(
        unit=step.unit, label=label, unit_class=unit_class, location=location, **_asked(step)
    )


def _entry(telling: Telling, step: Step) -> Any:
    return equipment.make_entry(unit=step.unit, text=step.texts[0], **_asked(step))


def _correct(telling: Telling, step: Step) -> Any:
    text, reason = step.texts
    return equipment.correct_entry(
        unit=step.unit, entry=step.entry, text=text, **_asked(step, reason=reason)
    )


def _move(telling: Telling, step: Step) -> Any:
    location, reason = step.texts
    return equipment.move(unit=step.unit, location=location, **_asked(step, reason=reason))


def _stop(telling: Telling, step: Step) -> Any:
    return equipment.take_out_of_service(unit=step.unit, **_asked(step, reason=step.texts[0]))


def _return(telling: Telling, step: Step) -> Any:
    return equipment.return_to_service(unit=step.unit, **_asked(step, reason=step.texts[0]))


def _told_elsewhere(telling: Telling, step: Step) -> Any:
    return ELSEWHERE[step.verb](
        who=step.who, name=step.unit, number=step.entry, texts=step.texts, ask=_asked(step)
    )


ELSEWHERE = demo_training.VERBS | demo_batches.VERBS | demo_orders.VERBS | demo_materials.VERBS
ELSEWHERE |= demo_equipment.VERBS
VERBS: dict[str, Callable[[Telling, Step], Any]] = {
    **dict.fromkeys(ELSEWHERE, _told_elsewhere),
    "in": _in,
    "out": _out,
    "away": _away,
    "register": _register,
    "entry": _entry,
    "correct": _correct,
    "move": _move,
    "stop": _stop,
    "return": _return,
}
