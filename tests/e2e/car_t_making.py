"""One CAR-T batch in the browser, step by step: what is asked for is typed, scanned and signed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from batches.limits import Parameter
from batches.recipe_content import Step
from batches.shipped import car_t
from tests.batches import car_t_day as day
from tests.databases import ROOT, plain_environ
from tests.e2e.car_t_people import CREW, Person, ago
from tests.e2e.car_t_site import BATCH

STEPS = {step.key: step for step in car_t.content().steps}
BY_NUMBER = {step.number: step for step in STEPS.values()}
BREATH = 2_100  # milliseconds: a scan that comes faster is the last one sent once more
NUMBER = re.compile(rf"{BATCH}-[A-Z0-9-]*[0-9]")
RECORD = "Record and sign"


def told_by_site(state: str, what: str) -> Any:
    """What the site's own program answers, beside the running demo."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.car_t_site", what], cwd=ROOT, check=False,
        env=plain_environ() | {"LOTBOOK_STATE": state, "LOTBOOK_DEMO": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    return json.loads(made.stdout.splitlines()[-1])


class Day:
    """The batch from its first step to its last, as the script says."""

    def __init__(self, browser: Any, site: str, files: Path, album: Path | None = None) -> None:
        self.files, self.ready = files, {}
        self.people = {name: Person(browser, site, name, album) for name in CREW}
        self.operator = self.people["marta"]
        self.labels: dict[str, list[str]] = {}
        self.played: list[str] = []
        self.last = self.operator  # whose page leads on from here

    def onwards(self) -> bool:
        """The operator's page is at the step that is due; no after the last."""
        page = self.operator.page
        if self.last is not self.operator:
            page.goto(self.last.page.url, wait_until="domcontentloaded")
        if page.locator(".step-form[action$='/perform/']").count():
            return True
        page.goto("/batches/board/", wait_until="domcontentloaded")
        row = page.locator(f"a[data-row]:has-text('{BATCH}')").first
        address = str(row.get_attribute("href"))
        page.goto(address, wait_until="domcontentloaded")
        return "/steps/" in address

    def play(self, plays: dict[str, Any]) -> bool:
        """The step that is due, with all that the script marks at it."""
        if not self.onwards():
            return False
        who = self.operator
        heading = who.page.locator("h1").inner_text()
        step = BY_NUMBER[int(heading.partition(".")[0])]
        assert str(self.ready["code"]) not in who.page.content(), "the expected code is nowhere"
        assert step.key not in self.played, f"{heading}: {who.faults()}"
        self.played.append(step.key)
        self.last = who
        plays.get(step.key, plainly)(self, who, step)
        self.seconds(step)
        return True

    def seconds(self, step: Step) -> None:
        """Whoever verifies and whoever witnessed, one after the other."""
        ingrid = self.people["ingrid"]
        for wanted, button, said in (
            (step.verifies, "Verify and sign", "is verified"),
            (step.witness, "I watched it: sign", "is witnessed"),
        ):
            if wanted:
                ingrid.go(at(step))
                ingrid.press(button, signs=True)
                ingrid.says(said)
                self.last = ingrid

    def typed(self, answer: day.Answer) -> str:
        match answer:
            case day.Patient():
                self.operator.page.wait_for_timeout(BREATH)  # nobody takes up the next bag faster
                return str(self.ready["code"])
            case day.Lot(needs=needs):
                return str(self.ready["lots"][needs])
            case day.Unit(needs=needs):
                return str(self.ready["units"][needs])
            case day.Place(needs=needs):
                return str(self.ready["rooms"][needs])
            case day.Labels(needs=needs, count=count):
                return " ".join(self.printed(needs, count))
            case day.Ago(minutes=minutes):
                return ago(minutes)
        return str(answer)

    def printed(self, kind: str, count: int) -> list[str]:
        """Print so many labels of a kind on the labels' own page; their numbers."""
        other = self.people["marta" if self.operator.name == "tomas" else "tomas"]
        other.go(f"/batches/{BATCH}/labels/print/?kind={kind}")
        other.fill(kind=kind, count=str(count), expires=ago(-300 * 24 * 60))
        route = other.page.locator("[name=route]").first
        if route.evaluate("one => one.tagName") == "SELECT":
            route.select_option(index=1)
        else:
            route.fill("intravenous infusion")
        if kind in self.labels:
            other.fill(reason="More of these are needed now")
        other.press("Number and show the sheet")
        known = {one for made in self.labels.values() for one in made}
        found = dict.fromkeys(NUMBER.findall(other.page.locator("main").inner_text()))
        made = [one for one in found if one not in known][:count]
        assert len(made) == count, (kind, made, other.faults())
        self.labels.setdefault(kind, []).extend(made)
        if kind == "bag_label":
            other.picture("car-t-container-labels")
        return made

    def fill(self, who: Person, step: Step, **other: str) -> None:
        """Type, tick, choose and scan what the step asks for and does not have yet."""
        for parameter in step.parameters:
            answer = other.get(parameter.key) or day.ANSWERS[step.key].get(parameter.key)
            if answer is not None and parameter.kind != "timer":
                self.enter(who, parameter, answer)

    def enter(self, who: Person, parameter: Parameter, answer: day.Answer) -> None:
        page, name = who.page, f"value_{parameter.key}"
        field = page.locator(f"[name='{name}']")
        if isinstance(answer, day.File):
            file = self.files / answer.name
            file.write_text(f"{answer.name},value\nminute,temperature\n0,4.0\n")
            page.locator(f"input[name=file_{parameter.key}]").set_input_files(file)
        elif parameter.kind == "confirm":
            field.check()
        elif parameter.kind == "choice":
            page.locator(f"input[name='{name}'][value='{answer}']").check()
        elif parameter.kind == "replicate":
            for place, count in enumerate(str(answer).split("; ")):
                page.locator(f"[name='{name}.{place}']").fill(count)
        elif field.count() and field.first.is_visible():
            field.fill(self.typed(answer))


def at(step: Step, more: str = "") -> str:
    return f"/batches/{BATCH}/steps/{step.number}/{more}"


def signed(who: Person, step: Step) -> None:
    """Record and sign; a critical value is read a second time before."""
    button = RECORD if step.parameters else "Sign"
    who.press(button, signs=True)
    again = who.page.get_by_role("button", name=button, exact=True)
    twice = [one for one in step.parameters if one.check == "second_entry"]
    if twice and who.page.url.endswith((at(step), at(step, "perform/"))) and again.count():
        for parameter in twice:
            who.page.locator(f"[name='value_{parameter.key}']").fill(
                str(day.ANSWERS[step.key][parameter.key])
            )
        who.press(button, signs=True)
    who.says("is signed")


def plainly(made: Day, who: Person, step: Step) -> None:
    for one in step.parameters:
        if one.kind == "timer":
            who.press(f"Start {one.label}")
            who.picture("car-t-timer", at=".clock")
            who.press(f"Stop {one.label}")
    made.fill(who, step)
    signed(who, step)
