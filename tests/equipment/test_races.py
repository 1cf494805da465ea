"""Two batches want one thing at one instant: exactly one gets it, a hundred times over."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from equipment import claim_commands, commands
from equipment.models import Register, RoomLine, WorkstationLine
from ledger.event import Refused
from tests.equipment import ready
from tests.equipment.ready import asks

RACES = 100
PAIR = ("CT-0001", "CT-0002")


def race(*asks_: Callable[[], Any]) -> list[str]:
    """What each was told; all begin together."""
    told: list[str] = [""] * len(asks_)
    gate = threading.Barrier(len(asks_))

    def run(place: int, ask: Callable[[], Any]) -> None:
        gate.wait(60)
        try:
            ask()
            told[place] = "won"
        except Refused as no:
            told[place] = no.code
        except Exception as error:  # noqa: BLE001 - whatever else happens is told below
            told[place] = repr(error)
        finally:
            connections.close_all()

    racers = [threading.Thread(target=run, args=each) for each in enumerate(asks_)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(120)
    return told


def claimed_by(ask: Any, **what: str) -> list[str]:
    return race(*(lambda b=batch: ask(**what, batch=b, **asks("operator")) for batch in PAIR))


@pytest.mark.parametrize("what", ["unit", "workstation", "room"])
def test_r10_100_races_of_two_batches_for_one_thing_have_one_winner_each(signers, what):
    """Given two batches that claim one unit, open workstation or room of one batch together,
    then one has it, the other reads who has it, and a hundred times it is so."""
    answers: Counter[str] = Counter()
    place = ready.room(one_batch=what == "room")
    if what == "unit":
        numbers = [ready.unit(f"CF-{n:03}") for n in range(10)]
    elif what == "room":
        numbers = [place]
        ready.cleared(place, *PAIR)
    else:
        ready.cleared(place, *PAIR)
        numbers = [ready.workstation(f"WS-{n}", place=place) for n in range(10)]
    for n in range(RACES):
        told = _one_race(what, numbers[n % len(numbers)])
        assert told.count("won") == 1, told
        answers.update(told)
    print(dict(answers))
    taken = {"unit": "unit_in_use", "workstation": "workstation_in_use", "room": "room_in_use"}
    assert answers == {"won": RACES, taken[what]: RACES}


def _one_race(what: str, number: str) -> list[str]:
    """One race, after which the thing is free again as if nobody had been there."""
    from equipment import room_commands, status_commands

    supervisor = asks("supervisor")
    if what == "unit":
        told = claimed_by(claim_commands.claim, unit=number)
        (winner,) = Register.objects.get(unit=number).batches
        claim_commands.release(unit=number, batch=winner, reason="The race is over", **supervisor)
        status_commands.clean(unit=number, agent="ethanol", **asks("operator"))
    elif what == "workstation":
        told = claimed_by(claim_commands.claim_place, workstation=number)
        (winner,) = WorkstationLine.objects.get(workstation=number).batches
        claim_commands.release_place(
            workstation=number, batch=winner, reason="The race is over", **supervisor
        )
    else:
        told = claimed_by(claim_commands.enter_room, room=number)
        (winner,) = RoomLine.objects.get(room=number).batches
        claim_commands.leave_room(room=number, batch=winner, **supervisor)
        room_commands.clean(room=number, agent="sporicide", **asks("operator"))
        ready.cleared(number, winner)
    return told


def test_r10_a_status_lost_between_check_and_commit_lets_no_claim_through(signers):
    """Given a unit that is claimed while it is taken out of service, then whatever came first, a
    unit that was stopped first is not claimed after it; a hundred times."""
    answers: Counter[str] = Counter()
    for n in range(RACES):
        number = ready.unit(f"CF-{n:03}") if n < 10 else f"CF-{n % 10:03}"
        told = race(
            lambda u=number: claim_commands.claim(unit=u, batch=PAIR[0], **asks("operator")),
            lambda u=number: commands.take_out_of_service(
                unit=u, reason="It makes a noise", **asks("maintenance")
            ),
        )
        answers[" ".join(told)] += 1
        kinds = _kinds_since_return(number)
        assert kinds in (["claimed", "out_of_service"], ["out_of_service"]), (told, kinds)
        _back(number)
    print(dict(answers))
    assert set(answers) <= {"won won", "out_of_service won"}


def _kinds_since_return(number: str) -> list[str]:
    from equipment.models import LogbookLine

    rows = LogbookLine.objects.filter(unit=number).order_by("version")
    kinds = list(rows.values_list("kind", flat=True))
    start = max((n for n, kind in enumerate(kinds) if kind == "cleaned"), default=0)
    return kinds[start + 1 :]


def _back(number: str) -> None:
    from equipment import status_commands

    for batch in Register.objects.get(unit=number).batches:
        asked = {"unit": number, "batch": batch, "reason": "The race is over"}
        claim_commands.release(**asked, **asks("supervisor"))
    commands.return_to_service(unit=number, reason="Noise is gone", **asks("supervisor"))
    status_commands.clean(unit=number, agent="ethanol", **asks("operator"))
