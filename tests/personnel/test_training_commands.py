"""Training as commands, rows and facts, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger import store
from ledger.event import Refused
from personnel import training_commands as commands
from personnel import training_queries as queries
from personnel.models import CurriculumLine, TrainingItem, TrainingRecord
from tests.personnel import staff
from tests.personnel.staff import QA

RECIPE = "MBR-019"


@pytest.fixture
def worker(database, fixed_clock):
    """An operator; QA has put gowning and a recipe on the list, and operators need both."""
    staff.offices()
    actor = staff.hired("p-22222", "operator")
    introduce("SOP-014", "qualification", 12)
    introduce(RECIPE, "recipe", 0)
    for item in ("SOP-014", RECIPE):
        demand(item)
    return actor


def introduce(item, kind, months):
    commands.introduce(
        item=item, kind=kind, title=f"All of {item}", version="1", valid_months=months, actor=QA
    )


def demand(item, role="operator"):
    commands.add_to_curriculum(role=role, item=item, reason="Process description", actor=QA)


def train(item, **changed):
    asked = {
        "person": "p-22222",
        "item": item,
        "version": "1",
        "trained_on": "2026-03-02",
        "method": "performed",
        "actor": QA,
    }
    return commands.record(**(asked | changed))


def test_r10_gaps_close_one_by_one_and_open_again_with_a_new_version(worker):
    """Given two items that the role needs, then what is lacking is said, item by item."""
    assert len(queries.gaps("p-22222", "operator")) == 2
    train("SOP-014")
    (gap,) = queries.gaps("p-22222", "operator")
    assert gap == "Not trained on MBR-019 (All of MBR-019), version 1."
    train(RECIPE)
    assert queries.gaps("p-22222", "operator") == []
    assert queries.trained_on("p-22222", RECIPE, "1")
    commands.change_version(item=RECIPE, version="2", reason="New harvest step", actor=QA)
    assert queries.gaps("p-22222", RECIPE) == [
        "Not trained on MBR-019 (All of MBR-019), version 2."
    ]
    assert not queries.trained_on("p-22222", RECIPE, "2")
    assert queries.trained_on("p-22222", RECIPE, "1"), "a batch on the old version may be finished"
    commands.remove_from_curriculum(
        role="operator", item=RECIPE, reason="Made elsewhere now", actor=QA
    )
    assert queries.gaps("p-22222", "operator") == []


def test_r10_a_day_of_training_is_the_sites_day_not_greenwichs(worker, fixed_clock):
    """Given half past midnight on site, which is still yesterday in UTC, when today's training is
    recorded, then it is taken and holds at once."""
    fixed_clock.now = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    train(RECIPE, trained_on="2026-03-03")
    assert queries.trained_on("p-22222", RECIPE, "1")
    with pytest.raises(Refused, match="a day that has been"):
        train("SOP-014", trained_on="2026-03-04")


def test_r10_a_training_ends_after_its_months(worker, fixed_clock):
    train("SOP-014")
    last = fixed_clock.now + timedelta(days=365)
    assert queries.trained_on("p-22222", "SOP-014", "1", last)
    assert not queries.trained_on("p-22222", "SOP-014", "1", last + timedelta(days=1))
    assert not queries.trained_on("p-22222", "SOP-014", "1", fixed_clock.now - timedelta(days=1))


def test_a_revoked_training_counts_no_more_and_stays_on_record(worker):
    train("SOP-014")
    asked = {"person": "p-22222", "item": "SOP-014", "version": "1"}
    commands.revoke(**asked, reason="Failed the glove print", actor=QA)
    assert not queries.trained_on(*asked.values())
    row = TrainingRecord.objects.get()
    assert (row.revoked_by, row.revoked_why) == ("p-qaqaq", "Failed the glove print")
    train("SOP-014")
    assert queries.trained_on(*asked.values())
    assert TrainingRecord.objects.filter(revoked_at=None).count() == 1
    types = [event.type for event in store.load("training", "p-22222")]
    assert types == [
        "personnel.training_recorded",
        "personnel.training_revoked",
        "personnel.training_recorded",
    ]


def test_r8_nobody_assesses_themselves_and_an_operator_assesses_nobody(worker):
    with pytest.raises(Refused) as no:
        train("SOP-014", person="p-qaqaq")
    assert no.value.code == "same_person"
    with pytest.raises(Refused) as no:
        train("SOP-014", person="p-qaqaq", actor=worker)
    assert no.value.code == "wrong_role"
    with pytest.raises(Refused) as no:
        train("SOP-014", person="p-99999")
    assert no.value.code == "no_person"
    assert not TrainingRecord.objects.exists()


def test_the_matrix_says_how_everybody_stands(worker, fixed_clock):
    def standings():
        columns, lines = queries.matrix()
        assert [column.item for column in columns] == [RECIPE, "SOP-014"]
        (line,) = [each for each in lines if each.person == "p-22222"]
        return [cell.standing for cell in line.cells]

    assert standings() == ["missing", "missing"]
    train(RECIPE)
    train("SOP-014")
    assert standings() == ["valid", "valid"]
    fixed_clock.advance(days=340)
    assert standings() == ["valid", "expiring"]
    fixed_clock.advance(days=26)
    assert standings() == ["valid", "expired"]
    commands.change_version(item=RECIPE, version="2", reason="New harvest step", actor=QA)
    assert standings() == ["older", "expired"]
    qa = next(line for line in queries.matrix()[1] if line.person == "p-qaqaq")
    assert {cell.standing for cell in qa.cells} == {"free"}


def test_items_and_curricula_are_rows_of_what_was_recorded(worker):
    assert set(TrainingItem.objects.values_list("item", "version")) == {
        ("SOP-014", "1"),
        (RECIPE, "1"),
    }
    assert set(CurriculumLine.objects.values_list("role", "item")) == {
        ("operator", "SOP-014"),
        ("operator", RECIPE),
    }
    with pytest.raises(Refused) as no:
        demand("SOP-014")
    assert no.value.code == "item_known"


def test_r10_a_training_is_not_revoked_under_a_decision_that_rests_on_it(postgres_database):
    """Given a decision in progress on a training, then a revocation waits until it is committed."""
    import threading

    from django.db import connections, transaction

    staff.offices()
    staff.hired("p-22222", "operator")
    introduce("SOP-014", "qualification", 0)
    day = TrainingItem.objects.get().changed_at.date().isoformat()
    train("SOP-014", trained_on=day)
    asked = {"person": "p-22222", "item": "SOP-014", "version": "1"}
    done = threading.Event()

    def revoke():
        try:
            commands.revoke(**asked, reason="Failed", actor=QA)
            done.set()
        finally:
            connections.close_all()

    with transaction.atomic():
        assert queries.trained_on(*asked.values())
        assert queries.gaps("p-22222", "SOP-014") == []
        revoker = threading.Thread(target=revoke)
        revoker.start()
        assert not done.wait(0.5), "the row is held"
    assert done.wait(10)
    revoker.join()
    assert not queries.trained_on(*asked.values())
