"""R22: the database is lost, the backup comes back, and the log goes on without a lie."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from ledger import log, rebuild
from ledger.audit import audit
from ledger.backup import BackupFailed, backup, restore
from ledger.models import Trail
from ledger.sealer import LogRolledBack
from tests.ledger import laboratory as lab


def test_r22_the_drill_database_lost_backup_restored_new_epoch_verified(database, seal, tmp_path):
    """Given a backup and later records, when the database is lost, then what is left is proved."""
    lab.append("CF-01", expected=0, texts=[f"Run {number}" for number in range(7)])
    seal()
    saved = tmp_path / "monday.backup"
    backup(saved)
    before = _trail()
    lab.append("CF-01", expected=7, texts=["Written after the backup"])
    seal()

    lose(database)
    database.manage("restore_ledger", str(saved), "--into", database.name)
    database.manage("migrate", "--verbosity", "0")

    assert _trail() == before
    assert rebuild.compare() == []
    with pytest.raises(LogRolledBack, match="begin_epoch"):
        seal()
    report = audit()
    assert not report.verified
    assert report.first().position == 8
    database.manage("begin_epoch", "--yes", "--reason", "Disk failed; Monday's backup restored")
    report = audit()
    assert report.findings == []
    assert [epoch.start for epoch in log.epochs()] == [0, 8]
    assert report.sealed == report.entries >= 9


def _trail() -> list[tuple[Any, ...]]:
    return sorted(Trail.objects.values_list())


def lose(database: Any) -> None:
    """The disk with the database is gone; the outside store and the key are not."""
    connections.close_all()
    if database.vendor == "sqlite":
        for file in Path(database.name).parent.glob(f"{Path(database.name).name}*"):
            os.unlink(file)
        return
    with database.cluster.admin() as admin:
        admin.execute(f'DROP DATABASE "{database.name}" WITH (FORCE)')
    database.manage("setup_database")


def test_a_backup_never_overwrites_and_never_restores_over_data(database, tmp_path):
    """Given a backup and a working database, then neither is written over."""
    saved = tmp_path / "one.backup"
    backup(saved)

    with pytest.raises(BackupFailed, match="never overwritten"):
        backup(saved)
    with pytest.raises(BackupFailed, match=r"exists already|not empty"):
        restore(saved, into=database.name)
    with pytest.raises(BackupFailed, match="no backup"):
        restore(tmp_path / "missing", into=str(tmp_path / "new"))


def test_a_damaged_backup_is_not_restored(sqlite_database, tmp_path):
    """Given a backup whose pages were damaged, then nothing is put in its place."""
    saved = tmp_path / "one.backup"
    backup(saved)
    content = bytearray(saved.read_bytes())
    content[4096:8192] = os.urandom(4096)
    saved.write_bytes(content)

    with pytest.raises(BackupFailed, match=r"damaged|no SQLite"):
        restore(saved, into=str(tmp_path / "new.sqlite3"))
    assert not (tmp_path / "new.sqlite3").exists()
