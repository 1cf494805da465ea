"""What may be asked of the trail as a whole: take a copy out, check a copy. Both leave an event."""

from collections.abc import Sequence
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from uuid import UUID, uuid4

from django.core.exceptions import ObjectDoesNotExist

from ledger import clock, ports, store, strangers
from ledger.command import Act, command
from ledger.event import Actor, Refused, UnknownEvent, marked
from ledger.event import marked as _
from ledger.export import Filter, Summary, export_bundle
from ledger.proofs import ProofBroken
from ledger.reading import Unreadable
from ledger.strangers import Checked
from ledger.trail_events import BundleVerified, TrailExported
from ledger.verify import Report

# Written as words, because the roles belong to a room above this one.
READERS = (
    "supervisor",
    "qa_reviewer",
    "qualified_person",
    "inspector",
    "data_protection_officer",
    "console",
)
LONGEST_FINDING = 500
NO_PLACE = marked(
    "The bundle could not be written ({what}), so none was made. Ask the administrator to look at"
    " the disk of the server's state folder, then make it again."
)
UNKNOWN = marked(
    "No bundle was made, because this version of Lotbook cannot read one of the records and leaves"
    " none out: {what} Ask the administrator for the newer version."
)
BROKEN = marked(
    "No bundle was made, because something stored is not as it was sealed: {what} Tell QA, and have"
    " the administrator run manage.py verify_ledger."
)


@command("ledger.export_trail", role=READERS, label=_("take out a copy of: {filter}"))
def export_trail(
    act: Act, *, filter: str, first: int, last: int, matches: int, sha256: str
) -> None:
    """Record that a bundle was made; only then is it handed out."""
    made = TrailExported(filter=filter, first=first, last=last, matches=matches, sha256=sha256)
    act.record("trail_export", str(act.command_id), [made])


@command("ledger.verify_bundle", role=READERS, label=_("check a bundle"))
def record_verification(act: Act, *, sha256: str, against: str, outcome: str, finding: str) -> None:
    """Record that somebody checked a bundle here, and what came of it."""
    checked = BundleVerified(sha256=sha256, against=against, outcome=outcome, finding=finding)
    act.record("bundle_check", str(act.command_id), [checked])


def hand_out(
    out: Path, chosen: Filter, *, actor: Actor, reason: str = "", command_id: UUID | None = None
) -> Summary:
    """Make a bundle for somebody who may have one. Without its event on the trail it is removed."""
    try:
        ports.authority().allow(actor, export_trail.spec, clock.now())  # type: ignore[attr-defined]
    except Refused:
        _record(Summary(chosen.in_words(), 0, -1, 0, 0, ""), actor, reason, command_id)
        raise
    waiting = out.with_name(f"{out.name}.{uuid4().hex}.part")  # the same form may be sent twice
    try:
        summary = _made(waiting, chosen)
        _record(summary, actor, reason, command_id)
        waiting.replace(out)
    except Refused as refused:
        before = _made_before(chosen, actor, command_id)
        if refused.code != "command_reused" or before is None:
            raise
        return before
    except OSError as error:
        raise Refused(NO_PLACE, code="no_place", what=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            waiting.unlink()
    return summary


def _made(waiting: Path, chosen: Filter) -> Summary:
    """The bundle, or in a sentence why there is none."""
    try:
        waiting.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return export_bundle(waiting, chosen)
    except UnknownEvent as unknown:
        raise Refused(UNKNOWN, code="unknown_event", what=str(unknown)) from unknown
    except (ProofBroken, ObjectDoesNotExist, *Unreadable) as broken:
        what = _plain(str(broken) or type(broken).__name__)[:LONGEST_FINDING]
        raise Refused(BROKEN, code="broken", what=what) from broken


def _made_before(chosen: Filter, actor: Actor, command_id: UUID | None) -> Summary | None:
    """What the same form made when it was sent before. Its bundle is the one that is kept."""
    events = store.load("trail_export", str(command_id)) if command_id else []
    if not events or (events[0].actor.person, events[0].data.filter) != (
        actor.person,
        chosen.in_words(),
    ):
        return None
    made = events[0].data
    entries = made.last - made.first + 1
    return Summary(made.filter, made.first, made.last, entries, made.matches, made.sha256)


def _record(summary: Summary, actor: Actor, reason: str, command_id: UUID | None) -> None:
    export_trail(
        filter=summary.filter,
        first=summary.first,
        last=summary.last,
        matches=summary.matches,
        sha256=summary.sha256,
        actor=actor,
        reason=reason,
        command_id=command_id,
    )


def check_bundle(
    path: Path, *, actor: Actor, keys: Sequence[str] = (), command_id: UUID | None = None
) -> Checked:
    """Verify a bundle that somebody brought who may, and record that they did."""
    try:
        ports.authority().allow(actor, record_verification.spec, clock.now())  # type: ignore[attr-defined]
    except Refused:
        record_verification(
            sha256="", against="", outcome="", finding="", actor=actor, command_id=command_id
        )
        raise
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    checked = strangers.check(path, keys)
    finding = "" if checked.report.finding is None else _in_words(checked.report)
    record_verification(
        sha256=digest,
        against=checked.against,
        outcome=checked.report.verdict,
        finding=finding[:LONGEST_FINDING],
        actor=actor,
        command_id=command_id,
    )
    return checked


def _in_words(report: Report) -> str:
    position, what = report.finding or (None, "")
    return _plain(what if position is None else f"Position {position}: {what}")


def _plain(text: str) -> str:
    """Without the characters that no record keeps."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
