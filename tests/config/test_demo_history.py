"""The demo's week: believable, told once, and only in a log that says it is a demo's."""

import io
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.test import override_settings

from batches import board_queries, material_kit_queries, queries, record_queries
from batches.models import BatchLine
from config import demo_history
from config.demo_batches import READY
from config.demo_people import BY_KEY, PEOPLE
from equipment.models import LogbookLine, Register
from ledger import store
from ledger.models import Event
from personnel.models import Account
from personnel.roles import ROLES
from tests.pages import told_week

MONDAY = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)


@pytest.fixture
def told(sqlite_database, templates):
    """The week as it was told once for all that only look at it."""
    told_week.lay_out(sqlite_database, templates)


def test_the_week_is_told_on_five_working_days_before_now(database):
    told = demo_history.tell(now=MONDAY)
    first = Event.objects.filter(type__startswith="personnel.").earliest("recorded_at")
    last = Event.objects.filter(type__startswith="personnel.").latest("recorded_at")
    assert 150 <= told <= 500
    assert first.recorded_at.date().isoformat() == "2026-03-02"
    assert last.recorded_at.date().isoformat() == "2026-03-06"
    types = Counter(Event.objects.values_list("type", flat=True))
    assert types["ledger.refused"] >= 10
    assert types["equipment.logbook_entry_corrected"] >= 5
    assert types["equipment.moved"] >= 3
    assert Register.objects.get(unit="CRF-1").in_service is False
    correction = LogbookLine.objects.get(unit="CF-01", kind="correction")
    assert "300 g" in correction.old
    assert "400 g" in correction.new
    assert correction.reason
    assert demo_history.tell(now=MONDAY + timedelta(days=3)) == 0


def test_the_week_holds_a_finished_batch_and_one_half_way_all_signatures_good(told):
    """Given the week, then CT-0421 is closed with everything assessed, CT-0422 waits for its
    seventh step, and every signature on their records holds."""
    done, half = BatchLine.objects.get(batch="CT-0421"), BatchLine.objects.get(batch="CT-0422")
    assert done.completed_at is not None
    assert (done.done, done.exceptions, done.unassessed) == (12, 5, 0)
    assert (half.done, half.step, half.waits_for, half.unassessed) == (6, 7, "operator", 2)
    signatures = [
        one
        for line in (done, half)
        for step in record_queries.read(line).steps
        for one in step.signatures
    ]
    assert len(signatures) == 33
    assert {one.standing for one in signatures} == {"holds", "superseded"}
    values = [str(v.text) for v in record_queries.read(done).steps[1].parameters[0].values]
    assert values == ["38.6", "37.2"]


@pytest.mark.parametrize(("recipe", "people"), [("MBR-019", 5), ("MBR-101", 4)])
def test_r10_the_week_approves_a_recipe_then_trains_on_it_then_makes_a_batch(told, recipe, people):
    """Given the week, then everybody's training on a recipe stands between its approval and the
    first batch on it, on the trail as in the day that it names."""
    rows = Event.objects.order_by("recorded_at", "id")
    approved = rows.get(type="batches.recipe_approved", stream_id__startswith=recipe).recorded_at
    batch = BatchLine.objects.filter(recipe=recipe).earliest("batch").batch
    opened = rows.get(type="batches.opened", stream_id=batch).recorded_at
    told = [store.event(row.id) for row in rows.filter(type="personnel.training_recorded")]
    trained = [one for one in told if one.data.item == recipe]
    assert len(trained) == people
    for one in trained:
        assert approved < one.recorded_at < opened
        assert one.data.trained_on >= approved.date().isoformat()


def test_a_batch_on_the_shipped_car_t_record_stands_ready(told):
    """Given the week; then a batch on MBR-101 waits for its first step, its order is bound, its
    material accepted, and all that is missing is what its day does: pick, clean, print."""
    row = BatchLine.objects.get(batch=READY)
    assert (row.recipe, row.done, row.step, row.waits_for) == ("MBR-101", 0, 1, "operator")
    checks = [one for part in board_queries.readiness(row) for one in part.checks]
    missing = {one.title for one in checks if not one.ready}
    content = queries.recipe_of(queries.batch_state(READY)).content
    rooms = {one.title for one in content.rooms}
    bought = {one.title for one in content.materials if one.key != "apheresis"}
    units = {one.title: one for one in checks if one.title in missing}
    unclean = {title for title, one in units.items() if "is not clean. Clean it" in one.said}
    assert missing <= rooms | bought | unclean | {"Labels"}
    kits = {one.material.key: one.standing for one in material_kit_queries.needs(row)}
    assert kits.pop("apheresis") == "own"
    assert set(kits.values()) == {"choose"}


