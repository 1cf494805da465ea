"""The shipped CAR-T record made in Chromium: manage.py test tests/e2e/car_t_batch.py"""

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from batches.limits import Parameter
from batches.recipe_content import Step
from batches.shipped import car_t
from config.demo_signing import PIN, SIGNING_SECRET
from tests.batches import car_t_day as day
from tests.databases import ROOT, plain_environ
from tests.demo_process import Running
from tests.e2e.car_t_site import BATCH
from tests.e2e.pictures import FOLDER, SIZES, _small
from tests.e2e.test_batch import NAMES
from tests.e2e.test_walk import assert_fits

STEPS = {step.key: step for step in car_t.content().steps}
BY_NUMBER = {step.number: step for step in STEPS.values()}
BREATH = 2_100  # milliseconds: a scan that comes faster is the last one sent once more
CREW = ("marta", "tomas", "ingrid", "dario", "helena")
NUMBER = re.compile(rf"{BATCH}-[A-Z0-9-]*[0-9]")
HERE = ZoneInfo("Europe/Madrid")


class Person:
    """Somebody at a tablet, with the fingers of one hand."""

    def __init__(self, browser: Any, site: str, name: str) -> None:
        self.name, self.signed = name, False
        self.context = browser.new_context(
            base_url=site, viewport={"width": 768, "height": 1024}, locale="en-GB",
            timezone_id="Europe/Madrid",
        )  # fmt: skip
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto("/sign-in/")
        self.page.get_by_role("button", name=f"Sign in as {NAMES[name]}").click()
        self.page.wait_for_load_state()

    def go(self, address: str) -> None:
        self.page.goto(f"/batches/{BATCH}/{address}")

    def press(self, name: str, *, signs: bool = False) -> None:
        """Touch a button that leads to another page; sign before, where it asks for it."""
        if signs:
            main = self.page.locator("main")
            if self.signed:
                main.locator("input[name=signing_pin]").fill(PIN)
            else:
                main.locator("input[name=signing_name]").fill(self.name)
                main.locator("input[name=signing_secret]").fill(SIGNING_SECRET)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).first.click()
        if signs and "signing_" not in self.faults():
            self.signed = True

    def faults(self) -> str:
        shown = self.page.locator("main .notice.bad, main .error")
        return " | ".join(shown.all_inner_texts())

    def says(self, text: str) -> None:
        found = self.page.locator("main").get_by_text(text).first
        try:
            found.wait_for(timeout=5_000)
        except Exception as missing:
            said = f"{self.page.url} does not say “{text}”; it says: {self.faults()}"
            raise AssertionError(said) from missing

    def picture(self, name: str) -> None:
        """The page as it stands, on a tablet and on a desktop, into the documents."""
        for width, height in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            assert_fits(self.page)
            (FOLDER / f"{name}-{width}.png").write_bytes(_small(self.page.screenshot()))
        self.page.set_viewport_size({"width": 768, "height": 1024})


