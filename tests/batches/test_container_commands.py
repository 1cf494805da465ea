"""Containers: one number each, one place each, decided, issued and accounted for one by one."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from batches import container_commands as commands
from batches import container_issue_commands as issuing
from batches import container_queries, custody_queries
from batches.container_models import ContainerLine, ExcursionLine, FillLine, StorageLine
from ledger import store
from ledger.event import Refused
from tests.batches import making, ordering
from tests.batches.conftest import actor, signing
from tests.batches.test_container_curve import curve, good

BAG = f"{making.BATCH}-P01"
DOSE = {
    "batch": making.BATCH,
    "weight": "72.4",
    "weighed_on": "2026-02-27",
    "weight_source": "Order form, page 2",
    "target": "2.0",
    "cap": "200",
    "count": "12.5",
    "viability": "92.0",
    "transduced": "41.5",
}


@pytest.fixture
def clock(fixed_clock):
    return fixed_clock


@pytest.fixture
def tank(clock, batch):
    """A batch with an order behind it, and a tank to store it in."""
    from equipment import commands as equipment

    ordering.let_in()
    ordering.bind()
    equipment.register(
        unit="LN2-1", label="Vapour tank", unit_class="cryogenic_tank", location="K-001",
        actor=actor("dario"),
    )  # fmt: skip
    return "LN2-1"


def refused(ask, **asked):
    with pytest.raises(Refused) as no:
        ask(**asked)
    return no.value.code


def fill(kind="product", pieces=2, dmso_at="", by="marta", batch=making.BATCH):
    return commands.fill_containers(
        batch=batch, kind=kind, pieces=pieces, volume_ml="50", cells="72.4", dmso_at=dmso_at,
        actor=actor(by),
    )  # fmt: skip


def keep(container=BAG, tank="LN2-1", rack="3", box="2", place="4"):
    return commands.store_container(
        container=container, tank=tank, rack=rack, box=box, place=place, actor=actor("marta")
    )


def decide(decision="released", container=BAG, reason="", by="helena"):
    return commands.disposition_container(
        container=container, decision=decision, reason=reason, **signing(by)
    )


def issue(clock, container=BAG, *, by="helena", hours=8):
    until = (clock.now + timedelta(hours=hours)).isoformat()
    return issuing.issue_container(
        container=container, ward="Ward 4B", expires_at=until, document="IS-2026-031",
        **signing(by),
    )  # fmt: skip


def out(clock):
    """Issued, and accepted by the other party."""
    fill()
    decide()
    for name in ("helena", "ingrid"):
        ordering.look(name, "issuing", BAG)
    issue(clock)
    issuing.accept_container(container=BAG, document="WS-2026-112", **signing("ingrid"))


def test_the_dose_is_on_record_with_its_dated_weight_and_cap(tank):
    commands.set_dose(**DOSE, **signing("dario"))
    row = FillLine.objects.get(kind="dose")
    facts = row.facts
    assert (facts["cells"], facts["capped"], facts["volume_ml"]) == ("144.80", False, "30.3")
    assert (facts["weighed_on"], facts["weight_source"]) == ("2026-02-27", "Order form, page 2")
    commands.set_dose(**(DOSE | {"weight": "120"}), **signing("dario"))
    last = store.load("fill", making.BATCH)[-1].data
    assert (str(last.cells), last.capped) == ("200", True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"weighed_on": "2026-03-03"}, "weighed_on"),
        ({"weighed_on": "yesterday"}, "weighed_on"),
        ({"weight": "724"}, "weight"),
        ({"weight_source": ""}, "weight_source"),
        ({"cap": "-1"}, "cap"),
        ({"transduced": "101"}, "transduced"),
    ],
)
def test_a_dose_that_cannot_be_is_refused(tank, change, code):
    asked = DOSE | change
    assert refused(commands.set_dose, **asked, **signing("dario")) == code


def test_containers_vials_and_retains_are_numbered_one_by_one(tank):
    fill()
    fill("satellite", 3)
    fill("retain", 1)
    fill("product", 1)
    numbers = list(ContainerLine.objects.order_by("container").values_list("container", flat=True))
    ends = [number.removeprefix(f"{making.BATCH}-") for number in numbers]
    assert ends == ["P01", "P02", "P03", "R01", "V01", "V02", "V03"]
    assert {row.coi for row in ContainerLine.objects.all()} == {
        store.load("identity", making.BATCH)[0].data.coi
    }


def test_two_containers_are_never_in_one_place(tank):
    fill()
    keep()
    assert refused(keep, container=f"{making.BATCH}-P02") == "position"
    keep(place="5")
    keep(container=f"{making.BATCH}-P02")
    now = {row.position: row.container for row in container_queries.stored("LN2-1")}
    assert now == {"LN2-1.R3.B2.P5": BAG, "LN2-1.R3.B2.P4": f"{making.BATCH}-P02"}


def test_r10_of_two_who_store_in_one_place_at_once_one_wins(tank):
    """Given ten bags and one place, when all are put there at the same moment, one is there."""
    fill(pieces=10)
    results: list[str] = []

    def put(number: int) -> None:
        try:
            keep(container=f"{making.BATCH}-P{number:02d}")
            results.append("stored")
        except Refused as no:
            results.append(no.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=put, args=(number,)) for number in range(1, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("stored") == 1, results
    assert set(results) <= {"stored", "position", "conflict"}
    assert StorageLine.objects.filter(left_at=None).count() == 1


def test_a_tank_that_is_none_holds_nothing(tank):
    fill()
    assert refused(keep, tank="CF-02") == "tank"
    assert refused(keep, rack="three, top") == "rack"


def freeze(text, chosen=None, by="marta"):
    return commands.record_freezing(
        batch=making.BATCH, freezer="CRF-1", curve=text, chosen=chosen or [BAG], **signing(by)
    )


def test_a_freezing_is_judged_with_its_curve_and_its_time_in_dmso(tank):
    fill(dmso_at="2026-03-02T07:45:00+00:00")
    freeze(curve(*good()))
    row = FillLine.objects.get(kind="freezing")
    assert (row.good, row.facts["dmso_minutes"]) == (True, 15)
    fill(pieces=1, dmso_at="2026-03-02T07:20:00+00:00")
    freeze(curve(*[4 - 4 * minute for minute in range(32)]), [f"{making.BATCH}-P03"])
    event = store.load("fill", making.BATCH)[-1].data
    assert event.standing == "outside limits"
    assert "40 minutes in DMSO, more than 30." in event.departures
    assert ContainerLine.objects.get(container=f"{making.BATCH}-P03").frozen == "outside limits"
    assert refused(freeze, text="no curve") == "logger"


def test_each_container_is_decided_by_itself_and_a_retain_is_never_released(tank):
    fill()
    fill("retain", 1)
    decide()
    assert refused(decide, container=f"{making.BATCH}-R01") == "decision"
    assert refused(decide, decision="rejected", container=f"{making.BATCH}-P02") == "reason_missing"
    decide("rejected", f"{making.BATCH}-P02", "Leaking weld")
    found = dict(ContainerLine.objects.values_list("container", "decision"))
    assert found[BAG] == "released"
    assert found[f"{making.BATCH}-P02"] == "rejected"


@pytest.mark.parametrize("purpose", ["engineering", "validation", "media_fill", "training"])
def test_r11_what_is_for_no_patient_is_never_released(tank, purpose):
    from batches import commands as batches

    batches.open_batch(
        batch="CT-0777", recipe="MBR-019", version=1, purpose=purpose, actor=actor("dario")
    )
    fill(batch="CT-0777")
    for name in ("helena",):
        assert refused(decide, container="CT-0777-P01", by=name) == "purpose"
    assert refused(commands.set_dose, **(DOSE | {"batch": "CT-0777"}), **signing("dario"))


def test_a_bag_is_issued_by_two_identifiers_and_both_parties(tank, clock):
    fill()
    keep()
    assert refused(issue, clock=clock) == "not_released"
    decide()
    assert refused(issue, clock=clock) == "not_identified"
    ordering.look("helena", "issuing", BAG)
    assert refused(issue, clock=clock, hours=-1) == "expires_at"
    issue(clock)
    accept = {"container": BAG, "document": "WS-2026-112"}
    assert refused(issuing.thaw_container, container=BAG, actor=actor("marta")) == "not_accepted"
    assert refused(issuing.accept_container, **accept, **signing("helena")) == "same_person"
    assert refused(issuing.accept_container, **accept, **signing("ingrid")) == "not_identified"
    ordering.look("ingrid", "issuing", BAG)
    with pytest.raises(Refused, match="capitals and digits, no blanks, as WS-2026-112"):
        issuing.accept_container(container=BAG, document="Sheet 9", **signing("ingrid"))
    issuing.accept_container(**accept, **signing("ingrid"))
    row = ContainerLine.objects.get(container=BAG)
    assert (row.issued_by, row.accepted_by) == (making.HELENA, making.INGRID)
    assert row.expires_at.endswith(("+00:00", "+01:00"))
    assert row.zone
    assert not StorageLine.objects.filter(left_at=None, container=BAG).exists()
    assert custody_queries.gap_sentences(BAG) == []


@pytest.mark.parametrize(("minutes", "late"), [(30, False), (31, True)])
def test_the_clock_runs_from_thawing_to_infusion(tank, clock, minutes, late):
    """Given 30 minutes from thawing, then half an hour is in time and a minute more is late."""
    out(clock)
    issuing.thaw_container(container=BAG, actor=actor("marta"))
    clock.advance(minutes=minutes)
    asked = {"container": BAG, "how": "infused"}
    if late:
        assert refused(issuing.end_container, **asked, **signing("marta")) == "reason_missing"
        asked["reason"] = "Line had to be changed"
    issuing.end_container(**asked, **signing("marta"))
    row = ContainerLine.objects.get(container=BAG)
    assert (row.ended, row.minutes, row.late) == ("infused", minutes, late)


def test_an_expired_bag_is_not_thawed_and_a_thawed_one_does_not_come_back(tank, clock):
    out(clock)
    clock.advance(hours=9)
    assert refused(issuing.thaw_container, container=BAG, actor=actor("marta")) == "expired"
    clock.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    issuing.thaw_container(container=BAG, actor=actor("marta"))
    back = {"container": BAG, "how": "returned", "reason": "Patient has fever"}
    assert refused(issuing.end_container, **back, **signing("marta")) == "how"
    back["how"] = "not administered"
    issuing.end_container(**back, **signing("marta"))
    assert container_queries.accounted(making.BATCH) == {"not administered": 1, "in quarantine": 1}


def test_what_comes_back_is_in_quarantine_again(tank, clock):
    out(clock)
    issuing.end_container(
        container=BAG, how="returned", reason="Patient has fever", **signing("marta")
    )
    row = ContainerLine.objects.get(container=BAG)
    assert (row.ward, row.decision, row.ended) == ("", "in quarantine", "")
    assert refused(issue, clock=clock) == "not_released"


def test_destruction_has_a_witness_who_is_another(tank):
    fill()
    asked = {"container": BAG}
    assert refused(issuing.destroy_container, **asked, **signing("ingrid")) == "nothing_asked"
    issuing.ask_destruction(
        **asked, route="Autoclave A-2", reason="Rejected by QA", **signing("marta")
    )
    assert refused(issuing.destroy_container, **asked, **signing("marta")) == "same_person"
    issuing.destroy_container(**asked, **signing("ingrid"))
    assert ContainerLine.objects.get(container=BAG).ended == "destroyed"
    again = {**asked, "route": "Autoclave A-2", "reason": "Once more please"}
    assert refused(issuing.ask_destruction, **again, **signing("marta")) == "ended"


def test_an_excursion_names_what_was_in_the_tank_then_and_nothing_else(tank, clock):
    """Given bags that came and went, then only those inside while it was warm are touched."""
    fill(pieces=3)
    keep(place="1")
    keep(container=f"{making.BATCH}-P02", place="2")
    clock.advance(hours=2)
    issuing.ask_destruction(
        container=f"{making.BATCH}-P02", route="Autoclave", reason="Rejected by QA",
        **signing("marta"),
    )  # fmt: skip
    issuing.destroy_container(container=f"{making.BATCH}-P02", **signing("ingrid"))
    clock.advance(hours=8)
    keep(container=f"{making.BATCH}-P03", place="3")
    clock.advance(hours=1)
    begun = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    lines = [f"{(begun + timedelta(minutes=n)).isoformat()},{-178 + n}" for n in range(60)]
    issuing.record_excursion(
        excursion="EXC-2026-002", tank="LN2-1", limit="-150", logger="\n".join(lines),
        reason="Filling valve stuck", actor=actor("marta"),
    )  # fmt: skip
    row = ExcursionLine.objects.get()
    assert (row.containers, row.highest) == (BAG, "-119")
    touched = ContainerLine.objects.exclude(excursions="").values_list("container", flat=True)
    assert list(touched) == [BAG]
    cold = "\n".join(lines[:10])
    none = {"excursion": "EXC-2026-003", "tank": "LN2-1", "limit": "-150", "logger": cold}
    why = {"reason": "Filling valve stuck", "actor": actor("marta")}
    assert refused(issuing.record_excursion, **none, **why) == "logger"


def test_gmo_waste_that_does_not_come_out_even_needs_its_reason(tank):
    asked = {"batch": making.BATCH, "filled": 5, "route": "Autoclave", "document": "AC-2026-077"}
    short = {**asked, "destroyed": 4}
    assert refused(issuing.record_waste, **short, **signing("marta")) == "reason_missing"
    issuing.record_waste(**short, reason="One bag waits for the night run", **signing("marta"))
    issuing.record_waste(**asked, destroyed=5, **signing("marta"))
    assert [row.good for row in container_queries.fills(making.BATCH, "waste")] == [False, True]
    assert refused(issuing.record_waste, **{**asked, "destroyed": 6}, **signing("marta"))


def test_after_the_order_has_ended_nothing_is_issued(tank, clock):
    from batches import order_commands

    fill()
    decide()
    ordering.look("helena", "issuing", BAG)
    order_commands.end_order(
        order=ordering.ORDER, how="cancelled", ended_on="2026-03-02",
        reason="Clinic chose another way", actor=actor("helena"),
    )  # fmt: skip
    assert refused(issue, clock=clock) == "order_ended"


def test_an_unreadable_label_is_replaced_by_two_people_who_identify_it(tank):
    from batches import custody_commands

    fill()
    first = {"item": BAG, "reason": "Frost has lifted the print"}
    second = {"item": BAG, "kept_at": "Batch folder, page 12"}
    assert refused(custody_commands.relabel, **second, **signing("ingrid")) == "nothing_asked"
    assert refused(custody_commands.ask_relabelling, **first, **signing("marta")) == (
        "not_identified"
    )
    ordering.look("marta", "labelling", BAG)
    custody_commands.ask_relabelling(**first, **signing("marta"))
    assert refused(custody_commands.relabel, **second, **signing("marta")) == "same_person"
    assert refused(custody_commands.relabel, **second, **signing("ingrid")) == "not_identified"
    ordering.look("ingrid", "labelling", BAG)
    custody_commands.relabel(**second, **signing("ingrid"))
    event = store.load("custody", BAG)[-1].data
    assert (event.asked_by, event.kept_at) == (making.MARTA, "Batch folder, page 12")


def test_a_sample_goes_to_quality_control_from_hand_to_hand(tank):
    from batches import custody_commands, sample_commands
    from batches.container_models import SampleLine

    sample_commands.take_sample(
        batch=making.BATCH, purpose="Mycoplasma", volume="2.0", actor=actor("marta")
    )
    item = f"{making.BATCH}-S01"
    hand = {"item": item, "place": "B-102", "to_place": "Q-201", "temperature": "21"}
    custody_commands.hand_over(**hand, **signing("marta"))
    assert refused(custody_commands.hand_over, **hand, **signing("marta")) == "under_way"
    take = {"item": item, "place": "Q-201", "temperature": "20.5"}
    assert refused(custody_commands.take_over, **take, **signing("marta")) == "same_person"
    custody_commands.take_over(**take, **signing("ingrid"))
    row = SampleLine.objects.get()
    assert (row.received_by, row.place, row.volume_ml) == (making.INGRID, "Q-201", "2.0")
    assert custody_queries.gap_sentences(item) == []
    custody_commands.take_over(**(take | {"place": "Q-202"}), **signing("dario"))
    assert custody_queries.gap_sentences(item) == ["Custody: Nobody handed it over to Q-202."]
    assert ordering.departures() == [f"Custody of {item}: Nobody handed it over to Q-202."]
