"""Labels through the commands: who may, what the ledger keeps, one label for one batch."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from batches.limits import Parameter
from batches.recipe_content import Content, Header, LabelNeed, Step
from ledger.event import Refused
from tests.batches import drawing, making
from tests.batches.conftest import actor, into_force, open_batch, signing, train_everybody
from tests.batches.signing import TestSigner

STEPS = [
    Step(
        number=1,
        key="label",
        title="Label bag and vials",
        instruction="Scan the labels that you put on.",
        performs="operator",
        parameters=[
            Parameter(key="bag", label="Label of the bag", kind="label", needs="bag"),
            Parameter(key="vial", label="Labels of the vials", kind="label", needs="vial"),
        ],
    ),
]
CONTENT = Content(
    header=Header(title="Labels", product="CAR-T", storage="vapour of nitrogen"),
    unit_procedures=[making.part("Label", STEPS)],
    labels=[
        LabelNeed(key="bag", title="Cryobag", copies=2),
        LabelNeed(key="vial", title="Sample vial", copies=2, kind="sample"),
    ],
)


@pytest.fixture
def batch(people: TestSigner) -> str:
    """CT-0421 is open on a recipe that declares two kinds of label."""
    from batches.recipe_json import to_json

    into_force(to_json(CONTENT))
    train_everybody()
    return open_batch()


def tomorrow() -> str:
    from ledger import clock

    return (clock.now() + timedelta(days=300)).strftime("%Y-%m-%dT%H:%M")


def print_(kind: str = "bag", count: int = 2, by: str = "marta", **asked: Any) -> Any:
    from batches import label_commands

    given: dict[str, Any] = {"roll": making.BATCH}
    if kind == "bag":
        given |= {"route": "intravenous infusion", "expires": tomorrow(), "zone": "Europe/Madrid"}
    return label_commands.print_labels(**(given | asked), kind=kind, count=count, actor=actor(by))


def enter(step: int, by: str = "marta", batch: str = making.BATCH, **typed: str) -> Any:
    from batches import commands

    return commands.enter_values(batch=batch, step=step, typed=typed, actor=actor(by))


def state_of(label: str) -> str:
    from batches.label_models import LabelLine

    return str(LabelLine.objects.get(label=label).state)


def refusal(code: str, ask: Any, **asked: Any) -> str:
    with pytest.raises(Refused) as refused:
        ask(**asked)
    assert refused.value.code == code, refused.value
    return str(refused.value)


def test_coi_7_a_batch_closes_when_its_labels_are_counted(batch: str) -> None:
    """Given labels printed and used, when one is left, then neither count nor close; when all are
    accounted for and counted by somebody else, the record closes.
    """
    from batches import codes, commands, label_commands

    print_("bag", 3)
    print_("vial", 1)
    enter(1, bag=codes.own_code(codes.LABEL, "CT-0421-1-001"), vial="CT-0421-2-001")
    commands.complete_step(batch=batch, step=1, **signing("marta"))
    counted = {"roll": batch, **signing("dario")}
    refusal("labels_left", label_commands.reconcile_labels, **counted)
    refusal("labels_uncounted", commands.complete, batch=batch, **signing("dario"))
    label_commands.destroy_labels(
        roll=batch, chosen="CT-0421-1-002", reason="It was torn", actor=actor("marta")
    )
    label_commands.retain_labels(roll=batch, chosen="CT-0421-1-003", actor=actor("marta"))
    told = label_commands.reconcile_labels(**counted).events[0].data
    assert (told.printed, told.used, told.destroyed, told.retained) == (4, 2, 1, 1)
    commands.complete(batch=batch, **signing("dario"))
    refusal("closed", print_, kind="bag", reason="One more is needed")


def test_coi_7_a_reprint_opens_the_count_again(batch: str) -> None:
    from batches import label_commands

    print_("vial", 1)
    label_commands.destroy_labels(
        roll=batch, chosen="CT-0421-1-001", reason="It was torn", actor=actor("marta")
    )
    label_commands.reconcile_labels(roll=batch, **signing("dario"))
    refusal("reason_missing", print_, kind="vial", count=1)
    print_("vial", 1, reason="The first one was torn")
    refusal("labels_left", label_commands.reconcile_labels, roll=batch, **signing("dario"))


def test_r11_a_wrong_label_is_refused_and_the_right_one_stays_free(batch: str) -> None:
    """Given labels of two kinds, when a step scans another kind, a stranger's or a misread code,
    then nothing is used, and each no says what to do.
    """
    from batches import codes

    print_("bag", 1)
    print_("vial", 2)
    assert "another kind" in refusal("wrong_label", enter, step=1, bag="CT-0421-2-001")
    assert "Nobody printed" in refusal("no_label", enter, step=1, bag="CT-0500-1-001")
    assert "no label of ours" in refusal("no_label", enter, step=1, bag="CF-01")
    code = codes.own_code(codes.LABEL, "CT-0421-1-001")
    misread = code[:-5] + ("2" if code[-5] != "2" else "3") + code[-4:]
    refusal("own_check", enter, step=1, bag=misread)
    assert state_of("CT-0421-1-001") == "printed"
    enter(1, bag=code)
    assert state_of("CT-0421-1-001") == "used"


def test_r20_several_labels_are_used_together_or_not_at_all(batch: str) -> None:
    """Given a scan of two where one is spoilt, then the sound one is not used either."""
    from batches import label_commands

    print_("bag", 1)
    print_("vial", 2)
    label_commands.destroy_labels(
        roll=batch, chosen="CT-0421-2-002", reason="It was torn", actor=actor("marta")
    )
    refusal("label_gone", enter, step=1, vial="CT-0421-2-001 CT-0421-2-002")
    assert state_of("CT-0421-2-001") == "printed"


def test_r21_the_ledger_and_the_rows_know_no_patient(batch: str) -> None:
    """Given printed labels, then no body, row or refusal holds who it is or the patient code."""
    from batches.label_models import LabelJobLine, LabelLine
    from ledger import store
    from tests.personnel import vault_people

    print_("bag", 2)
    bodies = b"".join(e.body for e in store.load("label", batch)).decode()
    rows = json.dumps(list(LabelJobLine.objects.values()), default=str)
    rows += json.dumps(list(LabelLine.objects.values()), default=str)
    for text in (value for value in vault_people.ANA.values() if value):
        assert text not in bodies and text not in rows
    assert "P1C" not in bodies and "P1C" not in rows


def test_only_who_prints_prints_and_only_who_counts_counts(batch: str) -> None:
    from batches import label_commands

    for name in ("ingrid", "helena", "emeka"):
        with pytest.raises(Refused):
            print_("vial", 1, by=name)
    print_("vial", 1)
    with pytest.raises(Refused):
        label_commands.reconcile_labels(roll=batch, **signing("marta"))


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("label_kind", {"kind": "cup"}),
        ("label_count", {"count": 0}),
        ("label_gtin", {"gtin": "09506000134351"}),
        ("label_route", {"route": "by mouth"}),
        ("label_expires", {"expires": "2020-01-01T10:00"}),
        ("label_expires", {"expires": "soon"}),
        ("label_expires", {"expires": "9999-12-31T23:59-12:00"}),
        ("label_expires", {"zone": "Mars/Olympus"}),
        ("no_batch", {"roll": "CT-9999"}),
    ],
)
def test_a_job_that_is_not_whole_is_refused(batch: str, code: str, asked: dict[str, Any]) -> None:
    given: dict[str, Any] = {"kind": "bag", "count": 1}
    refusal(code, print_, **(given | asked))


def second_batch() -> str:
    from batches import commands

    commands.open_batch(
        batch="CT-0500",
        recipe="MBR-019",
        version=1,
        purpose="engineering",
        actor=actor("dario"),
    )
    return "CT-0500"


def test_r10_a_label_of_a_roll_is_the_first_batchs(batch: str) -> None:
    """Given a label for stock, when a second batch scans it, then it reads that it is gone."""
    from batches import label_commands

    label_commands.print_roll(roll="ROLL-1", title="Samples", count=2, actor=actor("marta"))
    second_batch()
    enter(1, vial="ROLL-1-1-001")
    refusal("wrong_label", enter, step=1, batch="CT-0500", vial="ROLL-1-1-001")
    enter(1, batch="CT-0500", vial="ROLL-1-1-002")


def test_coi_7_a_printed_label_answers_once(batch: str) -> None:
    """Given a label of a roll, which fits anything, when two things of a step are answered with it,
    in one breath or one after the other, then the second is refused, and nothing of the first try
    is used; the same answer again uses nothing more."""
    from batches import label_commands

    label_commands.print_roll(roll="ROLL-1", title="Samples", count=2, actor=actor("marta"))
    one, other = "ROLL-1-1-001", "ROLL-1-1-002"
    assert "answers once" in refusal("label_gone", enter, step=1, bag=one, vial=one)
    assert state_of(one) == "printed"
    enter(1, bag=one)
    refusal("label_gone", enter, step=1, vial=one)
    refusal("nothing", enter, step=1, bag=one)
    enter(1, vial=other)
    refusal("label_gone", enter, step=1, vial=f"{other} {one}")


def test_r10_of_two_batches_that_claim_one_label_at_once_one_wins(batch: str) -> None:
    """Given a roll, when two batches scan the same label at the same instant, 100 times over, then
    one of them has it and the other reads why, every time.
    """
    from django.db import connections

    from batches import commands, label_commands
    from batches.label_models import LabelLine

    second_batch()
    claimed = []

    def claim(which: str, label: str) -> str:
        try:
            commands.enter_values(
                batch=which,
                step=1,
                typed={"vial": label},
                reason="Another label was taken",
                actor=actor("marta" if which == batch else "tomas"),
            )
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "won"

    label_commands.print_roll(roll="ROLL-1", title="Samples", count=100, actor=actor("marta"))
    for n in range(1, 101):
        label = f"ROLL-1-1-{n:03}"
        with ThreadPoolExecutor(2) as pool:
            ends = list(pool.map(claim, (batch, "CT-0500"), (label, label)))
        claimed.append(ends)
        assert sorted(ends) in (["won", "wrong_label"], ["label_gone", "won"]), ends
        winner = batch if ends[0] == "won" else "CT-0500"
        assert LabelLine.objects.get(label=label).batch == winner
    print(f"100 races, won by the first {sum(e[0] == 'won' for e in claimed)} times")


def test_r11_a_printed_label_scans_back_as_what_it_says(batch: str) -> None:
    """Given a batch with an order, when its labels are drawn, then a scan of the symbol names this
    label, the batch, the expiry and, as GS1, the patient's code.
    """
    from batches import codes, coi_code, label_paper, label_queries, symbols

    print_("bag", 1, gtin="09506000134352")
    job = label_queries.job(batch, 1)
    assert job is not None
    coi = coi_code.new_coi(secrets.choice)
    patient = coi_code.patient_code(coi, key=b"k" * 32)
    text = label_paper.text_of(job, "CT-0421-1-001", patient)
    (seen,) = symbols.read_picture(drawing.png(text))
    code = codes.read_code(seen.text)
    assert seen.symbology == "]d2" and code.wrong == ""
    assert code.get("label") == "CT-0421-1-001" and code.get("lot") == batch
    assert code.get("gtin") == "09506000134352" and code.get("serial") == "CT-0421-1-001"
    assert code.get("expiry") and code.get("expiry_time").startswith(code.get("expiry"))
    assert code.get("patient_code") == patient and code.get("coi") == coi


IDENTITY = Step(
    number=2,
    key="match",
    title="Match the bag",
    instruction="Scan the bag.",
    performs="operator",
    parameters=[Parameter(key="scan", label="Scan the bag", kind="identity")],
)


def test_r11_one_printed_label_names_itself_and_matches_the_patient(
    people: TestSigner, fixed_clock: Any
) -> None:
    """Given a batch bound to its order, when the label that was printed for it is scanned, then it
    names the label at one step and the patient at the next; The code itself is in no event.
    """
    from batches import codes, commands, label_paper, label_queries, order_code, order_queries
    from batches.recipe_json import to_json
    from ledger.models import Event
    from tests.batches import ordering

    steps = [*STEPS, IDENTITY]
    into_force(to_json(replace(CONTENT, unit_procedures=[making.part("Label", steps)])))
    train_everybody()
    open_batch()
    ordering.let_in()
    ordering.bind()
    print_("bag", 1)
    print_("vial", 1)
    job = label_queries.job(making.BATCH, 1)
    identity = order_queries.identity(making.BATCH)
    assert job is not None and identity is not None
    scanned = order_code.scannable(identity.coi)
    scan = label_paper.text_of(job, "CT-0421-1-001", scanned)
    assert len(label_paper.printed(job)) == 1
    enter(1, bag=scan, vial=codes.own_code(codes.LABEL, "CT-0421-2-001"))
    commands.complete_step(batch=making.BATCH, step=1, **signing("marta"))
    enter(2, scan=scan)
    commands.complete_step(batch=making.BATCH, step=2, **signing("marta"))
    assert not any(scanned.encode() in bytes(body) for (body,) in Event.objects.values_list("body"))
