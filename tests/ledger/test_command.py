"""Commands: who may, what is decided, what is refused and recorded, what is signed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from equipment import commands
from equipment.unit import Registered
from ledger import clock_watch, command, ids, ports, projections, reactions, store
from ledger.clock_watch import Jump, record_jump
from ledger.command import Act, Outcome
from ledger.event import Actor, Recorded, Refused
from ledger.models import Event
from ledger.ports import CommandSpec, SignatureValue
from ledger.refusals import CommandRefused
from ledger.signature import Meaning, SignatureApplied

SUPERVISOR = Actor(person="p-9x1m4", role="supervisor", terminal="t-1")
OPERATOR = Actor(person="p-7f3k2", role="operator", terminal="t-1")


class RolesOnly:
    """An authority that knows the roles of each command and no people."""

    def allow(self, actor: Actor, spec: CommandSpec, at: datetime) -> None:
        if actor.role not in spec.roles:
            raise Refused("Ask a {role}.", role=spec.roles[0], code="wrong_role")


@pytest.fixture(autouse=True)
def roles_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_authority", RolesOnly())
    monkeypatch.setattr(command, "_registry", dict(command._registry))


def register(unit: str = "CF-02", actor: Actor = SUPERVISOR, **more: Any) -> Outcome:
    return commands.register(
        unit=unit,
        label="Centrifuge",
        unit_class="centrifuge",
        location="Grade C corridor",
        actor=actor,
        **more,
    )


def refusals() -> list[CommandRefused]:
    return [
        event.data
        for row in Event.objects.filter(type="ledger.refused").order_by("recorded_at")
        for event in store.load(row.stream_type, row.stream_id)
    ]


def test_a_command_writes_its_events(database: object) -> None:
    outcome = register()
    assert [type(event.data) for event in outcome.events] == [Registered]
    assert outcome.events[0].command_name == "equipment.register"


def test_r3_a_refused_command_is_on_the_trail_with_its_sentence(database: object) -> None:
    with pytest.raises(Refused, match="Ask a supervisor"):
        register(actor=OPERATOR)
    (refused,) = refusals()
    assert refused.command == "equipment.register"
    assert (refused.code, refused.sentence) == ("wrong_role", "Ask a supervisor.")
    assert refused.params == {"role": "supervisor"}


def test_r9_the_same_refused_request_gets_the_same_answer_once(database: object) -> None:
    same = ids.new_id()
    for _attempt in range(3):
        with pytest.raises(Refused, match="Ask a supervisor"):
            register(actor=OPERATOR, command_id=same)
    assert len(refusals()) == 1


def test_r9_a_form_sent_twice_is_carried_out_once(database: object) -> None:
    same = ids.new_id()
    first, second = register(command_id=same), register(command_id=same)
    assert second.replayed and second.events == first.events


def test_r9_a_reused_id_with_other_values_is_refused(database: object) -> None:
    same = ids.new_id()
    register(command_id=same)
    with pytest.raises(Refused, match=r"already sent with other values.*press again"):
        register(unit="CF-03", command_id=same)


def test_r4_a_change_without_its_reason_is_refused(database: object) -> None:
    register()
    with pytest.raises(Refused, match="Say why"):
        commands.move(unit="CF-02", location="Grade B", actor=SUPERVISOR, reason="  ")
    assert refusals()[0].code == "reason_missing"


def test_text_is_kept_in_normal_form_with_plain_line_ends(database: object) -> None:
    register()
    outcome = commands.make_entry(
        unit="CF-02", text="Cafe\u0301 cell line\r\nthawed.", actor=OPERATOR
    )
    assert outcome.events[0].data.text == "Caf\u00e9 cell line\nthawed."


def test_a_writer_who_lost_the_race_decides_again(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    register()
    load, lost = store.load, []

    def overtaken(*args: Any, **kwargs: Any) -> list[Recorded]:
        found = load(*args, **kwargs)
        if not lost:
            lost.append(1)
            raise store.Conflict("Somebody else was first.")
        return found

    monkeypatch.setattr(store, "load", overtaken)
    assert commands.make_entry(unit="CF-02", text="Run 1.", actor=OPERATOR).events
    assert lost


def test_a_writer_who_always_loses_is_told_what_to_do(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*args: Any, **kwargs: Any) -> list[Recorded]:
        raise store.Conflict("Somebody else was first.")

    monkeypatch.setattr(store, "load", overtaken)
    with pytest.raises(Refused, match="Look at it again"):
        commands.make_entry(unit="CF-02", text="Run 1.", actor=OPERATOR)


@pytest.fixture
def reaction(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Recorded]]:
    """A room above answers every registration with a first logbook entry."""
    monkeypatch.setattr(reactions, "_by_payload", {Registered: []})
    seen: list[Recorded] = []

    def answer(event: Recorded) -> None:
        seen.append(event)
        commands.make_entry(
            unit=event.data.unit,
            text="Logbook opened.",
            actor=OPERATOR,
            cause=event.id,
            command_id=reactions.command_id(event, "open_logbook"),
        )

    reactions._by_payload[Registered].append(answer)
    yield seen


def test_a_reaction_names_its_cause_in_the_same_transaction(
    database: object, reaction: list[Recorded]
) -> None:
    outcome = register()
    opened = store.load("equipment", "CF-02")[1]
    assert opened.cause == outcome.events[0].id
    assert len(reaction) == 1


def test_a_refused_reaction_is_recorded_and_the_cause_stands(
    database: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(event: Recorded) -> None:
        commands.move(unit=event.data.unit, location="x", actor=OPERATOR, cause=event.id)

    monkeypatch.setattr(reactions, "_by_payload", {Registered: [answer]})
    outcome = register()
    assert store.load("equipment", "CF-02")
    row = Event.objects.get(type="ledger.refused")
    (refusal,) = store.load(row.stream_type, row.stream_id)
    assert refusal.cause == outcome.events[0].id
    assert projections.listens(refusal.data)


class KeyRing:
    """A signer whose key opens with the right word."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()

    def printed_name(self, person: str) -> str:
        return "Marta Vidal"

    def key_of(self, person: str) -> str:
        return "k-1"

    def sign(self, actor: Actor, statement: bytes, secret: object) -> SignatureValue:
        if secret != "correct horse":
            raise Refused("The secret does not open your key. Try again.", code="secret")
        return SignatureValue("ed25519", self.private.sign(statement))


