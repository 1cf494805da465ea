"""How the ledger is, as facts with a standing and a sentence: for the health page and the API."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from ledger import clock_watch, followers, log, reading, sealing, sequencer, unfit
from ledger.event import Recorded
from ledger.models import Checkpoint, Cosignature, Epoch, Event, LogEntry, Pending, Trail

OK, WARN, BAD = "ok", "warn", "bad"
LATE = timedelta(seconds=5)  # unsealed for longer than this is a warning,
STUCK = timedelta(seconds=60)  # and this is a fault
BEHIND = 1_000  # entries a follower may be behind before it is a warning
LOOKED_BACK = timedelta(days=30)  # how long a refused reaction stays on the page
AT_MOST = 20
LOOKED_AT = 500  # waiting events that are read to find those that can have no position
RECENT = 200  # cosignatures read to find each witness's newest


@dataclass(frozen=True, slots=True)
class Sealed:
    """The newest checkpoint of the newest epoch."""

    origin: str
    size: int
    root: str
    note: str


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What is recorded and not yet under a signed checkpoint."""

    count: int
    oldest: datetime | None

    @property
    def age(self) -> timedelta:
        return datetime.now(UTC) - self.oldest if self.oldest else timedelta()

    @property
    def seconds(self) -> int:
        return max(0, round(self.age.total_seconds()))

    @property
    def standing(self) -> str:
        if self.age > STUCK:
            return BAD
        return WARN if self.age > LATE else OK


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the page: a name, how it stands, the sentence, what to do."""

    name: str
    standing: str
    sentence: str
    todo: str = ""


def sealed() -> Sealed | None:
    """What the log last signed; none before the sealer's first turn."""
    newest = Checkpoint.objects.order_by("-epoch", "-size").first()
    if newest is None:
        return None
    origin = Epoch.objects.filter(number=newest.epoch).values_list("origin", flat=True).first()
    return Sealed(origin or "", newest.size, bytes(newest.root).hex(), newest.note)


def unsealed() -> Unsealed:
    """How much waits, and since when."""
    bounds = reading.sealed_bounds()
    end = bounds[-1][1] if bounds else 0
    waiting = LogEntry.objects.filter(position__gte=end)
    pending = Pending.objects.order_by("seq")
    first = waiting.order_by("position").values_list("event_id", flat=True).first()
    first = first or pending.values_list("event_id", flat=True).first()
    times = Event.objects.values_list("recorded_at", flat=True)
    oldest = times.filter(pk=first).first() if first else None
    return Unsealed(waiting.count() + pending.count(), oldest)


def sealer() -> Standing:
    """The sealer's own word, by its heartbeat."""
    beat = sealing.heartbeat()
    name = _("Sealer")
    if beat["state"] == "sealing":
        return Standing(name, OK, _("It gives positions and signs checkpoints."))
    if beat["state"] == "stopped":
        todo = _("Start it: manage.py run_sealer.")
        return Standing(name, BAD, _("It was stopped; nothing new is sealed."), todo)
    standing = BAD if beat["state"] == "refusing" else WARN
    todo = _("See docs/operate.md, “The sealer does not sign”.")
    return Standing(name, standing, beat.get("sentence", ""), todo)


def outside() -> Standing:
    """The store of checkpoints beyond the database's reach."""
    beat, name = sealing.heartbeat(), _("Outside store")
    newest = sealed()
    if beat.get("size") is None:
        return Standing(
            name, WARN, _("The sealer has not said what it holds."), _("Start the sealer.")
        )
    held = _("It holds epoch %(epoch)s up to entry %(size)s.") % beat
    if newest and Path(settings.LOTBOOK_OUTSIDE).parent.is_relative_to(settings.STATE_DIR):
        todo = _("For GMP use, point LOTBOOK_OUTSIDE at another disk or host.")
        return Standing(name, WARN, f"{held} " + _("It lies beside the database."), todo)
    return Standing(name, OK, held)


def clock() -> Standing:
    """Whether the server's clock can be trusted to sign by."""
    blocked = clock_watch.signing_blocked()
    if blocked:
        todo = _("Check the server's time, then explain the jump below.")
        return Standing(_("Clock"), BAD, blocked, todo)
    wrong = sealing.heartbeat().get("clock", "")
    if wrong:
        return Standing(_("Clock"), BAD, wrong)
    return Standing(_("Clock"), OK, _("The server's clock runs steadily; signing is open."))


