"""The API: the pages' own commands and queries, for a device that acts for a person."""

import re
import uuid
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ledger import store
from ledger.command import asks, commands
from ledger.models import Event
from personnel import command_api
from personnel.models import DeviceRow
from tests.batches import making
from tests.personnel import signers

BATCH = f"/api/batches/{making.BATCH}/"


class Device:
    """A program with a token that speaks for one person."""

    def __init__(self, token: str) -> None:
        self.client, self.token = Client(), token

    def headers(self, key: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or new_key()}

    def get(self, address: str, **asked: str) -> Any:
        return self.client.get(address, asked, headers=self.headers())

    def ask(self, command: str, *, key: str | None = None, **body: Any) -> Any:
        room, _dot, verb = command.partition(".")
        return self.client.post(
            f"/api/{room}/commands/{verb}/",
            body,
            content_type="application/json",
            headers=self.headers(key),
        )


def new_key() -> str:
    return str(uuid.uuid4())


def permitted(desk: Any, name: str, role: str) -> str:
    """The administrator permits a device for somebody, who draws its token: what the page shows."""
    person = desk.account(name).person
    asked = {"name": "Counter", "person": person, "role": role}
    assert desk.at("renata").post("/devices/", asked).status_code == 302
    row = DeviceRow.objects.get(person=person, drawn_at=None)
    answer = desk.at(name).post(f"/devices/{row.device}/token/")
    assert answer.status_code == 200, answer.status_code
    found = re.search(r'<code class="code">([\w-]{43})</code>', answer.content.decode())
    assert found is not None
    return found[1]


@pytest.fixture
def tablet(desks: Any) -> Device:
    """A tablet that acts for Marta, the operator."""
    return Device(permitted(desks, "marta", "operator"))


def signed(desk: Any, name: str) -> dict[str, str]:
    return {"name": desk.account(name).username, "secret": signers.SECRET}


def refusals() -> int:
    return Event.objects.filter(type="ledger.refused").count()


def test_r3_a_token_is_shown_once_to_whom_it_acts_for_and_kept_as_a_hash(desks):
    """Given a permitted device, then only its person draws the token, which stands on one answer
    and in no table; a second one ends the first."""
    token = permitted(desks, "marta", "operator")
    row = DeviceRow.objects.get()
    assert token not in desks.at("marta").get("/devices/").content.decode()
    stored = b"".join(bytes(event.body) for event in Event.objects.all())
    assert token.encode() not in stored
    assert row.token_sha256.encode() in stored
    other = desks.at("dario").post(f"/devices/{row.device}/token/")
    assert "acts for somebody else" in other.content.decode()
    desks.at("marta").post(f"/devices/{row.device}/token/")
    assert Device(token).get("/api/batches/").status_code == 401


