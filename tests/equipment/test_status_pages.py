"""Pages by which a unit's standing, a room and its workstations are recorded."""

import pytest
from django.test import Client

from equipment.models import Register, RoomClearance, RoomLine, WorkstationLine
from ledger.models import Event
from personnel.models import Account
from tests.equipment import ready
from tests.personnel import signers as keys

HOLDERS = ("operator", "supervisor", "maintenance", "qa_reviewer")


@pytest.fixture
def floor(centrifuge):
    """Four people with signing keys of their own at their browsers; CF-02 is in the register."""
    for role in HOLDERS:
        Account.objects.filter(role=role).update(printed_name=f"{role} by name")
    accounts = {role: Account.objects.get(role=role) for role in HOLDERS}
    for role, account in accounts.items():
        by = accounts["supervisor" if role == "qa_reviewer" else "qa_reviewer"]
        keys.enrol(account, by=by)
    return Floor(accounts)


class Floor:
    def __init__(self, accounts) -> None:
        self.accounts, self.browsers = accounts, {}

    def at(self, role: str) -> Client:
        if role not in self.browsers:
            self.browsers[role] = Client()
            self.browsers[role].force_login(self.accounts[role])
        return self.browsers[role]

    def page(self, role: str, address: str) -> str:
        response = self.at(role).get(f"/equipment/{address}")
        assert response.status_code == 200, response.status_code
        return response.content.decode()

    def post(self, role: str, address: str, **typed: str):
        return self.at(role).post(f"/equipment/{address}", typed)

    def sign(self, role: str, address: str, **typed: str):
        return self.post(role, address, **typed, **keys.fields(self.accounts[role]))


DUE = {"done_on": ready.day(-2), "until": ready.day(365), "certificate": "CAL-7"}


def test_a_unit_becomes_fit_for_use_by_three_pages(floor):
    """Given a unit that nobody qualified, calibrated or cleaned, when each of the three is recorded
    by whom it is for, then its page says that it holds, and until when."""
    before = floor.page("operator", "CF-02/")
    assert before.count("not on record") == 3
    assert "CF-02/clean/" in before
    assert "CF-02/qualify/" not in before, "an operator is not offered what would be refused"
    assert floor.sign("qa_reviewer", "CF-02/qualify/", **DUE).status_code == 302
    assert floor.sign("maintenance", "CF-02/calibrate/", passed="yes", **DUE).status_code == 302
    assert floor.post("operator", "CF-02/clean/", agent="ethanol 70 %").status_code == 302
    after = floor.page("operator", "CF-02/")
    assert after.count('tag ok">holds') == 3
    assert ready.day(365) in after
    assert "Cleaned" in after and "ethanol 70 %" in after
    signed = Event.objects.filter(type="ledger.signature_applied").count()
    assert signed == 2


def test_a_failed_calibration_takes_the_fitness_away(floor):
    floor.sign("maintenance", "CF-02/calibrate/", passed="yes", **DUE)
    floor.sign("maintenance", "CF-02/calibrate/", passed="no", **{**DUE, "until": ""})
    page = floor.page("maintenance", "CF-02/")
    assert "Found out of tolerance" in page
    assert Register.objects.get(unit="CF-02").calibrated_until is None


def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(floor):
    wrong = {**DUE, "until": ready.day(-1), "certificate": "CAL-Öther"}
    response = floor.sign("maintenance", "CF-02/calibrate/", passed="yes", **wrong)
    page = response.content.decode()
    assert response.status_code == 422
    assert "which has passed already" in page
    assert "CAL-Öther" in page
    assert 'id="id_until_error"' in page
    chosen = floor.post("maintenance", "CF-02/calibrate/", **DUE).content.decode()
    assert "Say how it was found." in chosen
    assert Event.objects.filter(type="ledger.refused").count() == 1


def test_a_unit_is_set_aside_and_released_by_hand(floor):
    floor.sign("qa_reviewer", "CF-02/qualify/", **DUE)
    floor.sign("maintenance", "CF-02/calibrate/", passed="yes", **DUE)
    dirty = floor.post("operator", "CF-02/claim/", batch="ct-0421")
    assert "CF-02 is not clean" in dirty.content.decode()
    floor.post("operator", "CF-02/clean/", agent="ethanol")
    assert floor.post("operator", "CF-02/claim/", batch="ct-0421").status_code == 302
    assert "CT-0421" in floor.page("operator", "CF-02/")
    assert 'value="CT-0421"' in floor.page("supervisor", "CF-02/release/")
    floor.post("supervisor", "CF-02/release/", batch="CT-0421", reason="Batch was aborted")
    assert Register.objects.get(unit="CF-02").batches == []


def test_a_room_is_registered_made_ready_and_used_from_its_pages(floor):
    """Given an empty register of rooms, when a room and its workstation are set up, cleaned,
    cleared and checked, then a batch comes in, and the page says so."""
    assert "No room is registered" in floor.page("operator", "rooms/")
    room = {"room": "c-101", "name": "Clean room", "grade": "B"}
    made = floor.post("supervisor", "rooms/register/", **room)
    assert made.url == "/equipment/rooms/C-101/"
    place = {"workstation": "ws-1", "label": "Open place", "handling": "open"}
    assert floor.post("supervisor", "rooms/C-101/workstation/", **place).status_code == 302
    floor.post("operator", "rooms/C-101/clean/", agent="sporicide")
    floor.sign("operator", "rooms/C-101/clear/", batch="CT-0421")
    assert "waits for a second person" in floor.page("supervisor", "rooms/C-101/")
    own = floor.post("operator", "rooms/C-101/check/", batch="CT-0421", **keys.PIN_FIELDS)
    assert "another person checks it" in own.content.decode()
    floor.sign("supervisor", "rooms/C-101/check/", batch="CT-0421")
    assert RoomClearance.objects.get().checked_by
    claimed = floor.post("operator", "rooms/C-101/WS-1/claim/", batch="CT-0421")
    assert claimed.status_code == 302
    page = floor.page("operator", "rooms/C-101/")
    assert "CT-0421" in page and "In use" in page
    second = floor.post("operator", "rooms/C-101/WS-1/claim/", batch="CT-0422")
    assert "is open and in use by batch CT-0421" in second.content.decode()
    assert WorkstationLine.objects.get().batches == ["CT-0421"]
    floor.post("operator", "rooms/C-101/hold/", reason="Plate at action level")
    assert RoomLine.objects.get().em_hold
    assert "Monitoring hold" in floor.page("operator", "rooms/")
    lifted = floor.sign("qa_reviewer", "rooms/C-101/lift/", reason="Plate was misread")
    assert lifted.status_code == 302


@pytest.mark.parametrize(
    "address",
    ["CF-99/clean/", "CF-02/explode/", "rooms/Z-9/", "rooms/Z-9/clean/", "rooms/Z-9/W-1/x/"],
)
def test_what_is_not_there_is_404(floor, address):
    assert floor.at("operator").get(f"/equipment/{address}").status_code == 404
