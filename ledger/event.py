"""What an event is: its type, its envelope, and the refusal a decision answers with. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, dataclass_transform
from uuid import UUID

from ledger.entry import EVENT_TYPE

State = TypeVar("State")
Payload = TypeVar("Payload")
Data = dict[str, Any]


def marked(text: str) -> str:
    """Mark a sentence for translators; it is stored in English and translated when shown."""
    return text


class Refused(Exception):
    """A decision's no: a sentence a person can act on, kept as template and parameters."""

    def __init__(self, template: str, *, code: str = "refused", **params: str | int) -> None:
        self.template = template
        self.code = code
        self.params = params
        super().__init__(template.format(**params))


def says_little(reason: str) -> bool:
    """Whether a reason has fewer than two words; what holds neither letter nor digit is none."""
    return sum(any(map(str.isalnum, word)) for word in reason.split()) < 2


def demand_reason(reason: str) -> None:
    """Refuse what departs from the plan, or changes a record, without saying why."""
    if says_little(reason):
        raise Refused(
            marked("Say why, in two words at least: the reason stays with the record."),
            code="reason_missing",
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a pseudonymous person, in a role, at a terminal."""

    person: str
    role: str
    terminal: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A decimal value with its unit, written down as it was read: 7.40 is not 7.4."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the ledger holds it."""

    id: UUID
    stream_type: str
    stream_id: str
    version: int
    type: str
    schema_version: int
    recorded_at: datetime
    actor: Actor
    data: Any
    command_id: UUID
    command_name: str
    reason: str
    cause: UUID | None
    claimed_at: datetime | None
    body: bytes

    @property
    def sentence(self) -> str:
        """The event in plain English."""
        return event_types()[self.type].sentence_of(self.data)


@dataclass(frozen=True, slots=True)
class EventType:
    """An entry of the catalogue: one kind of event at its current version."""

    name: str
    version: int
    sentence: str
    owner: str
    retention: str
    cls: type

    def sentence_of(self, data: object) -> str:
        """Fill the sentence with the payload's fields."""
        values = {f.name: getattr(data, f.name) for f in fields(data)}  # type: ignore[arg-type]
        return self.sentence.format(**{name: _worded(value) for name, value in values.items()})


def _worded(value: Any) -> Any:
    """A list as people read it."""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or "none"
    return value


# How long the record must be kept. EU GMP Part IV (ATMP) asks for thirty years of traceability and,
# for a batch, one year after expiry or five after certification, whichever is longer.
RETENTION = {
    "traceability": "30 years after expiry of the product",
    "batch": "1 year after expiry or 5 years after certification, whichever is longer",
    "equipment": "as long as the equipment is in use and 5 years after",
    "system": "as long as any record of this log",
}

_types: dict[str, EventType] = {}
_by_class: dict[type, EventType] = {}
_upcasters: dict[tuple[str, int], Callable[[Data], Data]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event_type(
    name: str, version: int, *, sentence: str, owner: str, retention: str
) -> Callable[[type[Payload]], type[Payload]]:
    """Declare an event type: its dotted name, version, sentence, owner and retention class."""
    if not EVENT_TYPE.match(name):
        raise ValueError(f"{name!r} is no event type's name: write room.what_happened.")
    if retention not in RETENTION:
        raise ValueError(f"{name}: unknown retention class {retention!r}.")

    def declare(cls: type[Payload]) -> type[Payload]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        if name in _types:
            raise ValueError(f"Event type {name} is declared twice.")
        entry = EventType(name, version, sentence, owner, retention, made)
        _types[name] = _by_class[made] = entry
        return made

    return declare


def upcasts(name: str, version: int) -> Callable[[Callable[[Data], Data]], Callable[[Data], Data]]:
    """Register how the data of `name` at `version` becomes that of the next version."""

    def register(function: Callable[[Data], Data]) -> Callable[[Data], Data]:
        if (name, version) in _upcasters:
            raise ValueError(f"{name} version {version} has two upcasters.")
        _upcasters[name, version] = function
        return function

    return register


def upcast(name: str, version: int, data: Data) -> Data:
    """Bring old data to the current version; an unknown type or version stops the reader."""
    known = _types.get(name)
    if known is None:
        raise UnknownEvent(f"This software does not know the event type {name}.")
    if version > known.version:
        raise UnknownEvent(
            f"{name} version {version} is newer than this software, which knows {known.version}."
        )
    for step in range(version, known.version):
        upcaster = _upcasters.get((name, step))
        if upcaster is None:
            raise UnknownEvent(f"{name} version {step} has no upcaster.")
        data = upcaster(data)
    return data


class UnknownEvent(Exception):
    """An event of a type or version this software cannot read. Nothing may skip it."""


def event_types() -> dict[str, EventType]:
    """Every declared event type by name."""
    return _types


def type_of(payload: object) -> EventType:
    """The catalogue's entry for a payload."""
    try:
        return _by_class[type(payload)]
    except KeyError:
        raise TypeError(f"{type(payload).__name__} is not a declared event type.") from None


def fold(initial: State, evolve: Callable[[State, Any], State], events: Iterable[Any]) -> State:
    """The state that a stream's payloads lead to."""
    state = initial
    for event in events:
        state = evolve(state, event)
    return state