def database() -> Standing:
    """Which database holds the record, and whether it may."""
    if settings.DB == "sqlite":
        todo = _("A facility runs PostgreSQL: see docs/operate.md.")
        return Standing(
            _("Database"), WARN, _("SQLite: for trial and training, not for GMP."), todo
        )
    return Standing(_("Database"), OK, _("PostgreSQL."))


def witnesses() -> list[dict[str, Any]]:
    """Each witness with the newest size it has cosigned, and what the sealer last heard."""
    reports = {one.get("name", ""): one for one in sealing.heartbeat().get("witnesses", [])}
    lasts: dict[str, Cosignature] = {}
    for line in Cosignature.objects.order_by("-epoch", "-size")[:RECENT]:
        lasts.setdefault(line.name, line)
    newest = sealed()
    return [
        {
            "name": name,
            "last": last,
            "behind": newest.size - last.size if newest and last else None,
            "problem": reports.get(name, {}).get("sentence", ""),
        }
        for name in sorted({*reports, *lasts})
        for last in [lasts.get(name)]
    ]


def refused_reactions() -> list[reading.Line]:
    """What the system tried to do of itself and was refused, so that a person has to look."""
    since = datetime.now(UTC) - LOOKED_BACK
    rows = Trail.objects.filter(type="ledger.refused", recorded_at__gte=since)
    ids = list(rows.order_by("-recorded_at", "-event_id").values_list("event_id", flat=True)[:500])
    events = Event.objects.filter(pk__in=ids).values_list(*reading.COLUMNS)
    caused = [e for e in map(reading.read, events) if isinstance(e, Recorded) and e.cause]
    caused.sort(key=lambda event: (event.recorded_at, event.id), reverse=True)
    return reading.lines_of(caused[:AT_MOST])


def epochs() -> list[dict[str, Any]]:
    """Every tree of the log: its origin, where it begins, how far it is sealed."""
    bounds = dict(reading.sealed_bounds())
    return [
        {
            "number": epoch.number,
            "origin": epoch.origin,
            "start": epoch.start,
            "size": max(0, bounds.get(epoch.start, epoch.start) - epoch.start),
        }
        for epoch in log.epochs()
    ]


def standings() -> list[Standing]:
    """The rows of the page that are always there."""
    return [sealer(), outside(), clock(), database()]


def waiting() -> list[Standing]:
    """What a person has to look at."""
    found = [row for row in (sealer(), clock()) if row.standing != OK]
    found += [
        Standing(
            _("Follower %(name)s") % {"name": lag.name},
            BAD,
            lag.stopped,
            _("Read the sentence, mend the cause, then let it read on."),
        )
        for lag in followers.lag()
        if lag.stopped
    ]
    refused = refused_reactions()
    if refused:
        sentence = _("%(count)s automatic actions were refused.") % {"count": len(refused)}
        found.append(Standing(_("Refused reactions"), WARN, sentence, _("Read them.")))
    found += held_back()
    left = unsealed()
    if left.standing == BAD:
        sentence = _("%(count)s entries have waited for a seal for %(seconds)s s.")
        filled = sentence % {"count": left.count, "seconds": left.seconds}
        found.append(Standing(_("Not sealed"), BAD, filled, _("See that the sealer runs.")))
    return found


def held_back() -> list[Standing]:
    """Events that wait for ever: the sequencer makes no entry of them."""
    query = sequencer.TAKE + "p.seq > %s ORDER BY p.seq LIMIT %s"
    taken = log.rows("default", query, [-1, LOOKED_AT])
    return [
        Standing(
            _("Event %(event)s") % {"event": row[1]},
            BAD,
            _("It gets no position in the log. %(why)s") % {"why": _(fault)},
            _("Somebody wrote past the software. Keep a copy of the database to be examined."),
        )
        for row, fault in unfit.Judge("default").faults(taken)
        if fault
    ][:AT_MOST]


def summary() -> dict[str, Any]:
    """The figures at the head of the page."""
    return {"sealed": sealed(), "unsealed": unsealed(), "entries": log.end()}


def facts() -> dict[str, Any]:
    """Everything the health page shows."""
    lags = followers.lag()
    return summary() | {
        "standings": standings(),
        "witnesses": witnesses(),
        "followers": [(lag, _follower_standing(lag)) for lag in lags],
        "refused": refused_reactions(),
        "epochs": epochs(),
        "clock_blocked": clock_watch.signing_blocked() is not None,
        "read_at": datetime.now(UTC),
    }


def _follower_standing(lag: followers.Lag) -> str:
    if lag.stopped:
        return BAD
    return WARN if lag.behind > BEHIND else OK
