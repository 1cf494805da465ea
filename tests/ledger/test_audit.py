"""The live verification finds every change to a sealed row, whoever made it (R2)."""

import io
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connections

from ledger import blobs, guards, ids, keys, note, store, timestamps
from ledger.audit import CannotAudit, audit, side
from ledger.audit.entries import Entries
from ledger.codec import CommandRef
from ledger.keyring import Keyring
from ledger.models import Cosignature
from ledger.outside import Outside
from ledger.verify import COSIGNATURE, VerifierKey
from tests.conftest import absent
from tests.ledger import laboratory as lab
from tests.ledger.test_timestamps import OwnAuthority


@pytest.fixture
def at_work(database, seal):
    """A unit with a history that is sealed, and one entry that waits."""
    with lab.by_roles_alone():
        lab.register("CF-01")
        for number in range(6):
            lab.make_entry("CF-01", f"Rotor checked, run {number}")
        lab.move("CF-01", "Grade B corridor")
        seal()
        yield database


class Attacker:
    """Somebody with every right on the database, and no key."""

    def __init__(self, database: Any) -> None:
        self.sqlite = database.vendor == "sqlite"
        if self.sqlite:
            self.db: Any = sqlite3.connect(database.name, isolation_level=None, timeout=30)
        else:
            self.db = database.cluster.admin(database.name)

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """One statement; the rows it gives, if it gives any."""
        cursor = self.db.execute(statement if self.sqlite else statement.replace("?", "%s"), values)
        return cursor.fetchall() if cursor.description else []

    def disarm(self) -> None:
        """Take every guard away."""
        for table in sorted({table for table, _ in COLUMNS}):
            if not self.sqlite:
                self.run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        if self.sqlite:
            for (name,) in self.run("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                self.run(f"DROP TRIGGER {name}")

    @contextmanager
    def changed(self, table: str, column: str) -> Iterator[None]:
        """One byte of one row's column is another while inside."""
        order = "rowid" if self.sqlite else "ctid"
        place, before = self.run(f'SELECT {order}, "{column}" FROM {table} ORDER BY 1 LIMIT 1')[0]
        statement = f'UPDATE {table} SET "{column}" = ? WHERE "{column}" = ? AND {order} = ?'
        after = one_byte_other(before)
        self.run(statement, after, before, place)
        try:
            yield
        finally:
            self.run(f'UPDATE {table} SET "{column}" = ? WHERE "{column}" = ?', before, after)


def one_byte_other(value: Any) -> Any:
    """The value with its last byte changed, still fit for its column."""
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, int):
        return value + 1_000
    if isinstance(value, UUID):
        return UUID(int=value.int ^ 1)
    if isinstance(value, str):
        return value[:-2] + ("0" if value[-2] != "0" else "1") + value[-1]
    return value.replace(microsecond=value.microsecond ^ 1)


def given_rows_in_every_table(
    seal: Callable[[], Any], tmp_path: Path, settings: Any
) -> VerifierKey:
    """A sealed log with a tile, a blob, a cosignature and a time-stamp, and an event that waits."""
    lab.append("CF-01", expected=0, texts=[f"Run {number}" for number in range(300)])
    name = blobs.put(b"chromatogram")
    change = store.Change("bundle", "b-1", 0, [lab.naming(name)])
    command = CommandRef(ids.new_id(), "ledger.verify_bundle", b"\x02" * 32)
    store.append(command=command, actor=lab.OPERATOR, changes=[change])
    held = seal()
    key = keys.generate("witness.example/w1", kind=COSIGNATURE)
    line = note.cosign(held.note.encode(), key=key, time=1_790_000_000)
    row = Cosignature(
        id=f"{held.epoch}/{held.size}/{key.name}",
        epoch=held.epoch,
        size=held.size,
        name=key.name,
        line=line,
    )
    Cosignature.objects.using("sealer").bulk_create([row])
    given_a_time_stamp(tmp_path, settings)
    lab.append("CF-01", expected=300, texts=["After the seal"])
    return key.verifier


