"""What the check finds: all of it, each with its place and a sentence; errors and warnings."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from batches.limits import Parameter, Range
from batches.recipe_check import errors, findings
from batches.recipe_content import (
    Content,
    EquipmentNeed,
    Header,
    HoldTime,
    Material,
    Operation,
    Phase,
    Staffing,
    Step,
    UnitProcedure,
    Yield,
)
from batches.recipe_source_queries import SHIPPED

TARGET = Parameter(
    key="total",
    label="Total",
    unit="mL",
    target=Decimal("5"),
    normal=Range(low=Decimal("4"), high=Decimal("6")),
    proven=Range(low=Decimal("3"), high=Decimal("7")),
    acceptance=Range(low=Decimal("2"), high=Decimal("8")),
    plausible=Range(low=Decimal("0"), high=Decimal("50")),
)
STEP = Step(
    number=1,
    key="count",
    title="Count",
    instruction="Count it.",
    performs="operator",
    parameters=[TARGET],
)


def asks(**change: Any) -> Step:
    return replace(STEP, parameters=[replace(TARGET, **change)])


def one_of(kind: str, **more: Any) -> Step:
    return replace(STEP, kind="text", parameters=[
        Parameter(key="a", label="A", kind=kind, **more), Parameter(key="t", label="T", kind="text")
    ])  # fmt: skip


def record(*steps: Step, **more: Any) -> Content:
    numbered = [replace(step, number=n) for n, step in enumerate(steps or (STEP,), 1)]
    phase = Phase(title="P", key="p", steps=numbered)
    part = UnitProcedure(title="U", operations=[Operation(title="O", phases=[phase])])
    header = Header(title="T", product="P", specification="S 1", risk_file="R 1",
                    atmp_class="gene_therapy", pathway="clinical_trial",
                    shelf_life_hours=72)  # fmt: skip
    return Content(**({"header": header, "unit_procedures": [part]} | more))


WRONG: dict[str, tuple[Content, str]] = {
    "no title": (record(header=Header(title="", product="")), "title and a product"),
    "no step": (record(unit_procedures=[]), "one step at least"),
    "numbers": (record(unit_procedures=[UnitProcedure(title="U", operations=[Operation(
        title="O", phases=[Phase(title="P", steps=[replace(STEP, number=2)])])])]), "Number the"),
    "key twice": (record(STEP, STEP), "count is used twice"),
    "bad key": (record(replace(STEP, key="Count it")), "write a small letter first"),
    "no instruction": (record(replace(STEP, instruction=" ")), "title and an instruction"),
    "no such kind": (record(replace(STEP, kind="dance")), "no kind of step called dance"),
    "no such role": (record(replace(STEP, performs="inspector")), "performed by an operator"),
    "no such verifier": (record(replace(STEP, verifies="operator")), "verified by a verifier"),
    "critical alone": (record(replace(STEP, critical=True)), "critical step needs a second"),
    "no identity": (record(replace(STEP, patient_material=True)), "begins with a scan"),
    "identity late": (record(replace(STEP, patient_material=True, parameters=[
        TARGET, Parameter(key="i", label="I", kind="identity")])), "comes first"),
    "clearance alone": (record(replace(STEP, kind="line_clearance")), "line clearance is verified"),
    "kind without": (record(replace(STEP, kind="timer")), "asks for: timer"),
    "parameter twice": (record(replace(STEP, parameters=[TARGET, TARGET])), "total twice"),
    "target": (record(asks(target=Decimal("6.1"))), "outside the normal operating range"),
    "normal": (record(asks(normal=Range(low=Decimal("2.5"), high=Decimal("6")))),
               "normal operating range reaches beyond the proven"),
    "proven": (record(asks(proven=Range(low=Decimal("1"), high=Decimal("7")))),
               "proven acceptable range reaches beyond the acceptance"),
    "plausible": (record(asks(plausible=Range(low=Decimal("3"), high=Decimal("50")))),
                  "reaches beyond the plausible"),
    "backwards": (record(asks(normal=Range(low=Decimal("6"), high=Decimal("5")), target=None)),
                  "begins above its end"),
    "limits of text": (record(replace(STEP, kind="text", parameters=[
        replace(TARGET, kind="text")])), "Only a number"),
    "no material": (record(one_of("material", needs="buffer")), "no buffer among the materials"),
    "which unit": (record(one_of("equipment")), "which line of the equipment"),
    "choices": (record(one_of("choice", choices=["one"])), "two choices at least"),
    "accepted": (record(one_of("choice", choices=["a", "b"], accepted=["c"])), "one of the"),
    "counts": (record(one_of("replicate", replicates=1)), "2 to 12 counts"),
    "second choice": (record(one_of("choice", choices=["a", "b"], check="second_person")),
                      "Only a number that is typed"),
    "second sum": (record(one_of("calculation", formula="1 + 1", check="second_entry")),
                   "Only a number that is typed"),
    "no formula": (record(one_of("calculation")), "needs its formula"),
    "formula": (record(one_of("calculation", formula="count.total *")), "The formula:"),
    "formula of later": (record(one_of("calculation", formula="later.total * 2")), "later.total"),
    "timer": (record(one_of("timer")), "shortest or a longest"),
    "timer ends": (record(one_of("timer", minimum=Decimal("9"), maximum=Decimal("3"))), "longer"),
    "condition": (record(replace(STEP, only_if="nowhere.total > 3")), "nowhere.total"),
    "hold time": (record(hold_times=[HoldTime(key="h", title="H", from_step="count",
                  to_step="gone", limit="30")]), "no step with the key gone"),
    "hold limit": (record(hold_times=[HoldTime(key="h", title="H", from_step="count",
                   to_step="count", limit="soon")]), "limit in minutes"),
    "yield": (record(yields=[Yield(step="count", parameter="gone", low="1")]), "no count.gone"),
    "yield ends": (record(yields=[Yield(step="count", parameter="total", low="9", high="1")]),
                   "above the high one"),
    "list key twice": (record(equipment=[EquipmentNeed(key="a", unit_class="x", title="A")] * 2),
                       "a is used twice"),
    "quantity": (record(materials=[Material(key="a", item="I", title="A", quantity="lots")]),
                 "number above zero"),
    "people": (record(staffing=[Staffing(role="operator", people=0)]), "one person at least"),
}  # fmt: skip


def test_a_sound_record_has_no_finding() -> None:
    assert findings(record()) == []


@pytest.mark.parametrize("name", WRONG)
def test_r12_each_fault_is_an_error_with_a_place_and_a_sentence(name: str) -> None:
    made, words = WRONG[name]
    found = errors(made)
    assert any(words in one.english for one in found), [one.english for one in found]
    assert all(one.place and "{" not in one.english for one in found)


def test_all_faults_are_told_not_only_the_first() -> None:
    first = replace(asks(target=Decimal("9")), instruction="")
    found = errors(record(first, replace(STEP, key="b", performs="nobody"), hold_times=[
        HoldTime(key="h", title="H", from_step="x", to_step="y", limit="0")]))  # fmt: skip
    assert len(found) >= 7
    assert {"step 1 (Count)", "step 2 (Count)", "hold time H"} <= {one.place for one in found}


def test_warnings_stop_nothing() -> None:
    told = record(asks(plausible=Range()), header=Header(title="T", product="P"))
    assert errors(told) == []
    words = " ".join(one.english for one in findings(told))
    assert "a slip by ten" in words and "risk file" in words and "shelf life" in words


@pytest.mark.parametrize("number", SHIPPED)
def test_every_shipped_record_can_be_submitted_as_it_comes(number: str) -> None:
    found = errors(SHIPPED[number].content())
    assert [(one.place, one.english) for one in found] == []
