"""A small laboratory at work: the people, the units and the commands that the ledger tests use."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from equipment import commands
from equipment.unit import LogbookEntryMade
from ledger import ids, ports, store
from ledger.codec import CommandRef
from ledger.command import Outcome
from ledger.event import Actor, Refused
from ledger.ports import CommandSpec
from ledger.refusals import CommandRefused

SUPERVISOR = Actor(person="p-9x1m4", role="supervisor", terminal="t-1")
OPERATOR = Actor(person="p-7f3k2", role="operator", terminal="t-2")


class RolesOnly:
    """An authority that knows the roles of each command and no people."""

    def allow(self, actor: Actor, spec: CommandSpec, at: datetime) -> None:
        if actor.role not in spec.roles:
            raise Refused("Ask a {role}.", role=spec.roles[0], code="wrong_role")


@contextmanager
def by_roles_alone() -> Iterator[None]:
    """Nobody needs an account while inside."""
    before = ports.authority()
    ports.plug_authority(RolesOnly())
    try:
        yield
    finally:
        ports.plug_authority(before)


def register(unit: str, *, command_id: UUID | None = None, actor: Actor = SUPERVISOR) -> Outcome:
    """A centrifuge is entered in the register."""
    return commands.register(
        unit=unit,
        label="Centrifuge",
        unit_class="centrifuge",
        location="Grade C corridor",
        actor=actor,
        command_id=command_id,
    )


def make_entry(unit: str, text: str, *, command_id: UUID | None = None) -> Outcome:
    """An operator writes in a unit's logbook."""
    return commands.make_entry(unit=unit, text=text, actor=OPERATOR, command_id=command_id)


def move(unit: str, room: str, *, command_id: UUID | None = None) -> Outcome:
    """A unit goes to another room, for a reason."""
    return commands.move(
        unit=unit,
        location=room,
        reason="Moved for the validation run",
        actor=SUPERVISOR,
        command_id=command_id,
    )


def note(unit: str, text: str, *, version: int) -> object:
    """The payload of a logbook entry that follows `version` events of a unit."""
    return LogbookEntryMade(unit=unit, entry=version, text=text)


def naming(blob: str) -> object:
    """A payload that names an attachment, in the one way a text cannot imitate."""
    sentence = "The chromatogram is too short."
    return CommandRefused(
        command="trial.file",
        attempt="file a chromatogram",
        records=[],
        request={},
        code="too_short",
        template=sentence,
        params={"blob": blob},
        sentence=sentence,
    )


def append(
    stream_id: str,
    *,
    expected: int,
    texts: list[str] | None = None,
    payloads: list[object] | None = None,
    command_id: UUID | None = None,
    request: bytes = b"\0" * 32,
    cause: UUID | None = None,
) -> store.Appended:
    """Entries, or whole payloads, written straight to the store, without a command's decision."""
    notes = [note(stream_id, text, version=expected + n) for n, text in enumerate(texts or [], 1)]
    return store.append(
        command=CommandRef(command_id or ids.new_id(), "equipment.make_entry", request),
        actor=OPERATOR,
        changes=[store.Change("equipment", stream_id, expected, payloads or notes)],
        cause=cause,
    )