def test_r3_a_revoked_device_opens_nothing(desks, tablet):
    row = DeviceRow.objects.get()
    assert tablet.get("/api/batches/").status_code == 200
    revoking = {"reason": "Tablet was left in a taxi"}
    assert desks.at("renata").post(f"/devices/{row.device}/revoke/", revoking).status_code == 302
    answer = tablet.get("/api/batches/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert "revoked" in answer.json()["detail"]
    assert tablet.ask("equipment.make_entry", unit="CF-1", text="x").status_code == 401


def test_r3_a_device_revoked_in_the_middle_of_a_request_writes_nothing(desks, tablet, monkeypatch):
    """Given a request that was let in, when the device is revoked before its command, then the
    command refuses it: the authority asks again under a lock."""
    from personnel import device_commands
    from tests.batches.conftest import actor

    row, carry_out = DeviceRow.objects.get(), command_api.CommandView.carry_out

    def revoked_first(self: Any, request: Any) -> Any:
        asked = {"device": row.device, "reason": "Lost just now"}
        device_commands.revoke(**asked, actor=actor("renata"))
        return carry_out(self, request)

    monkeypatch.setattr(command_api.CommandView, "carry_out", revoked_first)
    answer = tablet.ask("batches.set_hold", batch=making.BATCH, kind="process", reason="A smell")
    assert (answer.status_code, answer.json()["code"]) == (403, "no_device")


def test_an_unsigned_command_is_carried_out_once_however_often_it_is_sent(tablet):
    """Given one Idempotency-Key, when a hold is sent twice, then it is set once, and the second
    answer says so; with other values the key is refused."""
    key, hold = new_key(), {"batch": making.BATCH, "kind": "process", "reason": "Seal looks odd"}
    first = tablet.ask("batches.set_hold", key=key, **hold)
    assert first.status_code == 201, first.content
    again = tablet.ask("batches.set_hold", key=key, **hold)
    assert (again.status_code, again.json()["replayed"]) == (200, True)
    assert again.json()["events"] == first.json()["events"]
    other = tablet.ask("batches.set_hold", key=key, **{**hold, "kind": "quality"})
    assert (other.status_code, other.json()["code"]) == (422, "command_reused")
    (event,) = Event.objects.filter(type="batches.hold_set")
    told = tablet.get(f"{BATCH}record/").json()["events"][-1]
    assert (told["event_id"], told["reason"]) == (str(event.id), "Seal looks odd")
    assert told["terminal"] == DeviceRow.objects.get().device


def test_r6_a_signed_command_needs_the_persons_own_secret_in_its_body(desks, tablet):
    """Given a device of the QA reviewer, when it signs without, with a wrong and with the right
    secret, then only the last is carried out, and the first two are on the trail."""
    device = Device(permitted(desks, "helena", "qa_reviewer"))
    made = desks.as_signed("dario")["actor"]
    from equipment import commands

    named = {"label": "Spinner", "unit_class": "centrifuge", "location": "C-101"}
    commands.register(unit="CF-77", **named, actor=made)
    from tests.equipment import ready

    asked = {"unit": "CF-77", "done_on": ready.day(-1), "until": ready.day(90), "certificate": "Q1"}
    missing = device.ask("equipment.qualify", **asked)
    assert (missing.status_code, list(missing.json()["fields"])) == (400, ["signature"])
    before = refusals()
    own = signed(desks, "helena")
    wrong = device.ask("equipment.qualify", **asked, signature={**own, "secret": "open sesame"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "secret")
    assert refusals() == before + 1
    right = device.ask("equipment.qualify", **asked, signature=own)
    assert right.status_code == 201, right.content
    kinds = [event["type"] for event in right.json()["events"]]
    assert kinds == ["equipment.qualified", "ledger.signature_applied"]
    stored = b"".join(bytes(event.body) for event in Event.objects.all())
    assert signers.SECRET.encode() not in stored and b"open sesame" not in stored


def test_a_no_is_a_problem_with_code_and_sentence_and_stands_on_the_trail(tablet):
    before = refusals()
    no = tablet.ask("batches.complete", batch="CT-9999", signature={"name": "m", "secret": "x"})
    assert no.status_code == 403
    assert no["Content-Type"] == "application/problem+json"
    problem = no.json()
    assert problem["code"] == "wrong_role"
    assert "supervisor" in problem["detail"]
    gone = tablet.ask("batches.set_hold", batch="CT-9999", kind="process", reason="No such batch")
    assert (gone.status_code, gone.json()["detail"]) == (409, "There is no batch CT-9999.")
    assert refusals() == before + 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"reason": NaN}', 400),
        (b"[" * 100_000, 400),
        (b'{"reason": "\\u0000"}', 400),
        (b'{"reason": "' + b"x" * 300_000 + b'"}', 413),
    ],
)
def test_what_cannot_be_read_is_a_problem_too(tablet, body, status):
    answer = tablet.client.post(
        "/api/batches/commands/set_hold/",
        body,
        content_type="application/json",
        headers=tablet.headers(),
    )
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("deep", [40, 600])
def test_a_request_that_is_nested_too_deep_is_told_so(tablet, deep):
    content: dict[str, Any] = {}
    for _ in range(deep):
        content = {"more": content}
    asked = {"recipe": "MBR-0777", "version": 1, "content": content}
    answer = tablet.ask("batches.draft_recipe", **asked)
    assert answer.status_code == 400
    assert "cannot be kept" in answer.json()["detail"]


def test_a_field_named_in_foreign_letters_is_told_so(tablet):
    typed = {"température": "37.0"}
    answer = tablet.ask("batches.enter_values", batch=making.BATCH, step=2, typed=typed)
    assert answer.status_code == 400
    assert "plain letters" in answer.json()["detail"]


def test_a_request_needs_a_key_and_json(tablet):
    address, hold = "/api/batches/commands/set_hold/", {"batch": making.BATCH}
    head = {"Authorization": f"Bearer {tablet.token}"}
    keyless = tablet.client.post(address, hold, content_type="application/json", headers=head)
    assert list(keyless.json()["fields"]) == ["Idempotency-Key"]
    form = tablet.client.post(address, hold, headers=tablet.headers())
    assert form.status_code == 415
    assert tablet.client.post(address, hold, content_type="application/json").status_code == 401


