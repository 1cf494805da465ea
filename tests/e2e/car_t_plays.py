"""What goes astray while the CAR-T batch is made: each departure as it is played on the pages."""

from __future__ import annotations

import re
from typing import Any

from batches.recipe_content import Step
from tests.batches import car_t_day as day
from tests.e2e.car_t_making import RECORD, STEPS, Day, at, plainly, signed
from tests.e2e.car_t_people import Person, ago
from tests.e2e.car_t_site import BATCH
from tests.e2e.test_batch import NAMES


def beyond(made: Day, who: Person, step: Step, mark: day.Mark, lets: Person) -> None:
    """A value outside its limits: it is on record, and whoever may says why the work goes on."""
    made.fill(who, step, **{mark.parameter: mark.typed})
    who.press(RECORD, signs=True)
    who.says("Outside the limits")
    who.picture(f"car-t-beyond-{step.key.replace('_', '-')}")
    lets.go(at(step, f"{mark.parameter}/go-on/"))
    lets.fill(reason=mark.reason)
    with lets.page.expect_navigation():
        lets.page.locator("main form .primary").click()
    lets.says("the work goes on")
    who.go(at(step))
    signed(who, step)


def transport(made: Day, who: Person, step: Step) -> None:
    beyond(made, who, step, day.OUT_OF_LIMIT[1], made.people["dario"])


def sugar(made: Day, who: Person, step: Step) -> None:
    beyond(made, who, step, day.OUT_OF_LIMIT[0], who)


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
    who.picture("car-t-typo", at=".typo")
    with who.page.expect_navigation():
        who.page.locator(f"button[form=typo-{mark.parameter}]").click()
    who.says("It is put right.")
    signed(who, step)


def overridden(made: Day, who: Person, step: Step) -> None:
    """The balance is out of its calibration: supervisor and quality let this step go on."""
    made.fill(who, step)
    who.press(RECORD, signs=True)
    assert "calibration" in who.faults().lower(), who.faults()
    balance = made.ready["units"]["balance"]
    dario, helena = made.people["dario"], made.people["helena"]
    dario.go(at(step, f"blocks/?subject={balance}"))
    dario.picture("car-t-blocked")
    dario.page.get_by_role("link", name="Ask to go on").first.click()
    dario.fill(reason=day.OVERRIDDEN.reason)
    dario.press("Ask and sign", signs=True)
    who.go(at(step))
    who.says("waits for quality assurance")
    who.picture("car-t-override-waits")
    helena.go(at(step))
    helena.page.get_by_role("link", name=re.compile("^Agree")).first.click()
    helena.fill(reason=day.OVERRIDDEN.reason)
    helena.press("Agree and sign", signs=True)
    helena.says("under a quality hold")
    who.go(at(step))
    implausible(made, who, step)
    made.fill(who, step)
    signed(who, step)


def implausible(made: Day, who: Person, step: Step) -> None:
    """Ten times too much: the page asks, and waits."""
    mark = day.IMPLAUSIBLE
    made.fill(who, step, **{mark.parameter: mark.typed})
    who.press("Record only")
    who.says("Did you mean 245?")


def left_out(made: Day, who: Person, step: Step) -> None:
    who.page.get_by_role("link", name="Does not apply").click()
    who.fill(reason=day.NOT_APPLICABLE.reason)
    who.press("Declare not applicable and sign", signs=True)
    who.says("The step is declared not applicable.")


def late(made: Day, who: Person, step: Step) -> None:
    made.fill(who, step)
    who.page.locator(".late summary").click()
    who.fill(performed_at=ago(0))  # the step before it was signed in this minute
    who.page.locator("#late-reason").fill(day.LATE.reason)
    signed(who, step)


def scribed(made: Day, who: Person, step: Step) -> None:
    """Whoever performs has the hands in the cabinet; the other types and signs as the scribe."""
    marta = made.people["marta"]
    marta.go(at(step))
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
    made.last = marta


def countersigned(made: Day) -> None:
    """After the block, hands free again: whoever performed signs what was recorded for them."""
    tomas = made.people["tomas"]
    for key in day.SCRIBED:
        tomas.go(at(STEPS[key]))
        tomas.press("Countersign", signs=True)
        tomas.says("is countersigned")


def corrected(made: Day, who: Person, step: Step) -> None:
    """Wrongly read, signed and verified; corrected with a reason, and verified anew."""
    mark = day.CORRECTION
    made.fill(who, step, **{mark.parameter: mark.typed})
    signed(who, step)
    made.seconds(step)
    who.go(at(step, f"{mark.parameter}/correct/"))
    who.fill(typed=str(day.ANSWERS[step.key][mark.parameter]), reason=mark.reason)
    who.press("Correct and sign", signs=True)
    who.says(mark.typed)
    who.picture("car-t-corrected", at="del")


def second_person(made: Day, who: Person, step: Step) -> None:
    """Whoever performed it comes back as verifier, and is refused: the same human being."""
    plainly(made, who, step)
    who.act_as("verifier")
    who.go(at(step))
    who.press("Verify and sign", signs=True)
    who.says("somebody else has to verify it")
    who.picture("car-t-second-person", at=".notice.bad")
    who.act_as("operator")


def handed_over(made: Day, who: Person, step: Step) -> None:
    plainly(made, who, step)
    who.go(f"/batches/{BATCH}/run/offer/")
    who.fill(note="Culture runs, vector tomorrow")
    who.press("Hand over and sign", signs=True)
    made.people["dario"].go("/batches/board/")
    made.people["dario"].picture("room-board", at=f"a[data-row]:has-text('{BATCH}')")
    tomas = made.people["tomas"]
    tomas.go(f"/batches/{BATCH}/run/take/")
    tomas.says("Culture runs, vector tomorrow")
    assert re.search(r"\d:\d\d left", tomas.page.locator("main").inner_text()), "clocks run on"
    tomas.picture("car-t-handover")
    tomas.press("I have read it: take over and sign", signs=True)
    made.operator = made.last = tomas


def closed(made: Day) -> None:
    """Quality signs the count of labels, the supervisor closes the record."""
    helena, dario = made.people["helena"], made.people["dario"]
    helena.go(f"/batches/{BATCH}/labels/reconcile/")
    helena.press("Sign the count", signs=True)
    helena.go(f"/batches/{BATCH}/labels/")
    helena.picture("car-t-labels")
    dario.go(f"/batches/{BATCH}/complete/")
    dario.press("Close and sign", signs=True)
    dario.says(f"The record of {BATCH} is closed.")


PLAYS: dict[str, Any] = {
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
