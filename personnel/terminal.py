"""A place to work at: a tablet in the clean room, a desk in the office. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ledger.event import Refused, event_type
from ledger.event import marked as _

LONGEST = 80
NOWHERE = "t-unknown"  # a browser that has not been at the sign-in page yet


@event_type(
    "personnel.terminal_registered",
    1,
    sentence="Terminal {terminal} was registered as {name} in {room}.",
    owner="personnel",
    retention="system",
)
class TerminalRegistered:
    terminal: str
    name: str
    room: str


@event_type(
    "personnel.terminal_retired",
    1,
    sentence="Terminal {terminal} ({name}) was retired.",
    owner="personnel",
    retention="system",
)
class TerminalRetired:
    terminal: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Terminal:
    name: str = ""
    room: str = ""
    retired: bool = False


def evolve(state: Terminal, event: Any) -> Terminal:
    match event:
        case TerminalRegistered(name=name, room=room):
            return Terminal(name=name, room=room)
        case TerminalRetired():
            return replace(state, retired=True)
    raise ValueError(f"A terminal does not know the event {type(event).__name__}.")


def register(state: Terminal, *, terminal: str, name: str, room: str) -> list[Any]:
    """Give a terminal its name and place; one that was retired may come back under a new name."""
    name, room = name.strip(), room.strip()
    if terminal == NOWHERE:
        raise Refused(
            _("This browser has no terminal number yet. Sign out, sign in, and repeat."),
            code="nowhere",
        )
    if state.name and not state.retired:
        raise Refused(
            _("This terminal is registered as {name} in {room}. Retire it first."),
            name=state.name,
            room=state.room,
            code="registered",
        )
    if not 1 <= len(name) <= LONGEST or not 1 <= len(room) <= LONGEST:
        raise Refused(_("Give the terminal a name and its room, each in a few words."), code="name")
    return [TerminalRegistered(terminal=terminal, name=name, room=room)]


def retire(state: Terminal, *, terminal: str) -> list[Any]:
    if not state.name or state.retired:
        raise Refused(_("This terminal is not registered."), code="not_registered")
    return [TerminalRetired(terminal=terminal, name=state.name)]