def test_every_command_of_both_rooms_has_its_address_and_no_other(tablet):
    """Given each command that is declared, then its address answers, and asks for what it needs."""
    for room in ("batches", "equipment"):
        names = asks(room)
        assert len(names) > 15
        for name in names:
            answer = tablet.ask(name)
            assert answer.status_code in (201, 400, 403, 409, 422), (name, answer.content)
    assert tablet.ask("batches.certify").status_code == 404


def test_r3_what_the_server_made_itself_nobody_can_claim_over_the_api(tablet):
    """Given the commands that tell of a print or a file with its hash, which only the server can
    know, then the API has no address for them: nobody records a print that was never made."""
    made = {"batches.print_record", "batches.check_print", "batches.print_contingency"}
    kept = {"batches.keep_scan"}
    declared = {name for name in commands() if name.startswith(("batches.", "equipment."))}
    offered = {*asks("batches"), *asks("equipment")}
    assert declared - offered == made | kept | {"batches.keep_file"}  # which comes with its content
    for name in made | kept:
        assert tablet.ask(name, batch=making.BATCH).status_code == 404


def test_a_device_keeps_a_file_by_what_it_holds_and_names_no_hash_of_its_own(tablet):
    """Given a file sent with a batch and a step, then it is kept by the hash of its content, once;
    what is no file of a kind that may be kept is refused, and the trail holds the no."""
    content = b"time,temperature\n00:00,-80.1\n00:10,-80.4\n"
    address, key = "/api/batches/commands/keep_file/", new_key()

    def send(content: bytes, key: str) -> Any:
        sent = SimpleUploadedFile("curve.csv", content)
        asked = {"batch": making.BATCH, "step": 2, "about": "Freezer curve", "file": sent}
        return tablet.client.post(address, asked, headers=tablet.headers(key))

    before = refusals()
    first, again = send(content, key), send(content, key)
    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert again.json()["replayed"]
    kept = store.load("files", making.BATCH)
    assert [event.data.blob for event in kept] == [f"sha256:{sha256(content).hexdigest()}"]
    refused = send(b"\x7fELF not a file of any kind", new_key())
    assert (refused.status_code, refused.json()["code"]) == (409, "media_type"), refused.content
    assert refusals() == before + 1


def test_a_device_has_its_rate(tablet, monkeypatch):
    from personnel.device_api import DeviceThrottle

    monkeypatch.setattr(DeviceThrottle, "rate", "3/min")
    codes = [tablet.get("/api/equipment/units/").status_code for _time in range(5)]
    assert codes[-1] == 429


def test_lists_come_in_pages_and_hide_what_nobody_may_read(desks, tablet, monkeypatch):
    from equipment import commands
    from personnel import row_api

    by = desks.as_signed("dario")["actor"]
    for number in range(5):
        named = {"label": "Spinner", "unit_class": "centrifuge", "location": "C-101"}
        commands.register(unit=f"CF-{number}", **named, actor=by)
    monkeypatch.setattr(row_api, "PAGE", 2)
    seen, after = [], ""
    while after is not None:
        asked = {"after": after} if after else {}
        page = tablet.get("/api/equipment/units/", **asked).json()
        seen += [row["unit"] for row in page["rows"]]
        after = page["after"]
    assert seen == [f"CF-{number}" for number in range(5)]
    one = tablet.get("/api/equipment/units/CF-3/").json()
    assert (one["unit"], one["in_service"], one["qualified_until"]) == ("CF-3", True, None)
    assert tablet.get("/api/equipment/units/CF-33/").status_code == 404
    assert tablet.get("/api/batches/exceptions/0/").status_code == 400, "no event's id"
    assert tablet.get("/api/equipment/units/", label="x").status_code == 400
    for address in ("orders", "lots", "containers", "recipes", "exceptions", "due", "clocks"):
        answer = tablet.get(f"/api/batches/{address}/")
        assert answer.status_code == 200, address
        assert "code_sha256" not in answer.content.decode()


def test_a_batch_is_read_with_its_record_and_the_recipes_hash(tablet):
    line = tablet.get(BATCH).json()
    assert (line["batch"], line["completed_at"]) == (making.BATCH, None)
    record = tablet.get(f"{BATCH}record/").json()
    events = store.load("batch", making.BATCH)
    assert [one["version"] for one in record["events"]] == [e.version for e in events]
    assert record["content_sha256"] == events[0].data.content_sha256
    assert tablet.get("/api/batches/CT-9999/record/").status_code == 404
