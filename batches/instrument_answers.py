"""A reading that an instrument sends, through its device's own token, or that somebody typed."""

from __future__ import annotations

from batches.answers import Answer, Asked, Stopped, answers
from batches.limits import read_number
from personnel.device_queries import is_device


@answers("instrument")
def read_instrument(asked: Asked) -> Answer | Stopped | None:
    """The number as the instrument says it; typed by hand it stands, and the reviewer sees it."""
    number = read_number(asked.typed)
    if number is None or is_device(asked.act.actor.terminal):
        return None if number is None else Answer(number=number, words="read by the instrument")
    return Answer(
        number=number,
        departure="minor",
        why="typed by hand, not read from the instrument.",
    )


@answers("number")
def read_number_of(asked: Asked) -> Answer | Stopped | None:
    """A plain number, unless the recipe wants it from a device."""
    return read_instrument(asked) if asked.parameter.check == "device" else None
