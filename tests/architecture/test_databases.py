"""The tests' own databases: cloned, guarded, thrown away, and out of reach without the fixture."""

from typing import Any

import pytest
from django.db import connections

from ledger import guards
from ledger.models import Epoch
from tests.databases import Database


def test_a_clone_stands_guarded_and_empty(database: Database) -> None:
    """Given a clone, then every trigger stands and its log has the origin asked for."""
    assert guards.missing(connections["auditor"]) == []
    assert Epoch.objects.get().origin == "demo.test.lotbook.example/1"
    assert connections["default"].settings_dict["NAME"] == database.name


@pytest.mark.origin("lab.example")
def test_a_log_may_have_another_origin(database: Database) -> None:
    assert Epoch.objects.get().origin == "lab.example/1"


def test_a_process_of_its_own_sees_the_same_installation(database: Database) -> None:
    code = "from ledger.models import Epoch; print(Epoch.objects.get().origin)"
    assert "demo.test.lotbook.example/1" in database.manage("shell", "-c", code).stdout


def test_the_four_aliases_are_four_roles(postgres_database: Database) -> None:
    who = {}
    for alias in ("default", "migrator", "sealer", "auditor"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT session_user::text, current_user::text")
            who[alias] = cursor.fetchone()
    assert who == {
        "default": ("lotbook_app", "lotbook_app"),
        "migrator": ("lotbook_migrator", "lotbook_owner"),
        "sealer": ("lotbook_sealer", "lotbook_sealer"),
        "auditor": ("lotbook_auditor", "lotbook_auditor"),
    }


def test_without_the_fixture_no_database_is_reached() -> None:
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        Epoch.objects.count()


def test_a_private_cluster_survives_a_kill(postgres_cluster: Any) -> None:
    """Given a durable cluster, when all its processes are killed, then what was committed stays."""
    private = postgres_cluster()
    with private.cluster.admin() as admin:
        admin.execute("CREATE TABLE note (word text)")
        admin.execute("INSERT INTO note VALUES ('kept')")
    private.kill()
    private.start()
    with private.cluster.admin() as admin:
        assert admin.execute("SELECT word FROM note").fetchall() == [("kept",)]
