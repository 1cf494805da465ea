"""R1: the doors beside the event store: admin pages, the shell, psql and Django's own commands."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connections
from django.test import Client
from django.urls import NoReverseMatch, reverse

from ledger import guards
from personnel.models import Account
from personnel.roles import SYSTEM_ADMINISTRATOR
from tests.databases import Database
from tests.ledger import append_only_attacks as attacks
from tests.ledger.append_only_attacks import a_row_in_every_table, everything

pytestmark = pytest.mark.tampers

SHELL = """
from django.db import Error, connection
from ledger import guards
for model in guards.ledger_models():
    table, row = model._meta.db_table, model.objects.first()
    field = model._meta.pk.name
    def sql(text):
        with connection.cursor() as cursor:
            cursor.execute(text)
    for name, attack in {
        "delete": lambda: model.objects.all().delete(),
        "update": lambda: model.objects.update(**{field: row.pk}),
        "save": lambda: row.save(),
        "sql": lambda: sql(f"DELETE FROM {table}"),
        "drop": lambda: sql(f"DROP TABLE {table}"),
    }.items():
        try:
            attack()
        except Error:
            print("refused")
        else:
            print("ACCEPTED", table, name)
"""


@pytest.fixture
def recorded(database: Database) -> Database:
    """Given: a row in every ledger table."""
    a_row_in_every_table()
    return database


@pytest.fixture
def administrator(recorded: Database, settings: object) -> Client:
    """Given: the system administrator, signed in."""
    account = Account(
        id="a-9", username="root", person="p-root", role=SYSTEM_ADMINISTRATOR, printed_name="Root"
    )
    Account.objects.bulk_create([account])
    client = Client(SERVER_NAME="localhost")
    client.force_login(account)
    assert client.get(reverse("admin:index")).status_code == 200
    return client


def test_r1_no_admin_page_changes_a_ledger_table(administrator: Client) -> None:
    before, asked = everything(connections["migrator"]), 0
    for model in guards.ledger_models():
        row = model._default_manager.first()
        assert row is not None
        fields = {f.name: f.value_to_string(row) for f in model._meta.fields}
        for page, args, data in (
            ("add", [], fields),
            ("change", [row.pk], fields),
            ("delete", [row.pk], {"post": "yes"}),
            ("changelist", [], {"action": "delete_selected", "_selected_action": str(row.pk)}),
        ):
            try:
                address = reverse(f"admin:ledger_{model._meta.model_name}_{page}", args=args)
            except NoReverseMatch:
                continue  # there is no such page
            answer = administrator.post(address, data | {"post": "yes", "_save": "1"})
            # A list shows itself again and offers no action; every other page says no.
            shown = [200] if page == "changelist" else []
            assert answer.status_code in [*shown, 403, 404, 405], f"{address}: {answer.status_code}"
            asked += 1
    assert asked >= 3 * len(guards.ledger_models())
    assert everything(connections["migrator"]) == before


def test_r1_no_admin_page_adds_changes_or_deletes_anything(administrator: Client) -> None:
    from django.contrib.admin import site

    request = administrator.get(reverse("admin:index")).wsgi_request
    for model, page in site._registry.items():
        allowed = [page.has_add_permission(request), page.has_change_permission(request)]
        allowed.append(page.has_delete_permission(request))
        assert not any(allowed), f"The admin page of {model.__name__} can write."


def test_r1_the_shell_changes_no_ledger_table(recorded: Database) -> None:
    before = everything(connections["migrator"])
    done = recorded.manage("shell", "--no-imports", "-c", SHELL)
    tables = len(guards.ledger_models())
    assert done.stdout.split() == ["refused"] * 5 * tables, done.stdout
    assert everything(connections["migrator"]) == before


def test_r1_psql_as_the_application_changes_no_ledger_table(postgres_database: Database) -> None:
    a_row_in_every_table()
    before = everything(connections["migrator"])
    attempts = []
    for table in attacks.ledger_tables(connections["default"]):
        attempts += [f"DELETE FROM {table}", f"TRUNCATE {table}", f"DROP TABLE {table}"]
        attempts += [f"ALTER TABLE {table} DISABLE TRIGGER ALL", f"\\copy {table} from /dev/null"]
    options = [word for attempt in attempts for word in ("-c", attempt)]
    done = postgres_database.manage("dbshell", "--", "--no-psqlrc", *options, check=False)
    refusals = [line for line in done.stderr.splitlines() if "ERROR:" in line]
    # Loading nothing into a table one may add to is no attack: the three of the application.
    assert len(refusals) == len(attempts) - len(attacks.APP_ADDS), done.stderr
    assert all("permission denied" in line or "must be owner" in line for line in refusals)
    assert everything(connections["migrator"]) == before


@pytest.mark.parametrize("alias", ["default", "migrator"])
def test_r1_flush_empties_nothing(recorded: Database, alias: str) -> None:
    before = everything(connections["migrator"])
    done = recorded.manage("flush", "--no-input", "--database", alias, check=False)
    assert done.returncode != 0
    assert everything(connections["migrator"]) == before


def test_r1_loaddata_replaces_no_event(recorded: Database, tmp_path: Path) -> None:
    before = everything(connections["migrator"])
    event = apps.get_model("ledger", "Event")._default_manager.first()
    assert event is not None
    fixture = tmp_path / "forged.json"
    fields = {f.name: f.value_to_string(event) for f in event._meta.fields if not f.primary_key}
    forged = {"model": "ledger.event", "pk": str(UUID(str(event.pk))), "fields": fields}
    fixture.write_text(json.dumps([forged | {"fields": fields | {"actor": "p-mallory"}}]))
    for alias in ("default", "migrator"):
        done = recorded.manage("loaddata", "--database", alias, str(fixture), check=False)
        assert done.returncode != 0
        assert "append-only" in done.stderr or "denied" in done.stderr or "not auth" in done.stderr
    assert everything(connections["migrator"]) == before
