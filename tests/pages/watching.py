"""Watches every statement that the application sends: what was committed, table by table.

A request, task or command is honest if each transaction that it committed either holds an event
of the ledger, or wrote nothing that is a record.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction

EVENTS = "ledger_event"
# What is written without an event, and why that is no record.
NO_RECORD = {
    "django_session": "who is signed in at which browser; that somebody came and went is an event",
    "django_content_type": "the framework's own list of tables",
    "personnel_signingtries": "wrong PINs on the way to the third, which is an event",
    "personnel_signingseries": "the copy of a key that a PIN opens for ten minutes",
    "personnel_preparedsignature": "what a passkey was asked two minutes ago",
    "ledger_pending": "which events wait for the sealer",
}
_WRITES = re.compile(
    r"(?:\bINSERT(?:\s+OR\s+\w+)?\s+INTO|\bREPLACE\s+INTO|\bDELETE\s+FROM(?:\s+ONLY)?"
    r"|(?<!FOR )(?<!FOR NO KEY )\bUPDATE(?:\s+ONLY)?|\bTRUNCATE(?:\s+TABLE)?|\bCOPY"
    r"|\b(?:DROP|ALTER)\s+TABLE(?:\s+IF\s+EXISTS)?)\s+\"?(\w+)\"?",
    re.IGNORECASE,
)


@dataclass(eq=False)
class Transaction:
    """The tables that one transaction wrote, as far as it was committed."""

    tables: set[str] = field(default_factory=set)


@dataclass
class Watch:
    """What was committed while somebody watched."""

    committed: list[Transaction] = field(default_factory=list)
    _open: dict[str, Transaction] = field(default_factory=dict)

    def without_event(self) -> set[str]:
        """The tables of records that were written by a transaction that holds no event."""
        silent = [one.tables for one in self.committed if EVENTS not in one.tables]
        return set().union(*silent) - NO_RECORD.keys()

    def written(self) -> set[str]:
        return set().union(*(one.tables for one in self.committed))

    def see(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Stands around every statement of a connection."""
        result = execute(sql, params, many, context)
        tables = {table.lower() for table in _WRITES.findall(sql)}
        if tables and context["cursor"].rowcount != 0:
            self._note(context["connection"], tables)
        return result

    def _note(self, connection: Any, tables: set[str]) -> None:
        if not connection.in_atomic_block:
            self.committed.append(Transaction(tables))
            return
        if not connection.run_on_commit:  # the first that this transaction keeps
            self._open[connection.alias] = Transaction()
        own = self._open.setdefault(connection.alias, Transaction())

        def commit() -> None:
            own.tables.update(tables)
            if own not in self.committed:
                self.committed.append(own)

        # What is rolled back, in whole or to a savepoint, forgets this with it.
        transaction.on_commit(commit, using=connection.alias)


@contextmanager
def watching() -> Iterator[Watch]:
    """While inside, every statement of every connection of this process is watched."""
    watch = Watch()
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(watch.see))
        yield watch
