"""Three people on one batch, each at a browser: what they send, what they are told, and whether
the ledger agrees with it afterwards."""

from __future__ import annotations

import contextlib
import queue
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from benchmarks import floor
from benchmarks.figures import say
from benchmarks.shopfloor_recipe import PHASES, TARGET, VERIFIED, name_of
from ledger import store
from tests.personnel import signers

Doing = tuple[str, str, int]  # performed or verified, batch, step


@dataclass
class Told:
    """What the server said, over all operators."""

    won: list[Doing] = field(default_factory=list)  # answered with the way to the next page
    refused: int = 0
    errors: int = 0
    waited: list[float] = field(default_factory=list)
    signing: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Crew:
    """One batch with two operators, each in a phase of their own, and who verifies for both."""

    batch: str
    number: int
    address: str
    steps: int
    pace: tuple[float, float] | None = None
    due: queue.Queue[int] = field(default_factory=queue.Queue)
    verified: dict[int, threading.Event] = field(default_factory=dict)
    broken: threading.Event = field(default_factory=threading.Event)

    def people(self, told: Told, *, wild: bool) -> Iterator[Callable[[], None]]:
        """What each of the three does, to be run at once with everybody else's."""
        self.verified = {step: threading.Event() for step in self.seconded()}
        for at, hand in enumerate(PHASES):
            browser = Browser(self, name_of(self.number, hand), told)
            mine = range(at * self.steps + 1, (at + 1) * self.steps + 1)
            yield self._safely(told, self._perform, browser, mine, wild)
        yield self._safely(told, self._verify, Browser(self, name_of(self.number, "v"), told))

    def seconded(self) -> list[int]:
        """The steps that a second person signs."""
        numbers = range(1, len(PHASES) * self.steps + 1)
        return [n for n in numbers if ((n - 1) % self.steps + 1) % VERIFIED == 0]

    def _safely(self, told: Told, work: Callable[..., None], *given: Any) -> Callable[[], None]:
        def run() -> None:
            try:
                work(*given)
            except Exception as error:  # noqa: BLE001 - told below, and the run is void
                told.troubles.append(f"{self.batch}: {error!r}")
                say(told.troubles[-1])
                self.broken.set()

        return run

    def _perform(self, browser: Browser, steps: range, wild: bool) -> None:
        chance = random.Random(f"{self.batch} {steps}")
        self._rest(chance, first=True)
        for step in steps:
            browser.card(step)
            if wild and chance.random() < 0.15:  # one that is done, or whose turn has not come
                browser.perform(chance.choice([other for other in steps if other != step]))
            twice = wild and browser.begun and chance.random() < 0.2
            if not browser.perform(step, twice=twice):
                raise RuntimeError(f"step {step} was refused: {browser.last}")
            if step in self.verified:
                self.due.put(step)
                while not self.verified[step].wait(1):
                    if self.broken.is_set():
                        raise RuntimeError(f"nobody verified step {step}")
            self._rest(chance)

    def _verify(self, browser: Browser) -> None:
        for _turn in self.verified:
            step = self._next_due()
            browser.card(step)
            if not browser.verify(step):
                raise RuntimeError(f"step {step} was not verified: {browser.last}")
            self.verified[step].set()

    def _next_due(self) -> int:
        while not self.broken.is_set():
            with contextlib.suppress(queue.Empty):
                return self.due.get(timeout=1)
        raise RuntimeError("the crew has stopped")

    def _rest(self, chance: random.Random, *, first: bool = False) -> None:
        if self.pace is not None:
            low, high = self.pace
            time.sleep(chance.uniform(0 if first else low, high))


