"""A gap in the chain of custody is a departure of the batch: the reviewer reads each, once."""

from batches import commands, container_commands, custody_commands
from batches import container_issue_commands as issuing
from batches.models import BatchLine
from tests.batches import conftest, making, ordering
from tests.batches.conftest import actor, signing

BAG = f"{making.BATCH}-P01"


def fill():
    ordering.let_in()
    ordering.bind()
    container_commands.fill_containers(
        batch=making.BATCH, kind="product", pieces=1, volume_ml="50", cells="72.4", dmso_at="",
        actor=actor("marta"),
    )  # fmt: skip


def test_a_gap_in_custody_is_a_departure_of_the_batch_once(batch):
    """Given material that came by a way nobody signed for, when a batch is made of it, then the
    reviewer sees each gap once; and each that shows later, as it shows."""
    ordering.place()
    ordering.collect()
    ordering.look("marta")
    ordering.hand_over(to_place="Reception")
    ordering.receive()
    ordering.look("ingrid")
    ordering.confirm()
    ordering.judge("accepted under conditions", reason="The courier names the way it came")
    assert ordering.departures() == []
    ordering.bind()
    sent = f"Custody of {ordering.COLLECTION}: It was sent to Reception and taken over at"
    first = [f"{sent} Cryostore K-001."]
    assert ordering.departures() == first
    ordering.hand_over(place="Cryostore K-001", to_place="Room C-12", other_party="", document="")
    assert ordering.departures() == first, "no gap, nothing to see"
    asked = {"item": ordering.COLLECTION, "temperature": "5.0"}
    custody_commands.take_over(**asked, place=" Room  C-13", **signing("ingrid"))
    later = f"Custody of {ordering.COLLECTION}: It was sent to Room C-12 and taken over at"
    assert ordering.departures() == [*first, f"{later} Room C-13."]
    custody_commands.take_over(**asked, place="Room C-12", **signing("ingrid"))
    assert len(ordering.departures()) == 3
    line = BatchLine.objects.get()
    assert (line.exceptions, line.unassessed, line.completed_at) == (3, 3, None)


def test_a_gap_after_the_record_was_closed_is_told_and_closes_it_no_second_time(fixed_clock, batch):
    """Given a batch that is completed, when a bag of it goes astray, then it is a departure still,
    and the batch is as old as it was."""
    fill()
    conftest.work_up_to(4)
    commands.complete(batch=making.BATCH, **signing("dario"))
    closed = BatchLine.objects.get().completed_at
    assert closed is not None
    fixed_clock.advance(minutes=5)
    take = {"item": BAG, "place": "Q-202", "temperature": "-178"}
    custody_commands.take_over(**take, **signing("ingrid"))
    row = BatchLine.objects.get()
    assert (row.unassessed, row.completed_at) == (1, closed)
    assert row.changed_at > closed


def test_a_bag_that_ends_under_way_is_a_departure_of_its_batch(batch):
    """Given a bag that nobody took over, when it is destroyed, then the reviewer hears of it."""
    fill()
    hand = {"item": BAG, "place": "B-102", "to_place": "Q-201", "temperature": "-178"}
    custody_commands.hand_over(**hand, **signing("marta"))
    asked = {"container": BAG, "route": "Autoclave", "reason": "It stood warm"}
    issuing.ask_destruction(**asked, **signing("marta"))
    issuing.destroy_container(container=BAG, **signing("ingrid"))
    assert ordering.departures() == [f"Custody of {BAG}: Nobody took it over at Q-201."]
