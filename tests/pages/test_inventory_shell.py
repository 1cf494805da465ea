"""R3: what is asked from the shell: each command writes its event, or is proved read-only."""

import contextlib
import io
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command, get_commands

from personnel.models import Account
from tests.pages.watching import EVENTS, watching

# With an event of the ledger in the transaction of whatever they write.
RECORDED = {
    "begin_epoch",
    "changepassword",
    "createsuperuser",
    "export_trail",
    "open_account",
    "rotate_checkpoint_key",
}
# Nothing that is a record: positions and signatures over it, read models, files, tables, a demo.
NO_RECORD = {
    "run_sealer": "positions and checkpoints of what was recorded",
    "timestamp_checkpoint": "a token over a checkpoint",
    "rebuild": "read models, from the ledger",
    "migrate": "tables",
    "setup_database": "roles and a database",
    "prepare_demo": "a demo's history, by the commands that pages ask",
    "restore_ledger": "a database that was empty",
    "run_witness": "the witness's own memory",
}
READ_ONLY = {"backup_ledger", "event_catalogue", "verify_ledger"}


def test_r3_every_shell_command_is_known():
    """Given a new command for the shell, then whoever adds it says here what it may write."""
    rooms = {config.name for config in apps.get_app_configs() if "." not in config.name}
    rooms -= {"rest_framework", "drf_spectacular", "django_htmx"}
    ours = {name for name, app in get_commands().items() if app in rooms}
    assert ours == RECORDED | NO_RECORD.keys() | READ_ONLY


def test_r3_what_the_shell_changes_about_an_account_is_on_the_trail(database, monkeypatch):
    """Given the shell, when an account is opened and given a password, then each transaction
    that wrote holds its event."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "wet lab 7 lemons")
    said = {"interactive": False, "stdout": io.StringIO()}
    asked = [
        ("createsuperuser", {"username": "root.admin"}),
        ("open_account", {"role": "supervisor", "username": "dario"}),
        ("changepassword", {"username": "dario", "reason": "Forgotten"}),
    ]
    for name, options in asked:
        arguments = [options.pop("username")] if name == "changepassword" else []
        with watching() as watch:
            call_command(name, *arguments, **options, **said)
        assert EVENTS in watch.written(), name
        assert watch.without_event() == set(), name
    assert Account.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("verify_ledger", []),
        ("event_catalogue", []),
        ("rebuild", ["--check"]),
        ("backup_ledger", ["backup"]),
    ],
)
def test_r3_what_only_looks_writes_nothing(sqlite_database, seal, tmp_path: Path, name, arguments):
    """Given an installation with an account, when somebody looks from the shell, then no record
    is written."""
    from tests.personnel import staff

    staff.offices()
    seal()
    arguments = [str(tmp_path / word) if word == "backup" else word for word in arguments]
    with watching() as watch, contextlib.suppress(SystemExit):
        call_command(name, *arguments, stdout=io.StringIO())
    assert EVENTS not in watch.written()
    assert {t for t in watch.written() if not t.startswith("rebuilt_")} <= {"ledger_log"}, name
