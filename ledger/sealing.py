"""The sealer's process: seal, watch the clock, tell the witnesses, say how it is, until stopped."""

import json
import logging
import os
import sqlite3
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections

from ledger import clock_watch, log, sealer, store
from ledger.clock_watch import ClockWatch, Jump
from ledger.epochs import EpochRefused
from ledger.keys import KeyFileRefused
from ledger.outside import Held, OutsideMoved, OutsideWrong
from ledger.sealer import Sealer, SealingRefused
from ledger.witness_client import WitnessClient

PERIOD = 0.1  # seconds between two looks while all is well
LONGEST_PAUSE = 30.0  # between two attempts while it refuses: an attempt reads the whole log
BEAT = 1.0
CLOCK_AGAIN = 1.0  # seconds between two attempts to write a jump of the clock down
STAMP_EVERY, STAMP_AGAIN = 24 * 3600.0, 600.0
HEARTBEAT = "sealer.json"
LATE = 15.0  # seconds without a heartbeat after which the sealer counts as stopped

say = logging.getLogger(__name__)
Refusal = (SealingRefused, KeyFileRefused, EpochRefused, OutsideWrong)
Away = (DatabaseError, InterfaceError, sqlite3.Error, OSError)


class Loop:
    """Runs a sealer until `stop` is set. It never gives up: it says why it does not sign."""

    def __init__(
        self,
        stop: threading.Event,
        *,
        period: float = PERIOD,
        watch: ClockWatch | None = None,
        witnesses: list[WitnessClient] | None = None,
    ) -> None:
        self.stop = stop
        self.period = period
        self.watch = watch or clock_watch.watch()
        self.witnesses = witnesses or []
        self.sentence = ""
        self.clock = ""  # why a jump of the clock is not written down, if there was one
        self.stamping = ""  # why there is no time stamp, if there should be one
        self.held: Held | None = None
        self._sealer: Sealer | None = None
        self._sealed_at: datetime | None = None
        self._jumps: list[Jump] = []
        self._looked_back = False
        self._clock_again = 0.0
        self._pause = period
        self._beaten = 0.0

    def run(self) -> None:
        """Until stopped; what is committed by then is sealed."""
        for witness in self.witnesses:
            witness.start()
        if settings.LOTBOOK_TSA_URL:
            threading.Thread(target=self._stamp_daily, name="time stamps", daemon=True).start()
        while not self.stop.is_set():
            self.turn()
            self.stop.wait(self._pause)
        self.turn()
        for witness in self.witnesses:
            witness.stop()
        self.beat(state="stopped", always=True)
        connections.close_all()

    def turn(self) -> None:
        """One look at the clock and the log. A wrong clock is told, and keeps nothing unsealed."""
        self._look_at_clock()
        try:
            if self._seal():
                self._all_well()
        except OutsideMoved as moved:
            self._forget()
            say.warning("%s", moved)
        except Refusal as refusal:
            self._refuse(str(refusal))
        except Away as error:
            self._refuse(f"The sealer cannot reach its database or its disk: {error}")
            connections.close_all()
        except Exception as error:  # noqa: BLE001 - it must say so and go on
            say.exception("The sealer met an error it does not know.")
            self._refuse(f"The sealer met an error it does not know: {type(error).__name__}.")
        self.beat(state="refusing" if self.sentence else "sealing")

    def _seal(self) -> bool:
        if self._sealer is None:
            self._sealer = sealer.from_settings()
        grown = self._sealer.seal()
        self.held = self._sealer.held
        if grown is not None:
            self._sealed_at = datetime.now(UTC)
        for witness in self.witnesses:
            witness.offer(self.held)
        return True

    def _look_at_clock(self) -> None:
        jump = self.watch.look()
        if jump is not None:
            self._keep(jump)
        if self.watch.steady() < self._clock_again:
            return
        try:
            self._write_jumps()
        except Exception as error:  # noqa: BLE001 - whatever it is, sealing goes on
            self._clock_again = self.watch.steady() + CLOCK_AGAIN
            connections.close_all()
            self._tell_clock(error)
        else:
            self.clock = ""

    def _write_jumps(self) -> None:
        if not self._looked_back:
            jump = self.watch.look_back(_last_time())
            self._looked_back = True
            if jump is not None:
                self._keep(jump)
        while self._jumps:
            clock_watch.record_jump(self._jumps[0])
            self._jumps.pop(0)

    def _keep(self, jump: Jump) -> None:
        say.error("The clock jumped by %s s.", jump.seconds)
        self._jumps.append(jump)

    def _tell_clock(self, error: Exception) -> None:
        told = str(error) if isinstance(error, store.ClockApart) else f"{type(error).__name__}."
        sentence = f"The watch on the clock could not do its work: {told}"
        if self._jumps:
            jumped = f"The clock jumped by {self._jumps[0].seconds} s, which is not recorded yet"
            sentence = f"{jumped}. Set the server's clock right. {told}"
        if sentence != self.clock:
            say.error("%s", sentence)
        self.clock = sentence

    def _all_well(self) -> None:
        if self.sentence:
            say.warning("The sealer signs again.")
        self.sentence, self._pause = "", self.period

    def _refuse(self, sentence: str) -> None:
        """Stop signing, say so now and with every heartbeat, and look again later."""
        if sentence != self.sentence:
            say.error("%s", sentence)
        self._forget()
        self.sentence = sentence
        self._pause = min(LONGEST_PAUSE, max(1.0, self._pause * 2))

    def _stamp_daily(self) -> None:
        """Once a day, and at the start: the newest checkpoint gets a time stamp from outside."""
        from ledger import timestamps  # a heavy library, and the health page imports this file

        while not self.stop.is_set():
            wait = STAMP_EVERY
            try:
                timestamps.timestamp_newest()
                self.stamping = ""
            except (timestamps.TimestampRefused, *Away) as error:
                self.stamping, wait = str(error), STAMP_AGAIN
                say.error("%s", error)
            finally:
                connections.close_all()
            self.stop.wait(wait)

    def _forget(self) -> None:
        if self._sealer is not None:
            with suppress(sqlite3.Error):
                self._sealer.outside.close()
        self._sealer = None

    def beat(self, *, state: str, always: bool = False) -> None:
        """Write the heartbeat that the health page reads, at most once a second."""
        if not always and time.monotonic() - self._beaten < BEAT:
            return
        self._beaten = time.monotonic()
        held = self.held
        _write_heartbeat(
            {
                "at": datetime.now(UTC).isoformat(),
                "pid": os.getpid(),
                "state": state,
                "sentence": self.sentence,
                "epoch": held.epoch if held else None,
                "size": held.size if held else None,
                "sealed_at": self._sealed_at.isoformat() if self._sealed_at else None,
                "witnesses": [witness.report() for witness in self.witnesses],
                "clock": self.clock,
                "stamping": self.stamping,
            }
        )


