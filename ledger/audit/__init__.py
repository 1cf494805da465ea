"""The live verification: the whole database recomputed from its bytes, held to what is outside."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from ledger import guards
from ledger.audit import side
from ledger.audit.entries import Entries, log_rows, pending_rows
from ledger.audit.facts import Epoch, Facts
from ledger.audit.growth import Growth, follow_faults
from ledger.audit.report import Finding, Report
from ledger.audit.snapshot import Snapshot, open_snapshot, out_of_reach
from ledger.outside import Outside, OutsideWrong
from ledger.verify import BadNote, VerifierKey, parse_vkey
from ledger.witness_list import parse_witnesses

__all__ = ["CannotAudit", "Finding", "Report", "audit"]

Progress = Callable[[int], None]


# What the two databases' own drivers raise; the snapshot does not go through Django.
_UNREADABLE = (DatabaseError, sqlite3.Error, psycopg.Error)


# What a value of the wrong kind makes Python raise.
_OF_A_WRONG_KIND = (
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
)


class CannotAudit(Exception):
    """Why nothing, or not everything, could be checked, as a sentence."""


def audit(
    *,
    using: str = "auditor",
    outside: Path | None = None,
    without_outside: bool = False,
    keys: Sequence[str] = (),
    witnesses: Sequence[VerifierKey] = (),
    read_models: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Verify everything that can be verified here.

    `keys`: verifier keys of the log that you know from elsewhere. `outside`: the outside store,
    if not the one of the settings. `read_models`: also make those again and compare.
    """
    for key in keys:
        try:
            parse_vkey(key)
        except BadNote as error:
            raise CannotAudit(f"{key[:120]} is no verifier key, so nothing was checked.") from error
    report = Report()
    watchers = witnesses or _witnesses()
    store = None if without_outside else _open_outside(outside, report)
    try:
        # The outside store is asked first: what is sealed meanwhile is then not missed here.
        with closing(_open_snapshot(using)) as snapshot:
            _through(snapshot, report, store, keys, watchers, progress)
    except _UNREADABLE as error:
        if out_of_reach(error):
            _broken_off(report, error)
        else:
            report.found("the database", f"It cannot be read to the end: {str(error).strip()}")
    except _OF_A_WRONG_KIND as error:
        # An attacker's value of the wrong kind must be a finding, not the end of the audit.
        report.found("the database", f"It holds what cannot stand there: {error!r:.200}")
    finally:
        if store is not None:
            store.close()
    _guards(report, using)
    _limits(report, without_outside, keys)
    if read_models:
        _read_models(report)
    return report


def _through(
    snapshot: Snapshot,
    report: Report,
    store: Outside | None,
    keys: Sequence[str],
    witnesses: Sequence[VerifierKey],
    progress: Progress | None,
) -> None:
    epochs = [
        Epoch(*row)
        for row in snapshot.rows("SELECT number, origin, start FROM ledger_epoch ORDER BY start")
    ]
    facts = Facts(report, epochs, trusted=list(keys))
    growth = Growth(report, snapshot, epochs, store)
    entries = Entries(report, leaf=growth.take, told=facts.take)
    began = time.process_time()
    entries.go_through(log_rows(snapshot), progress)
    growth.finish()
    report.hashing_seconds = (
        time.process_time() - began - report.signature_seconds - facts.people.seconds
    )
    entries.waiting(pending_rows(snapshot))
    follow_faults(report, epochs)
    if keys:
        for epoch in facts.untrusted():
            report.found(
                f"ledger_epoch {epoch.number}",
                "No key that was given vouches for it: none has signed its newest checkpoint, nor"
                " sealed the change to the key that has.",
            )
    report.signatures = facts.people.count
    report.signature_seconds += facts.people.seconds
    side.check_counts(snapshot, report, entries.met + report.pending)
    side.check_commands(snapshot, report, entries.bodies)
    side.check_blobs(snapshot, report, entries.bodies.blobs)
    side.check_cosignatures(snapshot, report, witnesses)
    side.check_timestamps(snapshot, report)
    side.check_signed_events(snapshot, report, facts.people.signed)
    side.check_cursors(snapshot, report)
    side.check_file(snapshot, report)


def _witnesses() -> list[VerifierKey]:
    try:
        return [witness.key for witness in parse_witnesses(settings.LOTBOOK_WITNESSES)]
    except ValueError as error:
        raise CannotAudit(f"The setting LOTBOOK_WITNESSES cannot be read: {error}") from error


def _broken_off(report: Report, error: Exception) -> None:
    """The way to the database broke. What was found until then stays found."""
    what = str(error).strip() or type(error).__name__
    if not report.findings:
        raise CannotAudit(
            f"The database could not be reached to the end, so nothing is said of it: {what}."
            " Mend that, then run this again."
        ) from error
    report.not_checked.append(f"what follows: the database could no longer be reached: {what}")


def _open_outside(given: Path | None, report: Report) -> Outside | None:
    path = given or Path(settings.LOTBOOK_OUTSIDE)
    try:
        path.stat()  # unlike exists(), it tells a closed folder from an absent file
        return Outside(path, name=settings.LOTBOOK_ORIGIN, read_only=True)
    except (FileNotFoundError, NotADirectoryError):
        report.found(
            "the outside store",
            f"There is none at {path}: nothing tells whether the log was rewritten or cut.",
        )
        return None
    except (OutsideWrong, OSError) as error:
        raise CannotAudit(f"The outside store cannot be used: {error}") from error


def _open_snapshot(using: str) -> Snapshot:
    try:
        return open_snapshot(using)
    except (*_UNREADABLE, OSError) as error:
        raise CannotAudit(f"The database cannot be opened: {str(error).strip()}") from error


def _guards(report: Report, using: str) -> None:
    try:
        for problem in guards.missing(connections[using]):
            report.found("the guards", problem)
    except DatabaseError as error:
        if out_of_reach(error):
            _broken_off(report, error)
        else:
            report.not_checked.append(f"the guards: {str(error).strip()}")


def _limits(report: Report, without_outside: bool, keys: Sequence[str]) -> None:
    """What a reader must know about how far this went."""
    if without_outside:
        report.not_checked.append(
            "the outside store, as asked: a rewritten or shortened log would not show itself"
        )
    if not keys:
        report.notes.append(
            "the log's key was taken from the log itself; give --key to hold it against one"
            " you know from elsewhere."
        )


def _read_models(report: Report) -> None:
    from ledger import rebuild

    try:
        for sentence in rebuild.compare():
            report.found("read models", sentence)
    except Exception as error:  # noqa: BLE001 - events that were altered may fail in any way
        if out_of_reach(error):
            return _broken_off(report, error)
        what = str(error) or type(error).__name__
        report.found("read models", f"They cannot be made again from this ledger: {what}")
