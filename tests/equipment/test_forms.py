"""What a form does with a no, with a page that has grown old, and with what nobody can read."""

import re

import pytest

from ledger import store
from ledger.models import Event
from personnel.models import Account

UNIT = "/equipment/CF-02/"


@pytest.fixture
def as_role(client, centrifuge):
    def enter(role: str):
        client.force_login(Account.objects.get(role=role))
        return client

    return enter


def text_of(response) -> str:
    return response.content.decode()


def hidden(page: str, form: str, name: str) -> str:
    return re.search(rf'value="([^"]+)" id="{form}_{name}"', page)[1]


def last() -> str:
    return store.load("equipment", "CF-02")[-1].type


def correction(page: str, text: str) -> dict[str, str]:
    return {
        "text": text,
        "reason": "Misread the display",
        "seen": hidden(page, "correct_1", "seen"),
        "command_id": hidden(page, "correct_1", "command_id"),
    }


def test_r4_a_correction_over_an_old_page_does_not_replace_somebody_elses(as_role):
    """Given a page, and a correction made since, then mine is refused until I have read theirs."""
    mine = correction(text_of(as_role("operator").get(UNIT)), "Spun 500 g.")
    Account.objects.filter(role="supervisor").update(printed_name="Marta Solvedo")
    client = as_role("supervisor")
    theirs = correction(text_of(client.get(UNIT)), "Spun 400 g.")
    assert client.post(f"{UNIT}entries/1/", theirs).status_code == 302
    client = as_role("operator")
    answer = client.post(f"{UNIT}entries/1/", mine)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Marta Solvedo changed this after you opened the page." in page
    assert "Spun 500 g.</textarea>" in page, "what was typed stays"
    assert "<ins>Spun 400 g.</ins>" in page
    refusal = Event.objects.filter(type="ledger.refused").latest("recorded_at")
    assert store.event(refusal.id).data.code == "changed_meanwhile"
    assert b"Marta" not in bytes(refusal.body)
    assert client.post(f"{UNIT}entries/1/", correction(page, "Spun 500 g.")).status_code == 302


def test_r4_what_others_wrote_elsewhere_in_the_logbook_is_no_obstacle(as_role):
    client = as_role("supervisor")
    page = text_of(client.get(UNIT))
    client.post(f"{UNIT}entries/", {"text": "Rotor wiped."})
    assert client.post(f"{UNIT}entries/1/", correction(page, "Spun 400 g.")).status_code == 302
    moving = {"location": "Room 3", "reason": "Room 2 repainted", "seen": "2"}
    assert client.post(f"{UNIT}move/", moving).status_code == 302


@pytest.mark.parametrize(
    ("address", "first", "second"),
    [
        ("move/", {"location": "Room 3"}, {"location": "Room 4"}),
        ("stop/", {}, {}),
    ],
)
def test_r4_a_move_or_a_stop_over_an_old_page_is_refused(as_role, address, first, second):
    client = as_role("supervisor")
    why = {"reason": "Room 2 repainted", "seen": "2"}
    assert client.post(UNIT + address, first | why).status_code == 302
    if address == "stop/":
        assert client.post(f"{UNIT}return/", why | {"seen": "3"}).status_code == 302
    answer = client.post(UNIT + address, second | why)
    assert answer.status_code == 422
    assert "changed this after you opened the page" in text_of(answer)


@pytest.mark.parametrize("unreadable", [{"command_id": "zzz"}, {"seen": "zzz"}, {"seen": "9" * 30}])
def test_a_hidden_field_that_cannot_be_read_is_told_and_can_be_sent_again(as_role, unreadable):
    client = as_role("operator")
    good = correction(text_of(client.get(UNIT)), "Spun 400 g.")
    answer = client.post(f"{UNIT}entries/1/", good | unreadable)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Part of the form could not be read." in page
    assert client.post(f"{UNIT}entries/1/", correction(page, "Spun 400 g.")).status_code == 302


def test_every_empty_field_of_a_move_is_named_at_once(as_role):
    page = text_of(as_role("supervisor").post(f"{UNIT}move/", {}))
    assert "Say in which room." in page
    assert "Say why: this needs a reason." in page
    assert page.count('aria-invalid="true"') == 2


def test_a_number_is_written_in_capitals_whatever_was_typed(as_role):
    values = {"unit": " cf-99 ", "label": "C", "unit_class": "centrifuge", "location": "R 1"}
    answer = as_role("maintenance").post("/equipment/register/", values)
    assert answer.url == "/equipment/CF-99/"


@pytest.mark.parametrize(
    ("address", "values", "field"),
    [
        ("entries/", {"text": ""}, "entry_text"),
        ("entries/", {"text": "x" * 2001}, "entry_text"),
        ("entries/", {"text": "Spun \u202e300 g"}, "entry_text"),
        ("move/", {"location": "x" * 121, "reason": "Room repainted"}, "move_location"),
        ("move/", {"location": "Room 3", "reason": "why " * 200}, "move_reason"),
        ("move/", {"location": "Room 3", "reason": "Room\x07 repainted"}, "move_reason"),
    ],
)
def test_a_no_stands_beside_the_field_that_it_is_about(as_role, address, values, field):
    page = text_of(as_role("supervisor").post(UNIT + address, values))
    assert f'id="{field}_error"' in page
    assert re.search(rf'<(input|textarea)[^>]*aria-invalid="true"[^>]*id="{field}"', page)
    assert "<title>Error: CF-02" in page
    assert "<title>CF-02" in text_of(as_role("supervisor").get(UNIT))


def test_the_way_back_finds_a_new_form(as_role):
    """Given a sent form, when the browser goes back, then it may not show the old one again."""
    for address in (UNIT, "/equipment/register/"):
        assert "no-store" in as_role("supervisor").get(address)["Cache-Control"]


def test_an_unknown_service_shows_all_units(as_role):
    page = text_of(as_role("operator").get("/equipment/?service=zzz"))
    assert "CF-02" in page
    assert "Show all units" not in page