def test_a_telling_that_was_cut_short_goes_on_where_it_stopped(sqlite_database, monkeypatch):
    whole = list(demo_history.read_week(demo_history.WEEK.read_text("utf-8")))
    with monkeypatch.context() as patch:
        patch.setattr(demo_history, "read_week", lambda text: whole[:60])
        demo_history.tell(now=MONDAY)
    before = set(Event.objects.values_list("id", flat=True))
    demo_history.tell(now=MONDAY + timedelta(days=2))
    assert before < set(Event.objects.values_list("id", flat=True))
    last = Event.objects.latest("recorded_at")
    assert last.recorded_at.date().isoformat() == "2026-03-06"
    keys = Event.objects.filter(type="personnel.account_opened").count()
    assert keys == len(PEOPLE)


def test_a_demo_of_another_version_says_what_to_delete(sqlite_database, monkeypatch, tmp_path):
    """Given a demo that an earlier checkout began, when it is prepared by this one, then a sentence
    says where its state is, and nothing more is written."""
    from config.management.commands import prepare_demo

    earlier = tmp_path / "week.txt"
    earlier.write_text("0 07:41:08 renata in\n0 16:41:08 renata out\n")
    with monkeypatch.context() as patch:
        patch.setattr(demo_history, "WEEK", earlier)
        demo_history.tell(now=MONDAY)
    before = Event.objects.count()
    asked = prepare_demo.Command(stdout=io.StringIO())
    with override_settings(DEMO=True), pytest.raises(CommandError, match=r"Delete /.* and start"):
        asked.handle()
    assert Event.objects.count() == before


@pytest.mark.origin("lotbook.hospital.example")
def test_history_is_never_told_in_a_log_that_is_not_a_demos(sqlite_database):
    with pytest.raises(ImproperlyConfigured, match="never told, only"):
        demo_history.tell()
    assert not Account.objects.exists()


def test_r21_no_name_of_a_demo_person_is_in_the_ledger(told):
    # The printed name is part of a signature (21 CFR 11.50) and stays with it, by law.
    unsigned = Event.objects.exclude(type="ledger.signature_applied")
    bodies = b"\n".join(bytes(body) for body in unsigned.values_list("body", flat=True))
    for person in PEOPLE:
        assert person.person.encode() in bodies or person.account.encode() in bodies
        for word in [*person.printed_name.split(), person.key]:
            if word not in {"van"}:
                # As a word of its own: there is a “luc” in “glucose”.
                assert not re.search(rf"\b{word.lower()}\b".encode(), bodies.lower()), word


def test_every_role_is_there_and_every_pseudonym_once():
    assert {person.role for person in PEOPLE} == set(ROLES)
    for name in ("account", "person", "key", "printed_name"):
        values = [getattr(person, name) for person in PEOPLE]
        assert len(set(values)) == len(values)


def test_everybody_acts_between_signing_in_and_signing_out():
    inside: set[str] = set()
    moments = []
    for step in demo_history.read_week(demo_history.WEEK.read_text("utf-8")):
        moments.append((step.day, step.at))
        key = step.who.key
        if step.verb == "in":
            assert key not in inside, step
            inside.add(key)
        elif step.verb == "away":
            assert key not in inside, step
        else:
            assert key in inside, step
        if step.verb == "out":
            inside.remove(key)
    assert not inside
    assert moments == sorted(set(moments))
    assert {step.who.key for step in demo_history.read_week(demo_history.WEEK.read_text())} <= set(
        BY_KEY
    )


def test_a_line_that_the_rules_do_not_agree_with_stops_the_telling(
    sqlite_database, monkeypatch, tmp_path
):
    week = tmp_path / "week.txt"
    week.write_text("0 08:00:00 tomas register CF-01 | Centrifuge | centrifuge | Room C-101\n")
    monkeypatch.setattr(demo_history, "WEEK", week)
    with pytest.raises(demo_history.UnbelievableHistory, match="Line 1 was refused: As operator"):
        demo_history.tell(now=MONDAY)
