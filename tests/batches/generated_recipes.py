"""Master batch records nobody wrote: sound in form, of every kind of step, for property tests."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from batches.limits import NUMERIC, Parameter, ParameterKind, Range
from batches.recipe_content import (
    Block,
    Content,
    EquipmentNeed,
    ExceptionClass,
    Header,
    HoldTime,
    LabelNeed,
    Material,
    Operation,
    Phase,
    RoomNeed,
    Staffing,
    Step,
    StepKind,
    UnitProcedure,
    Yield,
)

# Words as people write them, and as nobody should: what JSON, HTML and hashes stumble over.
ODD = (
    "Thaw",
    "Wash, then count",
    "µm ≥ 0.5",
    "10⁶ cells/mL",
    "Größe",
    "a\nb",
    "{x}",
    "<b>",
    '"',
    "\\",
    "é",
    "氷",
    "0",
    "null",
    "-",
    "…",
)
SAID = st.sampled_from(ODD) | st.text(min_size=1, max_size=8).filter(str.strip)
WORDS = st.just("") | SAID
KEYS = st.sampled_from(["a", "bath", "count", "total_2", "z9", "viability"])
DECIMALS = st.decimals(-1000, 100_000, allow_nan=False, allow_infinity=False, places=2)
RANGES = st.builds(
    lambda ends: Range(low=min(ends), high=max(ends)) if ends else Range(),
    st.one_of(st.just(()), st.tuples(DECIMALS, DECIMALS)),
)
MAYBE = st.one_of(st.none(), DECIMALS)


@st.composite
def parameters(draw: st.DrawFn, key: str) -> Parameter:
    """A parameter of any kind, with what its kind has."""
    kind = draw(st.sampled_from(list(ParameterKind)))
    made = Parameter(
        key=key,
        label=draw(SAID),
        kind=kind.value,
        unit=draw(st.sampled_from(["", "°C", "mL", "× 10⁶ cells/mL"])),  # noqa: RUF001
        needs=draw(st.one_of(st.just(""), KEYS)),
        check=draw(st.sampled_from(["", "second_entry", "second_person", "device"])),
    )
    if kind in NUMERIC:
        made = replace(
            made,
            target=draw(MAYBE),
            normal=draw(RANGES),
            proven=draw(RANGES),
            acceptance=draw(RANGES),
            plausible=draw(RANGES),
            decimals=draw(st.one_of(st.none(), st.integers(0, 4))),
        )
    if kind is ParameterKind.CHOICE:
        choices = draw(st.lists(SAID, min_size=2, max_size=4, unique=True))
        made = replace(made, choices=choices, accepted=choices[: draw(st.integers(0, 2))])
    if kind is ParameterKind.REPLICATE:
        made = replace(made, replicates=draw(st.integers(2, 4)), dilution=Decimal("2.0"),
                       cv_limit=draw(MAYBE))  # fmt: skip
    if kind is ParameterKind.CALCULATION:
        made = replace(made, formula="count.total * 2", formula_version=draw(st.integers(1, 9)))
    if kind is ParameterKind.TIMER:
        made = replace(made, minimum=Decimal("1.50"), maximum=draw(MAYBE))
    return made


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """A step, numbered later."""
    keys = draw(st.lists(KEYS, max_size=2, unique=True))
    return Step(
        number=0,
        title=draw(SAID),
        instruction=draw(SAID),
        performs=draw(st.sampled_from(["operator", "supervisor", "qc_analyst"])),
        verifies=draw(st.sampled_from(["", "verifier", "supervisor"])),
        witness=draw(st.sampled_from(["", "verifier"])),
        parameters=[draw(parameters(key)) for key in keys],
        kind=draw(st.sampled_from([one.value for one in StepKind])),
        scribe=draw(st.booleans()),
        critical=draw(st.booleans()),
        links=draw(st.lists(SAID, max_size=2)),
        blocks=[Block(code=code, absolute=True) for code in draw(st.lists(KEYS, max_size=1))],
        exception_class=draw(st.sampled_from([one.value for one in ExceptionClass])),
        may_skip=draw(st.booleans()),
        only_if=draw(st.sampled_from(["", "count.total > 5"])),
        repeats=draw(st.integers(0, 3)),
        patient_material=draw(st.booleans()),
        open_handling=draw(st.booleans()),
    )


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """A whole record: one to three unit procedures, each step numbered and named once."""
    parts = []
    count = 0
    for part in range(draw(st.integers(1, 3))):
        phases = []
        for phase in range(draw(st.integers(1, 2))):
            made = []
            for one in draw(st.lists(steps(), min_size=1, max_size=2)):
                count += 1
                made.append(replace(one, number=count, key=f"step_{count}"))
            phases.append(Phase(title=draw(SAID), key=f"phase_{part}_{phase}", steps=made))
        operation = Operation(title=draw(SAID), key=f"operation_{part}", phases=phases)
        parts.append(UnitProcedure(title=draw(SAID), key=f"part_{part}", operations=[operation]))
    ends = {"from_step": "step_1", "to_step": f"step_{count}"}
    return Content(
        header=Header(
            title=draw(SAID),
            product=draw(SAID),
            indication=draw(WORDS),
            autologous=draw(st.booleans()),
            shelf_life_hours=draw(st.one_of(st.none(), st.integers(1, 99))),
            sources=draw(st.lists(SAID, max_size=2)),
        ),
        unit_procedures=parts,
        materials=[Material(key=key, item=draw(SAID), title="M", quantity=str(draw(DECIMALS)))
                   for key in draw(st.lists(KEYS, max_size=2, unique=True))],
        equipment=[EquipmentNeed(key=key, unit_class="centrifuge", title=draw(SAID))
                   for key in draw(st.lists(KEYS, max_size=1))],
        rooms=[RoomNeed(key="room", title=draw(SAID), grade=draw(st.sampled_from("ABCD")))],
        staffing=[Staffing(role="operator", people=draw(st.integers(1, 4)))],
        hold_times=[HoldTime(key="hold", title=draw(SAID), **ends, limit=str(draw(DECIMALS)))],
        labels=[LabelNeed(key="label", title=draw(SAID), copies=draw(st.integers(1, 9)))],
        yields=[Yield(step="step_1", parameter="total", low=str(draw(DECIMALS)))],
    )  # fmt: skip
