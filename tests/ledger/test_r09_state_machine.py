"""R9: whatever order appends, conflicts, resends, rollbacks, crashes and seals come in, the ledger
loses no acknowledged event, writes none twice, and proves all of them."""

import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from ledger import followers, log, proofs, sealer, store
from ledger.event import Refused
from ledger.followers import Logged
from ledger.keyring import Keyring
from ledger.models import LogEntry
from ledger.proofs import Tree
from ledger.verify import parse_vkey, verify_consistency, verify_inclusion, verify_tlog_proof
from tests.databases import Database
from tests.ledger import laboratory

UNITS = ["A", "B", "C"]
SHARE = 1_000_000


class TakenBack(Exception):
    """The transaction is given up after its events were written."""


class LedgerMachine(RuleBasedStateMachine):
    """The ledger beside a model of it: a list of acknowledged events per stream."""

    acknowledged = Bundle("acknowledged")

    @initialize()
    def begin(self) -> None:
        self.run = uuid4().hex[:8]
        self.streams: dict[str, list[UUID]] = {unit: [] for unit in UNITS}
        self.taken_back: list[UUID] = []
        self.refused: list[UUID] = []
        self.sealer = sealer.from_settings()
        self.followed: list[Logged] = []
        self.name = f"machine-{self.run}"
        followers.follower(self.name)(self.followed.append)

    def stream(self, unit: str) -> str:
        return f"{self.run}-{unit}"

    def write(self, unit: str, texts: list[str], command: UUID, *, behind: int = 0) -> Any:
        expected = len(self.streams[unit]) - behind
        return laboratory.append(
            self.stream(unit), expected=expected, texts=texts, command_id=command
        )

    @rule(target=acknowledged, unit=st.sampled_from(UNITS), count=st.integers(1, 3))
    def append(self, unit: str, count: int) -> Any:
        command = uuid4()
        made = self.write(unit, ["Cleaned."] * count, command)
        assert not made.replayed
        ids = [event.id for event in made.events]
        self.streams[unit] += ids
        return command, ids, unit

    @rule(unit=st.sampled_from(UNITS), behind=st.sampled_from([-2, -1, 1, 2]))
    def a_conflict_writes_nothing(self, unit: str, behind: int) -> None:
        if len(self.streams[unit]) - behind < 0:
            return
        with pytest.raises(store.Conflict):
            self.write(unit, ["Lost the race."], uuid4(), behind=behind)

    @rule(known=acknowledged)
    def a_resend_gets_the_same_answer(self, known: Any) -> None:
        command, ids, unit = known
        answer = self.write(unit, ["Resent."], command)
        assert answer.replayed
        assert [event.id for event in answer.events] == ids

    @rule(known=acknowledged)
    def a_command_id_is_not_used_again(self, known: Any) -> None:
        command, _ids, unit = known
        with pytest.raises(store.CommandReused):
            laboratory.append(
                self.stream(unit),
                expected=len(self.streams[unit]),
                texts=["Something else."],
                command_id=command,
                request=b"\1" * 32,
            )

    @rule(target=acknowledged, unit=st.sampled_from(UNITS), keep=st.booleans())
    def two_writes_in_one_transaction(self, unit: str, keep: bool) -> Any:
        commands, ids = [uuid4(), uuid4()], []
        try:
            with transaction.atomic():
                for offset, command in enumerate(commands):
                    made = self.write(unit, ["In two parts."], command, behind=-offset)
                    ids.append(made.events[0].id)
                if not keep:
                    raise TakenBack
        except TakenBack:
            self.taken_back += ids
            return multiple()
        self.streams[unit] += ids
        return multiple(*((c, [i], unit) for c, i in zip(commands, ids, strict=True)))

    @rule()
    def a_refusal_is_recorded_once(self) -> None:
        command, sentences = uuid4(), set()
        with laboratory.by_roles_alone():
            for _attempt in range(2):
                with pytest.raises(Refused) as refusal:
                    laboratory.make_entry("CF-404", "Cleaned.", command_id=command)
                sentences.add(str(refusal.value))
        assert len(sentences) == 1
        self.refused.append(command)

    @rule()
    def the_key_of_the_log_changes(self) -> None:
        """The sealer at work takes the new key when it has sealed the change under the old one."""
        quiet = io.StringIO()
        call_command("rotate_checkpoint_key", reason="Yearly change", no_wait=True, stdout=quiet)

    @rule()
    def seal(self) -> None:
        self.sealer.seal()

    @rule()
    def the_sealer_starts_anew(self) -> None:
        self.sealer.outside.close()
        connections.close_all()
        self.sealer = sealer.from_settings()
        self.sealer.open()

    @rule(batch=st.integers(1, 5))
    def follow(self, batch: int) -> None:
        followers.run_follower(self.name, batch=batch)

    @rule(older=st.integers(0, SHARE - 1), place=st.integers(0, SHARE - 1))
    def any_proof_verifies(self, older: int, place: int) -> None:
        """Of the newest tree, any older size and any leaf: as shares, for the log never shrinks
        from one example to the next."""
        held = self.sealer.held
        if held is None:
            return
        tree = Tree(log.epochs()[0])
        old = 1 + older * held.size // SHARE
        path = tree.consistency(old, size=held.size)
        assert verify_consistency(old, held.size, path, tree.root(old), held.root)
        index = place * old // SHARE
        leaf = bytes(LogEntry.objects.get(position=index).leaf)
        path = tree.inclusion(index, size=old)
        assert verify_inclusion(index, old, leaf, path, tree.root(old))

    def teardown(self) -> None:
        if not hasattr(self, "streams"):
            return
        try:
            while self.sealer.seal() is not None:
                pass
            followers.run_follower(self.name)
            self._compare()
        finally:
            del followers.registry()[self.name]
            self.sealer.outside.close()

    def _compare(self) -> None:
        positions = {line.event_id: line.position for line in log.lines(0)}
        assert sorted(positions.values()) == list(range(len(positions)))
        assert [entry.position for entry in self.followed] == list(range(len(positions)))
        assert not set(self.taken_back) & set(positions)
        for unit, ids in self.streams.items():
            stored = store.load("equipment", self.stream(unit))
            assert [event.id for event in stored] == ids
            assert [event.version for event in stored] == list(range(1, len(ids) + 1))
            placed = [positions[event] for event in ids]
            assert placed == sorted(placed)
        for command in self.refused:
            assert len(store.load("refusal", str(command))) == 1
        newest = [ids[-1] for ids in self.streams.values() if ids]
        changes = [event.data for event in store.load("checkpoint_key", "log")]
        vkeys = {Keyring.from_settings().vkey} | {change.old for change in changes}
        keys = [parse_vkey(vkey) for vkey in vkeys]
        for event_id in newest:
            receipt = proofs.receipt(event_id)
            verify_tlog_proof(receipt.text, receipt.entry, keys)


def test_r9_the_ledger_keeps_its_promises_in_any_order(database: Database) -> None:
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=40 if database.vendor == "sqlite" else 30,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert log.end() > 100, "the machine has hardly run, so this test has shown nothing"