def given_a_time_stamp(folder: Path, settings: Any) -> None:
    """An authority stamps the newest checkpoint."""
    openssl = shutil.which("openssl") or absent("openssl", "openssl is not installed.")
    authority = OwnAuthority(folder, openssl)
    settings.LOTBOOK_TSA_CERTIFICATES = str(folder / "root.pem")
    settings.LOTBOOK_TSA_URL = "http://authority.example/tsr"
    real = timestamps.post
    timestamps.post = lambda url, request: authority.stamp(request.as_bytes())
    try:
        assert timestamps.timestamp_newest() is not None
    finally:
        timestamps.post = real


def test_an_untouched_ledger_is_verified(at_work, seal):
    """Given sealed and waiting events, when nobody touched anything, then all is verified."""
    lab.make_entry("CF-01", "After the seal")

    report = audit()

    assert report.findings == []
    assert report.verified
    assert (report.entries, report.pending, report.unsealed) == (9, 1, 1)
    assert report.checkpoints >= 1


COLUMNS = [
    (model._meta.db_table, field.column)
    for model in guards.ledger_models()
    for field in model._meta.local_concrete_fields
]
# What no seal can vouch for: the number under which a committed event waits for its position.
UNSEALED = {("ledger_pending", "seq")}


@pytest.mark.tampers
def test_r02_any_changed_byte_in_any_column_is_found(database, seal, tmp_path, settings):
    """Given full rights on the database, when one byte of one column changes, it is found."""
    witness = given_rows_in_every_table(seal, tmp_path, settings)
    attacker = Attacker(database)
    attacker.disarm()
    unseen = []
    for table, column in COLUMNS:
        with attacker.changed(table, column):
            report = audit(witnesses=[witness])
        if all(finding.row == "the guards" for finding in report.findings):
            unseen.append((table, column))
    assert set(unseen) == UNSEALED
    report = audit(witnesses=[witness])
    assert {finding.row for finding in report.findings} == {"the guards"}


def test_the_command_says_verified_failed_or_unusable_by_its_exit_code(at_work, tmp_path):
    """Given a verified, an altered and an absent ledger, then the exit codes are 0, 1 and 2."""
    good = at_work.manage("verify_ledger", "--json", "--rebuild", check=False)
    assert good.returncode == 0, good.stderr
    assert json.loads(good.stdout)["entries"] == 9

    elsewhere = at_work.manage("verify_ledger", "--from-outside", "/nowhere", check=False)
    assert elsewhere.returncode == 1 and "the outside store" in elsewhere.stdout

    other = Outside(tmp_path / "other.sqlite3", name="another.example")
    other.close()
    wrong = at_work.manage("verify_ledger", "--from-outside", str(other.path), check=False)
    assert wrong.returncode == 2 and "belongs to the log another.example" in wrong.stderr


def test_an_outside_store_that_cannot_be_read_is_no_finding(at_work, tmp_path):
    """Given a store in a folder that is closed to this user, or a folder in its place, then
    nothing was checked, and nothing is said to be altered."""
    closed = tmp_path / "closed"
    closed.mkdir()
    Outside(closed / "seals.sqlite3", name="demo.test.lotbook.example").close()
    closed.chmod(0)
    try:
        with as_somebody_else(), pytest.raises(CannotAudit, match="Permission denied"):
            audit(outside=closed / "seals.sqlite3")
    finally:
        closed.chmod(0o700)
    with pytest.raises(CannotAudit, match=r"cannot be (opened|read)"):
        audit(outside=closed)


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Without the rights of root, which no closed folder keeps out."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("when", ["entries", "cosignatures", "guards"])
def test_a_connection_that_breaks_is_no_finding(at_work, monkeypatch, when):
    """Given a database that goes away while it is read, then the audit says that it could not
    check, and not that something was altered."""
    breaking = {
        "entries": (Entries, "waiting"),
        "cosignatures": (side, "check_cosignatures"),
        "guards": (guards, "missing"),
    }

    def gone(*_args: Any, **_more: Any) -> None:
        if when == "guards":
            raise OperationalError("closed") from away()
        raise away()

    monkeypatch.setattr(*breaking[when], gone)
    with pytest.raises(CannotAudit, match="could not be reached to the end"):
        audit()


