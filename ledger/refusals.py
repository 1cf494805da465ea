"""What was refused is on the trail too: who tried what, when, and the sentence they got."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from ledger import store
from ledger.body import MAX_INT
from ledger.codec import CommandRef
from ledger.entry import NAME
from ledger.event import Actor, Recorded, Refused, event_type
from ledger.event import marked as _
from ledger.ports import CommandSpec

LONGEST_VALUE = 500  # characters of one field of what was asked
LONGEST_IN_TITLE = 60
Mask = Callable[[str], str]
_masks: list[Mask] = []


@event_type(
    "ledger.refused",
    1,
    sentence="Refused: {attempt}. {sentence}",
    owner="ledger",
    retention="system",
)
class CommandRefused:
    """An attempt that was refused: what was asked, of which records, and the sentence it got."""

    command: str
    attempt: str
    records: list[str]  # the one that was named, and those that had been read when the no fell
    request: dict[str, str | int]  # long values cut, and without what must never stand here
    code: str
    template: str
    params: dict[str, str | int]
    sentence: str


def record(
    refused: Refused,
    *,
    spec: CommandSpec,
    request: Mapping[str, Any],
    records: Iterable[tuple[str, str]],
    command: CommandRef,
    actor: Actor,
    reason: str,
    cause: UUID | None,
) -> store.Appended:
    """Write the refusal down. It uses up the command's id: the same request gets the same answer.

    The caller has rolled back whatever the command had begun.
    """
    payload = CommandRefused(
        command=command.name,
        attempt=attempt(spec, request),
        records=_records({*records, _asked_about(spec, request)}),
        request=kept(spec, request),
        code=refused.code,
        template=refused.template,
        params={name: _unseen(value) for name, value in refused.params.items()},
        sentence=masked(str(refused)),
    )
    return store.append(
        command=command,
        actor=actor,
        changes=[store.Change("refusal", str(command.id), 0, [payload])],
        reason=cut(masked(reason)),
        cause=cause,
    )


def _asked_about(spec: CommandSpec, request: Mapping[str, Any]) -> tuple[str, str]:
    """The record that was named; one without an id where the command names none."""
    try:
        stream_type, _slash, stream_id = spec.record.format(**request).partition("/")
    except LookupError:
        return "", ""
    return stream_type, stream_id


def _records(found: Iterable[tuple[str, str]]) -> list[str]:
    """Those whose ids can be a record's at all: what was typed is no address otherwise."""
    return sorted(
        f"{stream_type}/{one}"
        for stream_type, one in found
        if NAME.match(one) and masked(one) == one
    )


def attempt(spec: CommandSpec, request: Mapping[str, Any]) -> str:
    """What was tried, in words: the command's label with what was asked filled in."""
    short = {
        name: cut(masked(str(value)), LONGEST_IN_TITLE) for name, value in request.items() if value
    }
    return (spec.label or spec.name).format_map(_Given(short))


class _Given(dict[str, str]):
    """What was given; a field that was not shows as a dash."""

    def __missing__(self, name: str) -> str:
        return "–"  # noqa: RUF001 - a dash stands for nothing


def kept(spec: CommandSpec, request: Mapping[str, Any]) -> dict[str, str | int]:
    """What was asked, without the fields that the command says are nobody's business here."""
    # Under the name `blob` an attachment would be looked for, and what was refused left none.
    left_out = (*spec.private, "blob")
    return {name: _plain(value) for name, value in request.items() if name not in left_out}


def _plain(value: Any) -> str | int:
    if type(value) is int and abs(value) <= MAX_INT:
        return value
    return cut(masked("" if value is None else str(value)))


def _unseen(value: str | int) -> str | int:
    return masked(value) if isinstance(value, str) else value


HELD_BACK = _(
    "The text holds what a patient's label carries to be scanned. Scan it where a step asks for it,"
    " and write nothing of it elsewhere."
)


def masks(mask: Mask) -> Mask:
    """Rooms above take out of a refused text what must stand on no trail."""
    _masks.append(mask)
    return mask


def demand_unmasked(texts: Iterable[str]) -> None:
    """What must stand on no trail is not recorded in any other entry either."""
    if any(masked(text) != text for text in texts):
        raise Refused(HELD_BACK, code="held_back")


def masked(text: str) -> str:
    for mask in _masks:
        text = mask(text)
    return text


def cut(text: str, limit: int = LONGEST_VALUE) -> str:
    """The text, or its beginning and a sign that it went on."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def of(events: list[Recorded]) -> Refused | None:
    """The refusal that a command ended in, if it did."""
    for event in events:
        if isinstance(event.data, CommandRefused):
            params: Mapping[str, str | int] = event.data.params
            return Refused(event.data.template, code=event.data.code, **params)
    return None