@pytest.fixture
def ready(running_demo: Running, tmp_path: Path) -> dict[str, Any]:
    """Recipe in force, rooms, units and lots ready, the apheresis let in, the batch open."""
    state = str(running_demo.output.parent / "state")
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.car_t_site"], cwd=ROOT, check=False,
        env=plain_environ() | {"LOTBOOK_STATE": state, "LOTBOOK_DEMO": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    return dict(json.loads(made.stdout.splitlines()[-1]))


class Day:
    """The batch from its first step to its last, as the script says."""

    def __init__(self, browser: Any, site: str, ready: dict[str, Any], files: Path) -> None:
        self.ready, self.files = ready, files
        self.people = {name: Person(browser, site, name) for name in CREW}
        self.operator = self.people["marta"]
        self.labels: dict[str, list[str]] = {}
        self.played: list[str] = []

    def due(self) -> str:
        """The address of the step that is due, as the room board says; nothing after the last."""
        page = self.people["dario"].page
        page.goto("/batches/board/")
        return str(page.locator(f"a[data-row]:has-text('{BATCH}')").first.get_attribute("href"))

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
        other.go(f"labels/print/?kind={kind}")
        other.page.locator("select[name=kind]").select_option(kind)
        other.page.locator("input[name=count]").fill(str(count))
        route = other.page.locator("[name=route]").first
        if route.evaluate("one => one.tagName") == "SELECT":
            route.select_option(index=1)
        else:
            route.fill("intravenous infusion")
        expires = datetime.now(HERE) + timedelta(days=300)
        other.page.locator("input[name=expires]").fill(expires.strftime("%Y-%m-%dT%H:%M"))
        if kind in self.labels:
            other.page.locator("[name=reason]").fill("More of these are needed now")
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

    def play(self) -> str:
        """The step that is due, with all that the script marks at it; its key."""
        who, address = self.operator, self.due()
        if "/steps/" not in address:
            return ""
        who.page.goto(address)
        heading = who.page.locator("h1").inner_text()
        step = BY_NUMBER[int(heading.partition(".")[0])]
        assert str(self.ready["code"]) not in who.page.content(), "the expected code is nowhere"
        if self.played.count(step.key) > 1:
            raise AssertionError(f"{heading}: {who.faults()}")
        self.played.append(step.key)
        if who.page.locator("button", has_text="Record and sign").count() or not step.parameters:
            PLAYS.get(step.key, plainly)(self, who, step)
        self.seconds(step)
        return step.key

    def seconds(self, step: Step) -> None:
        """Whoever verifies and whoever witnessed, one after the other."""
        ingrid = self.people["ingrid"]
        if step.verifies:
            ingrid.go(f"steps/{step.number}/")
            ingrid.press("Verify and sign", signs=True)
            ingrid.says("is verified")
        if step.witness:
            ingrid.go(f"steps/{step.number}/")
            ingrid.press("I watched it: sign", signs=True)
            ingrid.says("is witnessed")


def ago(minutes: int) -> str:
    return (datetime.now(HERE) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


def signed(who: Person, step: Step) -> None:
    """Record and sign; a critical value is read a second time before."""
    button = "Record and sign" if step.parameters else "Sign"
    who.press(button, signs=True)
    twice = [one for one in step.parameters if one.check == "second_entry"]
    if twice and f"/steps/{step.number}/" in who.page.url:
        if not who.page.get_by_role("button", name=button).count():
            return
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
            who.press(f"Stop {one.label}")
    made.fill(who, step)
    signed(who, step)


def beyond(made: Day, who: Person, step: Step, mark: day.Mark, decides: str) -> None:
    """A value outside its limits: it is on record, and whoever may says why the work goes on."""
    made.fill(who, step, **{mark.parameter: mark.typed})
    who.press("Record and sign", signs=True)
    who.says("Outside the limits")
    who.picture(f"car-t-beyond-{step.key.replace('_', '-')}")
    lets = who if decides == "who" else made.people[decides]
    lets.go(f"steps/{step.number}/{mark.parameter}/go-on/")
    lets.page.locator("[name=reason]").fill(mark.reason)
    with lets.page.expect_navigation():
        lets.page.locator("main form .primary").click()
    lets.says("the work goes on")
    who.go(f"steps/{step.number}/")
    signed(who, step)


def transport(made: Day, who: Person, step: Step) -> None:
    beyond(made, who, step, day.OUT_OF_LIMIT[1], "dario")


def sugar(made: Day, who: Person, step: Step) -> None:
    beyond(made, who, step, day.OUT_OF_LIMIT[0], "who")


def typo(made: Day, who: Person, step: Step) -> None:
    """Mistyped, recorded, put right in two touches."""
    mark = day.TYPO
    made.fill(who, step, **{mark.parameter: mark.typed})
    who.press("Record only")
    parameter = next(one for one in step.parameters if one.key == mark.parameter)
    who.page.locator(".typo summary", has_text=parameter.label).click()
    who.page.locator(f"input[form=typo-{mark.parameter}]").fill(
        str(day.ANSWERS[step.key][mark.parameter])
    )
    who.picture("car-t-typo")
    with who.page.expect_navigation():
        who.page.locator(f"button[form=typo-{mark.parameter}]").click()
    who.says("It is put right.")
    if who.page.locator("a", has_text="Go on, with a reason").count():
        who.page.locator("a", has_text="Go on, with a reason").first.click()
    signed(who, step)


def overridden(made: Day, who: Person, step: Step) -> None:
    """The balance is out of its calibration: supervisor and quality let this step go on."""
    made.fill(who, step)
    who.press("Record and sign", signs=True)
    assert "calibration" in who.faults().lower(), who.faults()
    balance = made.ready["units"]["balance"]
    dario, helena = made.people["dario"], made.people["helena"]
    dario.go(f"steps/{step.number}/blocks/?subject={balance}")
    dario.picture("car-t-blocked")
    dario.page.get_by_role("link", name="Ask to go on").first.click()
    dario.page.locator("[name=reason]").fill(day.OVERRIDDEN.reason)
    dario.press("Ask and sign", signs=True)
    who.go(f"steps/{step.number}/")
    who.says("waits for quality assurance")
    who.picture("car-t-override-waits")
    helena.go(f"steps/{step.number}/")
    helena.page.get_by_role("link", name=re.compile("^Agree")).first.click()
    helena.page.locator("[name=reason]").fill(day.OVERRIDDEN.reason)
    helena.press("Agree and sign", signs=True)
    who.go(f"steps/{step.number}/")
    implausible(made, who, step)
    made.fill(who, step)
    signed(who, step)


def implausible(made: Day, who: Person, step: Step) -> None:
    mark = day.IMPLAUSIBLE
    made.fill(who, step, **{mark.parameter: mark.typed})
    who.press("Record only")
    who.says("Did you mean 245?")


def left_out(made: Day, who: Person, step: Step) -> None:
    who.page.get_by_role("link", name="Does not apply").click()
    who.page.locator("[name=reason]").fill(day.NOT_APPLICABLE.reason)
    who.press("Declare not applicable and sign", signs=True)


def late(made: Day, who: Person, step: Step) -> None:
    made.fill(who, step)
    who.page.locator(".late summary").click()
    who.page.locator("[name=performed_at]").fill(ago(1))
    who.page.locator("#late-reason").fill(day.LATE.reason)
    signed(who, step)


def scribed(made: Day, who: Person, step: Step) -> None:
    """Whoever performs has the hands in the cabinet; Marta types and signs as the scribe."""
    marta = made.people["marta"]
    marta.go(f"steps/{step.number}/")
    made.fill(marta, step)
    marta.press("Record only")
    for parameter in step.parameters:
        if parameter.check == "second_entry":
            made.enter(marta, parameter, day.ANSWERS[step.key][parameter.key])
            marta.press("Record only")
    marta.page.get_by_role("link", name="A colleague performs it and I record").click()
    marta.page.locator("[name=performed_by]").select_option(label=NAMES["tomas"])
    marta.picture("car-t-scribe")
    marta.press("Record and sign", signs=True)
    marta.says("is recorded")


def corrected(made: Day, who: Person, step: Step) -> None:
    mark = day.CORRECTION
    made.fill(who, step, **{mark.parameter: mark.typed})
    signed(who, step)
    made.seconds(step)
    who.go(f"steps/{step.number}/{mark.parameter}/correct/")
    who.page.locator("[name=typed]").fill(str(day.ANSWERS[step.key][mark.parameter]))
    who.page.locator("[name=reason]").fill(mark.reason)
    who.press("Correct and sign", signs=True)


def second_person(made: Day, who: Person, step: Step) -> None:
    """Whoever performed it comes back as verifier, and is refused: the same human being."""
    plainly(made, who, step)
    act_as(who, "verifier")
    who.go(f"steps/{step.number}/")
    who.signed = False
    who.press("Verify and sign", signs=True)
    who.says("somebody else has to verify it")
    who.picture("car-t-second-person")
    act_as(who, "operator")
    who.signed = False


def act_as(who: Person, role: str) -> None:
    who.page.goto("/session/role/")
    with who.page.expect_navigation():
        who.page.locator(f"form:has(input[name=role][value={role}]) button").click()


def handed_over(made: Day, who: Person, step: Step) -> None:
    plainly(made, who, step)
    who.go("run/offer/")
    who.page.locator("[name=note]").fill("Culture runs, vector tomorrow")
    who.press("Hand over and sign", signs=True)
    tomas = made.people["tomas"]
    tomas.go("run/take/")
    tomas.says("Culture runs, vector tomorrow")
    tomas.picture("car-t-handover")
    tomas.press("I have read it: take over and sign", signs=True)
    made.operator = tomas


PLAYS = {
    day.OUT_OF_LIMIT[0].step: sugar,
    day.OUT_OF_LIMIT[1].step: transport,
    day.TYPO.step: typo,
    day.OVERRIDDEN.step: overridden,
    day.NOT_APPLICABLE.step: left_out,
    day.LATE.step: late,
    day.CORRECTION.step: corrected,
    day.SECOND_PERSON_REFUSED.step: second_person,
    day.HANDOVER.step: handed_over,
    **dict.fromkeys(day.SCRIBED, scribed),
}


@pytest.mark.timeout(1800)
def test_three_people_make_the_whole_car_t_batch_through_the_pages(
    browser: Any, site: str, ready: dict[str, Any], tmp_path: Path
) -> None:
    """Given the shipped record, when operators, verifier, supervisor and quality work through it
    on pages with all that goes astray on such a day, then the printed record shows all of it."""
    made = Day(browser, site, ready, tmp_path)
    made.people["dario"].go("ready/")
    made.people["dario"].picture("car-t-ready")
    while made.play():
        pass
    assert len(set(made.played)) >= 100
    tomas, helena = made.people["tomas"], made.people["helena"]
    for key in day.SCRIBED:
        tomas.go(f"steps/{STEPS[key].number}/")
        tomas.press("Countersign", signs=True)
    tomas.page.goto("/batches/board/")
    tomas.picture("room-board")
    helena.go("print/")
    for words in (
        "10.6 °C", "0.92 mmol/L", "Typing slip put right", "54.0", "Corrected", "2450",
        "Not applicable", day.NOT_APPLICABLE.reason, "Late entry", day.LATE.reason,
        "recorded by Marta Solvedo", "Countersigned", "Override", day.OVERRIDDEN.reason,
        "took the batch over", "Verified", "Witnessed",
    ):  # fmt: skip
        helena.says(words)
    assert helena.page.get_by_text("signature broken").count() == 0
    helena.picture("car-t-print")
    for one in made.people.values():
        one.context.close()
        assert not one.complaints
