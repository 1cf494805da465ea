"""The ledger's health: what is sealed, what is not yet, what stopped and what to do about it."""

from typing import Any

import pytest

from ledger import followers, health
from ledger.clock_watch import Jump, record_jump
from ledger.models import Cursor, Event


def text(response: Any) -> str:
    return response.content.decode()


def test_the_page_says_how_much_is_sealed(history, as_role, seal):
    client = as_role("inspector")
    assert "not sealed yet" in text(client.get("/ledger/"))
    assert health.unsealed().count == Event.objects.count()
    seal()
    page = text(client.get("/ledger/"))
    assert "all sealed" in page
    assert health.sealed().root in page
    assert "demo.test.lotbook.example/1" in page
    assert "SQLite: for trial and training, not for GMP." in page


def test_htmx_gets_only_the_part_that_changes(history, as_role):
    part = text(as_role("inspector").get("/ledger/", headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "Followers" in part


def test_a_silent_sealer_is_told_with_what_to_do(history, as_role):
    page = text(as_role("inspector").get("/ledger/"))
    assert "The sealer has not run yet." in page
    assert "The sealer has not run yet." in text(as_role("inspector").get("/")), "on the start page"


@pytest.fixture
def stopped(history, seal):
    """The self-audit stands still with a sentence."""
    seal()
    Cursor.objects.update_or_create(
        name=followers.SELF_AUDIT, defaults={"position": 2, "stopped": "Entry 2 does not match."}
    )
    yield
    Cursor.objects.all().delete()


def test_a_stopped_follower_is_shown_and_resumed_with_a_reason(stopped, as_role):
    client = as_role("supervisor")
    page = text(client.get("/ledger/"))
    assert "Entry 2 does not match." in page
    address = f"/ledger/followers/{followers.SELF_AUDIT}/"
    refused = client.post(address, {"reason": ""})
    assert refused.status_code == 422
    assert "This field is required" in text(refused)
    assert client.post(address, {"reason": "Disk replaced"}).status_code == 302
    assert Cursor.objects.get(name=followers.SELF_AUDIT).stopped == ""
    (event,) = Event.objects.filter(type="ledger.follower_resumed")
    assert b"Disk replaced" in bytes(event.body)


def test_r3_an_operator_may_not_and_the_attempt_is_kept(stopped, as_role):
    before = Event.objects.filter(type="ledger.refused").count()
    address = f"/ledger/followers/{followers.SELF_AUDIT}/"
    response = as_role("operator").post(address, {"reason": "I want to"})
    assert response.status_code == 422
    assert Cursor.objects.get(name=followers.SELF_AUDIT).stopped
    assert Event.objects.filter(type="ledger.refused").count() == before + 1


def test_r5_a_jump_of_the_clock_is_explained_from_the_page(history, as_role):
    moment = history["moved"].recorded_at
    record_jump(Jump(expected=moment, found=moment.replace(year=moment.year + 1)))
    client = as_role("supervisor")
    page = text(client.get("/ledger/"))
    assert "Signing is blocked" in page
    assert client.post("/ledger/clock/", {"reason": "Time server was wrong"}).status_code == 302
    assert "Signing is blocked" not in text(client.get("/ledger/"))
    again = client.post("/ledger/clock/", {"reason": "Time server was wrong"})
    assert again.status_code == 422
    assert "has not jumped" in text(again) or Event.objects.filter(type="ledger.refused").exists()


def test_a_refused_reaction_is_shown(history, as_role):
    """Given an automatic command that was refused, then a person sees it and what caused it."""
    from equipment import commands
    from ledger.event import Refused
    from tests.pages.conftest import person

    with pytest.raises(Refused):
        commands.make_entry(
            unit="CF-98", text="By itself", actor=person("operator"), cause=history["moved"].id
        )
    (line,) = health.refused_reactions()
    assert "CF-98 is not in the register" in line.sentence
    page = text(as_role("inspector").get("/ledger/"))
    assert "CF-98 is not in the register" in page
    assert f"/entries/{line.event_id}/" in text(
        as_role("inspector").get(f"/entries/{history['moved'].id}/")
    ), "the cause's page names what it caused"


def test_a_reason_that_cannot_be_kept_is_named_beside_it(stopped, as_role):
    address = f"/ledger/followers/{followers.SELF_AUDIT}/"
    response = as_role("supervisor").post(address, {"reason": "Disk\x07 replaced"})
    assert response.status_code == 422
    assert "holds a character that cannot be kept" in text(response)
    assert Cursor.objects.get(name=followers.SELF_AUDIT).stopped