@pytest.fixture
def sign_off(monkeypatch: pytest.MonkeyPatch) -> Any:
    @command.command("trial.sign_off", role=("supervisor",), signature=Meaning.APPROVED)
    def sign_off(act: Act, *, unit: str) -> None:
        act.record(
            "equipment",
            unit,
            [Registered(unit=unit, label="x", unit_class="centrifuge", location="y")],
        )

    return sign_off


def test_without_a_signer_nothing_is_signed_or_written(
    database: object, sign_off: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_signer", None)
    with pytest.raises(Refused, match="Signing is not set up"):
        sign_off(unit="CF-09", actor=SUPERVISOR, signature="correct horse")
    assert store.load("equipment", "CF-09") == []


def test_r6_a_signature_names_the_hashes_of_what_it_signs(
    database: object, sign_off: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hashlib import sha256

    from ledger import verify

    ring = KeyRing()
    monkeypatch.setattr(ports, "_signer", ring)
    outcome = sign_off(unit="CF-09", actor=SUPERVISOR, signature="correct horse")
    signed, applied = outcome.events
    assert isinstance(applied.data, SignatureApplied)
    assert applied.data.signed == [
        {"event": str(signed.id), "body_sha256": sha256(signed.body).hexdigest()}
    ]
    assert (applied.data.printed_name, applied.data.meaning) == ("Marta Vidal", "approved")
    assert datetime.fromisoformat(applied.data.signed_at).utcoffset() is not None
    public = ring.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    statement = statement_of(applied.data)
    assert verify.ed25519_verify(public, statement, value_of(applied.data))
    forged = statement.replace(b"approved", b"reviewed")
    assert not verify.ed25519_verify(public, forged, value_of(applied.data))


def statement_of(applied: SignatureApplied) -> bytes:
    from ledger import body
    from ledger.codec import plain

    names = ("key", "meaning", "printed_name", "role", "signed", "signed_at", "signer", "zone")
    stated = {name: plain(getattr(applied, name)) for name in names}
    return body.encode({"format": "lotbook.signature/v2", **stated})


def value_of(applied: SignatureApplied) -> bytes:
    import base64

    return base64.b64decode(applied.value)


def test_r7_a_wrong_secret_signs_nothing_and_is_recorded(
    database: object, sign_off: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_signer", KeyRing())
    with pytest.raises(Refused, match="does not open your key"):
        sign_off(unit="CF-09", actor=SUPERVISOR, signature="wrong")
    assert store.load("equipment", "CF-09") == []
    assert refusals()[0].code == "secret"


def test_r5_a_jumped_clock_blocks_signing(
    database: object, sign_off: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_signer", KeyRing())
    record_jump(Jump(datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)))
    with pytest.raises(Refused, match="Signing is blocked") as blocked:
        sign_off(unit="CF-09", actor=SUPERVISOR, signature="correct horse")
    assert blocked.value.template == clock_watch.BLOCKED, "translated as one sentence"
    assert refusals()[0].params.keys() == {"date", "time"}


@pytest.mark.parametrize(
    "text", ["Spun \u202e300 g", "\u2066Spun 300 g", "\u200b", "\u2800 \u3164"]
)
def test_text_that_reads_otherwise_than_it_is_kept_is_refused(database: object, text: str) -> None:
    """Given marks that turn the writing round, or nothing to be seen, then nothing is recorded."""
    register()
    with pytest.raises(Refused, match="Type it without pasting") as no:
        commands.make_entry(unit="CF-02", text=text, actor=OPERATOR)
    assert no.value.code == "character"
    with pytest.raises(Refused, match="Type it without pasting"):
        commands.move(unit="CF-02", location="Grade B", reason=text, actor=SUPERVISOR)
    assert len(store.load("equipment", "CF-02")) == 1


@pytest.mark.parametrize("text", ["\u200bSpun", "\U0001f9d1\u200d\U0001f52c waved", "\u00b5", "7"])
def test_text_with_something_to_be_seen_is_kept(database: object, text: str) -> None:
    register()
    assert commands.make_entry(unit="CF-02", text=text, actor=OPERATOR).events[0].data.text == text


def test_r4_a_reason_is_short_enough_to_be_read(database: object) -> None:
    """Given a reason of 501 characters, then it is refused, and its beginning is on the trail."""
    register()
    with pytest.raises(Refused, match="The reason has 501 characters; it holds 500") as no:
        commands.move(unit="CF-02", location="B", reason="why " * 125 + "x", actor=SUPERVISOR)
    assert no.value.code == "reason_too_long"
    row = Event.objects.get(type="ledger.refused")
    assert len(store.load(row.stream_type, row.stream_id)[0].reason) == 500
    assert commands.move(unit="CF-02", location="B", reason="why " * 125, actor=SUPERVISOR).events