def away() -> Exception:
    """The server was shut down (57P01)."""
    return psycopg.errors.AdminShutdown("terminating connection due to administrator command")


def test_a_session_that_the_server_ends_is_no_finding(postgres_database, seal, monkeypatch):
    """Given a log, when the server ends the auditor's session before it is read to the end, then
    the audit says that it could not check."""
    lab.append("CF-01", expected=0, texts=["Run 1"])
    seal()
    check = side.check_counts

    def cut(*given: Any) -> None:
        with postgres_database.cluster.admin() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = %s AND datname = %s",
                [connections["auditor"].settings_dict["USER"], postgres_database.name],
            )
        check(*given)

    monkeypatch.setattr(side, "check_counts", cut)
    with pytest.raises(CannotAudit, match="could not be reached to the end"):
        audit()


@pytest.mark.tampers
def test_what_was_found_before_the_connection_broke_stays_found(at_work, monkeypatch):
    """Given an altered entry, when the database goes away after it was read, then the audit still
    says what it found, and how far it came."""
    attacker = Attacker(at_work)
    attacker.disarm()

    def gone(*_args: Any) -> None:
        raise away()

    monkeypatch.setattr(side, "check_file", gone)
    with attacker.changed("ledger_log", "entry"):
        report = audit()
    assert not report.verified
    assert any("could no longer be reached" in what for what in report.not_checked)


@pytest.mark.tampers
def test_a_table_that_is_gone_is_a_finding(at_work):
    """Given a table that somebody dropped, then that is an alteration and not a bad connection."""
    attacker = Attacker(at_work)
    attacker.run("DROP TABLE ledger_cosignature")

    assert any(finding.row == "the database" for finding in audit().findings)


def test_witnesses_that_cannot_be_read_are_no_finding(at_work, settings):
    """Given a mistyped setting, then it is named, and nothing is said to be altered."""
    settings.LOTBOOK_WITNESSES = "w1 somewhere"
    with pytest.raises(CannotAudit, match="LOTBOOK_WITNESSES"):
        audit()


@pytest.mark.parametrize("raised", [MemoryError(), OSError("I/O error"), RuntimeError("a defect")])
def test_the_command_ends_with_2_where_it_could_not_check(monkeypatch, raised):
    """Given an error that nobody foresaw, then the exit code is not the one for altered."""

    def fail(**_asked: Any) -> None:
        raise raised

    monkeypatch.setattr("ledger.management.commands.verify_ledger.audit", fail)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger", stderr=io.StringIO())
    assert ended.value.code == 2


def test_a_key_known_from_elsewhere_is_held_against_the_log(at_work):
    """Given the log's own key and a stranger's, then only its own vouches for it."""
    own = Keyring.from_settings().vkey
    stranger = keys.generate("demo.test.lotbook.example").vkey

    assert audit(keys=[own]).findings == []
    report = audit(keys=[stranger])
    assert [finding.row for finding in report.findings] == ["ledger_epoch 1"]


def test_a_key_that_is_none_is_not_an_altered_ledger(sqlite_database: Any, seal: Any) -> None:
    """Given a key that was copied in part, then nothing is said of the ledger."""
    lab.append("CF-01", expected=0, texts=["Run 1"])
    seal()
    with pytest.raises(CannotAudit, match="no verifier key, so nothing was checked"):
        audit(keys=["lotbook.example+1a2b"])
