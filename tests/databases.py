"""Databases for the tests: one template per session, a clone per test, Django pointed at it.

Triggers are never dropped and nothing is ever flushed: a test that commits gets its own database.
"""

import contextlib
import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
OURS = ("DB_", "LOTBOOK_", "SECRET_KEY", "REDIS_URL", "ALLOWED_HOSTS", "CSRF_", "DJANGO_")
OURS_EXACTLY = ("DB", "DEBUG", "LOG_LEVEL")
KEPT = ("LOTBOOK_REQUIRE",)


def plain_environ() -> dict[str, str]:
    """The surrounding environment without anything that configures Lotbook."""
    return {k: v for k, v in os.environ.items() if not _ours(k)}


def _ours(name: str) -> bool:
    return name not in KEPT and (name.startswith(OURS) or name in OURS_EXACTLY)


def environ(state: Path, *, origin: str, database: Mapping[str, str]) -> dict[str, str]:
    """What configures one installation whose state lies in `state`."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOTBOOK_DOTENV": os.devnull,
        "LOTBOOK_STATE": str(state),
        "LOTBOOK_ORIGIN": origin,
        "SECRET_KEY": "only-for-tests",
        "LOTBOOK_VAULT_KEY": "dGhlIHRlc3RzJyBvd24gdmF1bHQga2V5LCBubyBvdGg",
        "LOG_LEVEL": "WARNING",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        **database,
    }


@dataclass(frozen=True)
class Database:
    """One installation: a database of its own, a state folder, and the environment naming both."""

    vendor: str
    state: Path
    env: Mapping[str, str]
    cluster: postgres.Cluster | None = None

    @property
    def name(self) -> str:
        """The SQLite file, or the name of the PostgreSQL database."""
        return self.env["DB_NAME"]

    def command(self, *args: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *args]

    def environ(self) -> dict[str, str]:
        """The full environment of a process that works on this installation."""
        return plain_environ() | dict(self.env)

    def manage(self, *args: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run `manage.py ...` in a process of its own; a failure shows what it printed."""
        done = subprocess.run(
            self.command(*args), env=self.environ(), cwd=ROOT, capture_output=True, text=True
        )
        if check and done.returncode:
            raise AssertionError(f"manage.py {' '.join(args)}:\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *args: str, **options: Any) -> "subprocess.Popen[str]":
        """Start `manage.py ...` and go on; it dies with the tests."""
        return subprocess.Popen(
            self.command(*args),
            env=self.environ(),
            cwd=ROOT,
            text=True,
            preexec_fn=postgres.die_with_parent,
            **options,
        )


def sqlite_environ(file: Path) -> dict[str, str]:
    return {"DB": "sqlite", "DB_NAME": str(file)}


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the others wait."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Templates:
    """The session's template databases, made by whichever worker needs one first."""

    def __init__(self, base: Path, owner: int) -> None:
        self.base = base
        self.owner = owner

    def sqlite(self, origin: str) -> Path:
        """A migrated SQLite file."""
        folder = self.base / f"template-{origin}"
        file = folder / "lotbook.sqlite3"
        with locked(self.base / f"template-{origin}.lock"):
            if not (folder / "made").exists():
                folder.mkdir()
                env = environ(folder, origin=origin, database=sqlite_environ(file))
                Database("sqlite", folder, env).manage("migrate", "--verbosity", "0")
                (folder / "made").touch()
        return file

    def cluster(self) -> postgres.Cluster:
        """The session's cluster; a keeper removes it when the session is over."""
        note = self.base / "cluster.json"
        with locked(self.base / "cluster.lock"):
            if note.exists():
                return _cluster_from(json.loads(note.read_text()))
            made = postgres.start_kept(postgres.FORGETFUL, owner=self.owner)
            note.write_text(json.dumps({"path": str(made.directory), "password": made.password}))
            return made

    def postgres(self, origin: str) -> tuple[postgres.Cluster, str]:
        """The cluster and the name of a migrated database in it."""
        cluster = self.cluster()
        name = f"template_{uuid.uuid5(uuid.NAMESPACE_DNS, origin).hex[:8]}"
        with locked(self.base / f"{name}.lock"):
            if not (self.base / f"{name}.made").exists():
                prepare(cluster, name, origin=origin, state=self.base / name)
                (self.base / f"{name}.made").touch()
        return cluster, name


def prepare(cluster: postgres.Cluster, name: str, *, origin: str, state: Path) -> Database:
    """What an administrator does on a new cluster: setup_database, then migrate."""
    state.mkdir(exist_ok=True)
    env = environ(state, origin=origin, database=cluster.environ(name))
    database = Database("postgres", state, env, cluster)
    database.manage("setup_database")
    database.manage("migrate", "--verbosity", "0")
    return database


def _cluster_from(note: Mapping[str, str]) -> postgres.Cluster:
    return postgres.Cluster(Path(note["path"]), note["password"])


@contextlib.contextmanager
def clone(templates: Templates, vendor: str, origin: str) -> Iterator[Database]:
    """A fresh installation with a signing key of its own, gone afterwards."""
    from ledger import keys

    state = Path(tempfile.mkdtemp(prefix="lotbook-test-"))
    (state / "static").mkdir()
    keys.write_keys(state / "checkpoint.key", [keys.generate(origin)])
    make = _clone_postgres if vendor == "postgres" else _clone_sqlite
    try:
        with make(templates, state, origin) as database:
            yield database
    finally:
        shutil.rmtree(state, ignore_errors=True)


@contextlib.contextmanager
def _clone_sqlite(templates: Templates, state: Path, origin: str) -> Iterator[Database]:
    file = state / "lotbook.sqlite3"
    shutil.copyfile(templates.sqlite(origin), file)
    yield Database("sqlite", state, environ(state, origin=origin, database=sqlite_environ(file)))


@contextlib.contextmanager
def _clone_postgres(templates: Templates, state: Path, origin: str) -> Iterator[Database]:
    from ledger import roles

    cluster, template = templates.postgres(origin)
    name = f"test_{uuid.uuid4().hex[:12]}"
    with cluster.admin() as admin:
        names = roles.roles()
        create = roles.create_database_statement(names, database=name, template=template)
        for statement in [create, *roles.database_statements(names, database=name)]:
            admin.execute(statement)
    try:
        env = environ(state, origin=origin, database=cluster.environ(name))
        yield Database("postgres", state, env, cluster)
    finally:
        with cluster.admin() as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def settings_for(env: Mapping[str, str]) -> ModuleType:
    """The settings file as a process with this environment would read it."""
    spec = importlib.util.spec_from_file_location(
        "settings_read_again", ROOT / "config/settings.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before, wanted = dict(os.environ), plain_environ() | dict(env)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        spec.loader.exec_module(module)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return module


@contextlib.contextmanager
def pointed_at(database: Database) -> Iterator[None]:
    """Django's settings and all its connections are this installation's while inside."""
    from django.conf import settings
    from django.db import connections
    from django.test import override_settings

    fresh = settings_for(database.env)
    before = dict(settings.DATABASES)
    with override_settings(**_changed(settings, fresh)):
        _connect(connections, settings.DATABASES, fresh.DATABASES)
        try:
            yield
        finally:
            _connect(connections, settings.DATABASES, before)


def _changed(settings: Any, fresh: ModuleType) -> dict[str, Any]:
    names = [
        n for n in dir(fresh) if n.isupper() and n not in {"DATABASES", "SECRET_KEY", "STORAGES"}
    ]
    return {n: v for n in names if (v := getattr(fresh, n)) != getattr(settings, n, None)}


def _connect(connections: Any, databases: dict[str, Any], wanted: Mapping[str, Any]) -> None:
    for alias in connections:
        connections[alias].close()
        del connections[alias]
    databases.clear()
    databases.update(wanted)
    connections.settings = connections.configure_settings(databases)