def _last_time() -> datetime | None:
    """When the newest entry was recorded."""
    end = log.end(using="sealer")
    found = log.rows(
        "sealer",
        "SELECT e.recorded_at FROM ledger_log l JOIN ledger_event e ON e.id = l.event_id"
        " WHERE l.position = %s",
        [end - 1],
    )
    return store.as_utc(found[0][0]) if found else None


def _path() -> Path:
    return Path(settings.STATE_DIR) / HEARTBEAT


def _write_heartbeat(content: dict[str, Any]) -> None:
    """Replaced as a whole, so that a reader never sees half of it."""
    path = _path()
    waiting = path.with_name(f"{HEARTBEAT}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        waiting.write_text(json.dumps(content), encoding="utf-8")
        os.replace(waiting, path)
    except OSError as error:  # a full disk must not end the sealer
        say.error("The heartbeat cannot be written: %s", error)


def heartbeat() -> dict[str, Any]:
    """How the sealer is, for the health page: `state` is sealing, refusing, stopped or absent."""
    try:
        found: dict[str, Any] = json.loads(_path().read_text(encoding="utf-8"))
        age = (datetime.now(UTC) - datetime.fromisoformat(found["at"])).total_seconds()
    except (OSError, ValueError, KeyError):
        return {"state": "absent", "sentence": "The sealer has not run yet.", "witnesses": []}
    if found["state"] != "stopped" and abs(age) > LATE:
        found["state"] = "absent"
        found["sentence"] = f"The sealer has been silent for {age:.0f} s. Start: run_sealer."
    return found
