"""Django's SQLite backend with the ledger's guard: durable, single-writer, append-only."""

import sqlite3
from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base

from ledger.sqlite.guard import authorizer

_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA recursive_triggers = ON",  # else REPLACE deletes rows without asking the triggers
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection in one of the four roles that PostgreSQL has for real."""

    def get_connection_params(self) -> dict[str, Any]:
        """The role is ours, not sqlite3's; one writer at a time from its first statement on."""
        params: dict[str, Any] = super().get_connection_params()
        params.pop("role", None)
        self.transaction_mode = "IMMEDIATE"
        params.setdefault("timeout", 30)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """Open the file, set what makes it durable, then lock the door behind us."""
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()
        judge: Callable[..., int] | None = authorizer(self.settings_dict["OPTIONS"].get("role"))
        if judge is not None:
            connection.set_authorizer(judge)
        return connection
