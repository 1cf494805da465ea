"""Rooms and workstations: who may come in, and what stops it."""

import pytest

from equipment import claim_commands, room_commands
from equipment.models import Register, RoomLine, WorkstationLine
from equipment.room import hindrances
from equipment.status_queries import room_facts, workstation_facts
from ledger import clock
from ledger.event import Refused
from tests.equipment import ready
from tests.equipment.ready import asks, by

ONE, TWO = "CT-0421", "CT-0422"


def refused(ask, **request) -> str:
    with pytest.raises(Refused) as no:
        ask(**request)
    return no.value.code


def codes(room: str, batch: str = ONE) -> list[str]:
    return [no.code for no in hindrances(room_facts(room), batch=batch, at=clock.now())]


def test_r10_a_room_is_entered_when_clean_free_of_holds_and_cleared_by_two(signers):
    """Given a room that nobody made ready, then each thing that lacks stops it, till none does."""
    place = ready.room(clean=False)
    assert codes("Z-9") == ["no_room"]
    assert codes(place) == ["room_not_clean", "line_not_cleared"]
    room_commands.clean(room=place, agent="sporicide", **asks("operator"))
    assert codes(place) == ["line_not_cleared"]
    room_commands.clear_line(room=place, batch=ONE, **by("operator"))
    assert codes(place) == ["line_unchecked"]
    own = refused(room_commands.check_line_clearance, room=place, batch=ONE, **by("operator"))
    assert own == "same_person"
    room_commands.check_line_clearance(room=place, batch=ONE, **by("supervisor"))
    assert codes(place) == []
    room_commands.set_em_hold(room=place, reason="Plate 4 at action level", **asks("operator"))
    assert codes(place) == ["em_hold"]
    entering = {"room": place, "batch": ONE, **asks("operator")}
    assert refused(claim_commands.enter_room, **entering) == "em_hold"
    room_commands.lift_em_hold(room=place, reason="Plate was misread", **by("qa_reviewer"))
    claim_commands.enter_room(**entering)
    assert RoomLine.objects.get(room=place).batches == [ONE]
    assert codes(place, TWO) == ["line_not_cleared"], "a clearance is for one batch"


def test_a_room_of_one_batch_takes_no_second_one_and_is_dirty_after_it(signers):
    place = ready.room(one_batch=True)
    ready.cleared(place, ONE)
    claim_commands.enter_room(room=place, batch=ONE, **asks("operator"))
    assert refused(room_commands.clear_line, room=place, batch=TWO, **by("operator")) == (
        "room_in_use"
    )
    claim_commands.leave_room(room=place, batch=ONE, **asks("operator"))
    assert codes(place, TWO) == ["room_not_clean", "line_not_cleared"]


def test_r11_an_open_workstation_takes_one_patient_and_closed_devices_stand_side_by_side(signers):
    """Given two batches in one room, then the open cabinet has one of them at a time, with its
    cabinet's own claim; at the closed place both stand."""
    place, cabinet = ready.room(), ready.unit("BSC-1", "safety_cabinet")
    ready.cleared(place, ONE, TWO)
    ready.workstation("WS-1", place=place, of=cabinet)
    ready.workstation("WS-2", place=place, handling="closed")
    for station in ("WS-1", "WS-2"):
        claim_commands.claim_place(workstation=station, batch=ONE, **asks("operator"))
    assert Register.objects.get(unit=cabinet).batches == [ONE]
    second = {"workstation": "WS-1", "batch": TWO, **asks("operator")}
    assert refused(claim_commands.claim_place, **second) == "workstation_in_use"
    claim_commands.claim_place(**{**second, "workstation": "WS-2"})
    assert workstation_facts("WS-2").batches == (ONE, TWO)
    leaving = {"room": place, "batch": ONE, **asks("operator")}
    assert refused(claim_commands.leave_room, **leaving) == "still_at_workstation"
    claim_commands.release_place(
        workstation="WS-1", batch=ONE, reason="Batch is put away", **asks("supervisor")
    )
    assert Register.objects.get(unit=cabinet).batches == []
    assert refused(claim_commands.claim_place, **second) == "not_clean", "cabinet after a patient"
    assert WorkstationLine.objects.get(workstation="WS-1").batches == []


def test_a_workstation_whose_room_or_cabinet_is_not_ready_is_not_claimed(signers):
    """Given a cabinet that is not clean, when its workstation is claimed, then nothing of the
    three is claimed."""
    place, cabinet = ready.room(), ready.unit("BSC-1", "safety_cabinet", clean=False)
    ready.workstation("WS-1", place=place, of=cabinet)
    claiming = {"workstation": "WS-1", "batch": ONE, **asks("operator")}
    assert refused(claim_commands.claim_place, **claiming) == "line_not_cleared"
    ready.cleared(place, ONE)
    assert refused(claim_commands.claim_place, **claiming) == "not_clean"
    assert RoomLine.objects.get(room=place).batches == []
    assert WorkstationLine.objects.get(workstation="WS-1").batches == []


def test_what_does_not_exist_is_not_set_up(signers):
    asked = {"workstation": "WS-1", "label": "Place", "handling": "open", **asks("supervisor")}
    assert refused(room_commands.set_up_workstation, room="Z-1", **asked) == "no_room"
    place = ready.room()
    nowhere = {**asked, "room": place, "unit": "BSC-9"}
    assert refused(room_commands.set_up_workstation, **nowhere) == "not_registered"
    both = {**asked, "room": place, "handling": "ajar"}
    assert refused(room_commands.set_up_workstation, **both) == "handling"
    wrong = {"workstation": "WS-7", "batch": ONE, **asks("operator")}
    assert refused(claim_commands.claim_place, **wrong) == "no_workstation"
    assert refused(claim_commands.claim, unit="X-1", batch="; drop", **asks("operator")) == "batch"