class Browser:
    """One person's browser, signed in; the first signature takes all components, then the PIN."""

    def __init__(self, crew: Crew, name: str, told: Told) -> None:
        self.batch, self.name, self.told = crew.batch, name, told
        self.root = f"{crew.address}/batches/{crew.batch}/steps"
        self.http = requests.Session()  # holds the cookies; each request has its own connection
        self.http.headers["Connection"] = "close"
        for key, morsel in floor.browser(name).cookies.items():
            self.http.cookies.set(key, morsel.value)
        self.begun, self.last = False, ""

    def card(self, step: int) -> None:
        answer = self._timed(lambda: self.http.get(f"{self.root}/{step}/", timeout=120))
        if answer.status_code != 200:
            raise RuntimeError(f"the card of step {step} answered {answer.status_code}")

    def perform(self, step: int, *, twice: bool = False) -> bool:
        """Type what was read and sign. `twice`: the button was tapped a second time."""
        typed = {"value_bath": str(TARGET), "then": "sign"}
        return self._send("performed", step, "perform", typed, twice=twice)

    def verify(self, step: int) -> bool:
        return self._send("verified", step, "verify", {}, twice=False)

    def _send(
        self, kind: str, step: int, where: str, typed: dict[str, str], *, twice: bool
    ) -> bool:
        whole = {"signing_name": self.name, "signing_secret": signers.SECRET}
        signed = signers.PIN_FIELDS if self.begun else whole
        token = self.http.cookies.get("csrftoken", "")
        form = {**typed, **signed, "command_id": str(uuid.uuid4()), "csrfmiddlewaretoken": token}
        doors: list[bool] = []
        times = 2 if twice else 1

        def post() -> None:
            with requests.Session() as own:  # a second tap goes out before the first is answered
                own.cookies.update(self.http.cookies)
                own.headers["Connection"] = "close"
                answer = self._timed(
                    lambda: own.post(
                        f"{self.root}/{step}/{where}/", form, timeout=120, allow_redirects=False
                    ),
                    signing=True,
                )
                self.http.cookies.update(own.cookies)
            doors.append(answer.status_code == 302)
            self.last = f"{answer.status_code} {_error(answer.text)}"

        taps = [threading.Thread(target=post) for _tap in range(times)]
        for tap in taps:
            tap.start()
        for tap in taps:
            tap.join()
        if len(doors) < times:
            raise RuntimeError(f"step {step} was not answered")
        with self.told.lock:
            self.told.won += [(kind, self.batch, step)] * any(doors)
            self.told.refused += doors.count(False)
        self.begun |= any(doors)
        return any(doors)

    def _timed(
        self, ask: Callable[[], requests.Response], *, signing: bool = False
    ) -> requests.Response:
        begun = time.perf_counter()
        answer = ask()
        took = time.perf_counter() - begun
        with self.told.lock:
            self.told.waited.append(took)
            if signing and self.begun:
                self.told.signing.append(took)
            self.told.errors += answer.status_code >= 500
        return answer


def _error(page: str) -> str:
    """The refusal on a page, for whoever reads why the run is void."""
    at = page.find('role="alert"')
    return " ".join(page[at : at + 400].split()) if at >= 0 else page[:200]


def count(crews: list[Crew], told: Told) -> tuple[int, int, int]:
    """How many steps were told done and are not on record; how many stand twice, or were never
    told; and how many batches are in a state that the recipe does not allow."""
    recorded: Counter[Doing] = Counter()
    illegal = 0
    for crew in crews:
        events = store.load("batch", crew.batch)
        done = list(_doings(crew.batch, events))
        recorded.update(done)
        illegal += not _is_legal(crew, done)
    won = Counter(told.won)
    lost = sum((won - recorded).values())
    duplicated = sum(n - 1 for n in recorded.values() if n > 1)
    duplicated += sum((recorded - won).values())
    return lost, duplicated, illegal


def _doings(batch: str, events: list[Any]) -> Iterator[Doing]:
    kinds = {"batches.step_completed": "performed", "batches.step_verified": "verified"}
    for event in events:
        if event.type in kinds:
            yield kinds[event.type], batch, event.data.step


def _is_legal(crew: Crew, done: list[Doing]) -> bool:
    """Every step in its phase's order, verified before the next of its phase, and none left."""
    for at in range(len(PHASES)):
        wanted: list[tuple[str, int]] = []
        for step in range(at * crew.steps + 1, (at + 1) * crew.steps + 1):
            wanted.append(("performed", step))
            if step in crew.verified:
                wanted.append(("verified", step))
        phase = {step for _kind, step in wanted}
        if [(kind, step) for kind, _batch, step in done if step in phase] != wanted:
            return False
    return True
