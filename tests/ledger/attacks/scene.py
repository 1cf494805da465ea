"""The scene of every attack: a laboratory's sealed log, its keys, its seals, yesterday's backup."""

import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from equipment.models import LogbookLine, Register
from ledger import blobs, followers, guards, keys, models, note, sealer, store, timestamps
from ledger.keys import read_keys
from ledger.outside import Held
from ledger.verify import COSIGNATURE, parse_note
from tests.conftest import absent
from tests.databases import Database
from tests.ledger import laboratory
from tests.ledger.attacks.attacker import Attacker, Row
from tests.ledger.test_timestamps import OwnAuthority

READINGS = b"time,temperature\n08:00,-150.2\n08:10,-150.1\n"
MANY = 300  # entries, so that a tile of 256 is full
WITNESS = "witness.example"
Tables = dict[str, list[Row]]


@dataclass
class Scene:
    """What stands before the attack. `victim` is the position of the entry that is attacked."""

    database: Database
    attacker: Attacker
    witness: keys.SigningKey
    vkey: str
    size: int  # sealed entries
    victim: int
    backup: Tables
    backup_size: int
    intact: Tables
    outside: bytes
    key_file: bytes

    @property
    def outside_path(self) -> Path:
        return Path(settings.LOTBOOK_OUTSIDE)

    @property
    def key_path(self) -> Path:
        return Path(settings.LOTBOOK_CHECKPOINT_KEY)

    def restore(self) -> None:
        """Everything as it was before any attack."""
        if guards.missing(connections["default"]):
            guards.install(connections["migrator"])
        _put_back(self.attacker, self.intact)
        self.outside_path.write_bytes(self.outside)
        for path in self.key_path.parent.glob(self.key_path.name + "*"):
            path.unlink()
        self.key_path.write_bytes(self.key_file)
        self.key_path.chmod(0o600)

    def restore_backup(self) -> None:
        """The database alone goes back to yesterday."""
        _put_back(self.attacker, self.backup)


def read_all(attacker: Attacker) -> Tables:
    """Every table of the ledger, and the read models that go with it."""
    tables = [*attacker.tables(), Register._meta.db_table, LogbookLine._meta.db_table]
    return {table: attacker.rows(table) for table in tables}


def _put_back(attacker: Attacker, wanted: Tables) -> None:
    present = read_all(attacker)
    changed = [table for table in wanted if present[table] != wanted[table]]
    if changed:
        with attacker.guards_down(), attacker.in_one_go():
            for table in changed:
                attacker.fill(table, wanted[table])


def build(database: Database, *, authority: Path | None = None) -> Scene:
    """A week in the laboratory: sealed four times, cosigned, backed up in between.

    With a folder for a time-stamping authority, the newest seal gets its stamp as well.
    """
    attacker = Attacker(database)
    witness = keys.from_seed(WITNESS, kind=COSIGNATURE, seed=sha256(b"witness").digest())
    with laboratory.by_roles_alone():
        held = [_first_days()]
        backup, backup_size = read_all(attacker), held[0].size
        held += _later_days()
        for mark in held[1:3]:
            _cosign(mark, witness)
        if authority is not None:
            _stamp(held[-1], authority)
        followers.run_all()
        laboratory.make_entry("CF-02", "Not sealed yet")
        laboratory.make_entry("CF-03", "Not sealed yet either")
    connections.close_all()
    return Scene(
        database=database,
        attacker=attacker,
        witness=witness,
        vkey=read_keys(Path(settings.LOTBOOK_CHECKPOINT_KEY))[0].vkey,
        size=held[-1].size,
        victim=_position_of(attacker, b"Rotor cleaned on Tuesday"),
        backup=backup,
        backup_size=backup_size,
        intact=read_all(attacker),
        outside=Path(settings.LOTBOOK_OUTSIDE).read_bytes(),
        key_file=Path(settings.LOTBOOK_CHECKPOINT_KEY).read_bytes(),
    )


def _first_days() -> Held:
    for unit in ("CF-02", "CF-03"):
        laboratory.register(unit)
    laboratory.make_entry("CF-02", "Rotor cleaned on Monday")
    laboratory.make_entry("CF-03", "Rotor greased on Monday")
    laboratory.make_entry("CF-02", "Rotor cleaned on Tuesday")
    laboratory.make_entry("CF-03", "Rotor greased on Tuesday")
    return _seal()


def _later_days() -> list[Held]:
    laboratory.move("CF-02", "Grade B room")
    laboratory.make_entry("CF-02", "Rotor cleaned on Wednesday")
    found = [_seal()]
    file = _filed("FR-01", READINGS)
    lines = [f"Temperature read, {n}" for n in range(MANY)]
    laboratory.append("FR-02", expected=0, texts=lines, cause=file.events[0].id)
    found.append(_seal())
    for day in ("Thursday", "Friday", "Saturday", "Sunday", "Monday"):
        laboratory.make_entry("CF-02", f"Rotor cleaned on {day}, week 2")
        laboratory.make_entry("CF-03", f"Rotor greased on {day}, week 2")
    found.append(_seal())
    return found


def _filed(unit: str, content: bytes) -> store.Appended:
    """An entry that names an attachment."""
    payload = laboratory.naming(blobs.put(content))
    return laboratory.append(unit, expected=0, payloads=[payload])


def _seal() -> Held:
    held = sealer.run_once()
    assert held is not None
    return held


def _cosign(held: Held, witness: keys.SigningKey) -> None:
    line = note.cosign(held.note.encode(), key=witness, time=1_800_000_000 + held.size)
    row = models.Cosignature(
        id=f"{held.epoch}/{held.size}/{WITNESS}",
        epoch=held.epoch,
        size=held.size,
        name=WITNESS,
        line=line,
    )
    models.Cosignature.objects.using("sealer").bulk_create([row])


def _stamp(held: Held, folder: Path) -> None:
    """An authority of our own stamps the checkpoint."""
    openssl = shutil.which("openssl")
    if openssl is None:
        absent("openssl", "openssl is not installed.")
    request = timestamps.request_for(parse_note(held.note.encode()).text)
    token = OwnAuthority(folder, openssl).stamp(request.as_bytes())
    row = models.TimestampToken(
        id=f"{held.epoch}/{held.size}", epoch=held.epoch, size=held.size, token=token
    )
    models.TimestampToken.objects.using("sealer").bulk_create([row])


def _position_of(attacker: Attacker, words: bytes) -> int:
    events: dict[Any, bytes] = {row["id"]: row["body"] for row in attacker.rows("ledger_event")}
    log = attacker.rows("ledger_log")
    return int(next(row["position"] for row in log if words in events[row["event_id"]]))
