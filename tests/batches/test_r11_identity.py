"""R11: every step on patient material begins with a matching scan; what does not match stops.

Wrong scan, replayed wedge scan, stale form, pooling, two patients: all stop, and nobody overrides.
The code that matches stands on no page.
"""

import pytest
from django.test import Client
from django.urls import reverse

from batches import commands, order_code
from batches import order_identity as identities
from batches.limits import Parameter
from batches.models import BatchLine, ExceptionLine
from batches.order_models import IdentityLine, OrderLine
from batches.recipe_content import Step
from batches.recipe_json import to_json
from ledger import store
from ledger.event import Refused
from ledger.models import Event
from tests.batches import conftest, making, ordering
from tests.batches.conftest import actor, signing
from tests.conftest import FixedClock

SCAN = Parameter(key="bag", label="Scan the bag", kind="identity")
PARTS = [
    making.part(
        "Thaw",
        [
            Step(number=n, key=f"scan{n}", title=f"Scan {n}", instruction="Scan the bag.",
                 performs="operator", parameters=[SCAN])
            for n in (1, 2, 3)
        ],
    )
]  # fmt: skip
OTHER = "s-22222222"


@pytest.fixture
def bound(people, fixed_clock: FixedClock):
    """A batch is bound to its order; its recipe begins each step with a scan."""
    conftest.into_force(to_json(making.content(PARTS)))
    conftest.train_everybody()
    conftest.open_batch()
    ordering.let_in()
    ordering.bind()
    return fixed_clock


def scan(step: int, text: str, *, by: str = "marta"):
    return commands.enter_values(
        batch=making.BATCH, step=step, typed={"bag": text}, actor=actor(by)
    )


def finish(step: int):
    commands.complete_step(batch=making.BATCH, step=step, **signing("marta"))


def refused(ask, *args, **asked):
    with pytest.raises(Refused) as no:
        ask(*args, **asked)
    return no.value.code


def another_order() -> str:
    """Another patient's order, and what is on the labels of theirs."""
    from tests.personnel import vault_people

    other = {**vault_people.ANA, "hospital_number": "H-900001", "given_name": "Berta"}
    vault_people.register(OTHER, given=other, actor=actor("dario"))
    ordering.place("ORD-2026-009", subject=OTHER)
    return order_code.scannable(OrderLine.objects.get(order="ORD-2026-009").coi)


def test_r11_a_matching_scan_is_recorded_and_the_code_is_not(bound):
    code = ordering.code_of()
    scan(1, code)
    finish(1)
    matched = store.load("identity", making.BATCH)[-1].data
    assert (matched.step, matched.parameter) == (1, "bag")
    assert IdentityLine.objects.get().matches == 1
    assert BatchLine.objects.get().done == 1
    assert not any(code.encode() in bytes(event.body) for event in Event.objects.all())


def test_r11_the_symbol_of_a_printed_label_matches_as_a_scanner_reads_it(bound):
    """Given the GS1 symbol of a container's label, then the code inside it is what is compared."""
    from batches import codes, gs1

    label = codes.own_code(codes.LABEL, "CT-0421-P01")
    for patient, held in ((ordering.code_of(), False), (another_order(), True)):
        symbol = gs1.bracketed(gs1.build([("91", label), ("92", patient)]))
        step = 2 if held else 1
        scan(step, symbol)
        if not held:
            finish(1)
            bound.advance(seconds=30)
        assert BatchLine.objects.get().process_hold == held
        assert not any(patient.encode() in bytes(event.body) for event in Event.objects.all())


@pytest.mark.parametrize("what", ["another patient", "the alias", "nonsense", "half of it"])
def test_r11_a_wrong_scan_stops_the_batch(bound, what):
    """Given a label that is not this patient's, then a critical exception and a process hold."""
    own = ordering.code_of()
    texts = {
        "another patient": another_order(),
        "the alias": IdentityLine.objects.get().coi,
        "nonsense": "4011800",
        "half of it": own[:-4],
    }
    scan(1, texts[what])
    batch = BatchLine.objects.get()
    assert batch.process_hold
    row = ExceptionLine.objects.filter(severity="critical").get()
    assert "not of this batch's patient" in row.sentence
    assert IdentityLine.objects.get().mismatches == 1
    for text in (own, texts[what]):
        assert refused(scan, 1, text) == "on_hold"
    for name in ("dario", "helena", "marta"):
        assert refused(commands.complete_step, batch=making.BATCH, step=1, **signing(name))
    kept = [bytes(event.body) for event in Event.objects.all()]
    if what == "another patient":
        assert not any(texts[what].encode() in body for body in kept), "somebody else's code"


def test_r11_no_overriding_command_knows_a_mismatch(bound):
    """Given a mismatch, when supervisor and QA try to override it together, then nothing does."""
    from ledger.command import commands as declared

    scan(1, "4011800")
    assert "batches.ask_override" in declared()
    from batches import running_commands as overriding

    asked = {"batch": making.BATCH, "step": 1, "reason": "It is the right one, I know it"}
    with pytest.raises(Refused):
        overriding.ask_override(**asked, code="identity_mismatch", subject="", **signing("dario"))


def test_r11_a_scan_sent_again_for_the_next_step_at_once_is_a_replay(bound):
    """Given a wedge scanner that sends one reading twice, then the second step is not matched."""
    code = ordering.code_of()
    scan(1, code)
    finish(1)
    assert refused(scan, 2, code) == "scan_replayed"
    bound.advance(seconds=1)
    assert refused(scan, 2, code) == "scan_replayed"
    bound.advance(seconds=5)
    scan(2, code)
    assert IdentityLine.objects.get().matches == 2


def test_r11_a_form_of_yesterday_matches_nothing(bound):
    """Given a step that was matched, when its old form is sent with the scan, then it is told."""
    code = ordering.code_of()
    scan(1, code)
    bound.advance(minutes=10)
    assert refused(scan, 1, code) == "scan_replayed"
    assert IdentityLine.objects.get().matches == 1


def test_r11_two_patients_are_never_pooled(bound):
    """Given material of another patient, then it is bound to this batch in no way."""
    from tests.personnel import vault_people

    another_order()
    look = {"reference": "ORD-2026-009-C1", "subject": OTHER}
    ordering.collect("ORD-2026-009")
    ordering.hand_over("ORD-2026-009-C1")
    for name, ask in (("marta", ordering.receive), ("ingrid", ordering.confirm)):
        ordering.look(name, **look)
        ask("ORD-2026-009-C1")
    ordering.judge(collection="ORD-2026-009-C1")
    assert refused(ordering.bind, order="ORD-2026-009") == "pooling"
    assert vault_people.ANA
    commands.open_batch(
        batch="CT-0422", recipe="MBR-019", version=1, purpose="patient",
        subject=making.PATIENT, actor=actor("dario"),
    )  # fmt: skip
    assert refused(ordering.bind, "CT-0422", "ORD-2026-009") == "other_patient"
    mixed = [ordering.COLLECTION, "ORD-2026-009-C1"]
    assert refused(ordering.bind, "CT-0422", chosen=mixed) == "pooling"
    assert IdentityLine.objects.count() == 1


def test_r11_a_batch_without_an_order_matches_no_scan(people):
    conftest.into_force(to_json(making.content(PARTS)))
    conftest.train_everybody()
    conftest.open_batch()
    assert refused(scan, 1, "4011800") == "no_order"


def test_r11_engineering_and_training_batches_take_no_patient_material(bound):
    for number, purpose in enumerate(("engineering", "validation", "media_fill", "training")):
        batch = f"CT-05{number}1"
        commands.open_batch(
            batch=batch, recipe="MBR-019", version=1, purpose=purpose, actor=actor("dario")
        )
        assert refused(ordering.bind, batch) == "purpose"


ADDRESSES = [
    ("record", {"number": making.BATCH}),
    ("step", {"number": making.BATCH, "step": 1}),
    ("step", {"number": making.BATCH, "step": 2}),
    ("print", {"number": making.BATCH}),
    ("home", {}),
    ("orders", {}),
    ("order", {"order": ordering.ORDER}),
    ("bind_identity", {"order": ordering.ORDER}),
    ("collection", {"collection": ordering.COLLECTION}),
    ("receive_collection", {"collection": ordering.COLLECTION}),
    ("custody", {"item": ordering.COLLECTION}),
    ("relabel", {"item": ordering.COLLECTION}),
    ("fill", {"batch": making.BATCH}),
    ("container", {"container": f"{making.BATCH}-P01"}),
    ("issue_container", {"container": f"{making.BATCH}-P01"}),
    ("storage", {}),
    ("samples", {}),
    ("sample", {"sample": f"{making.BATCH}-S01"}),
]


@pytest.mark.parametrize("name", ["marta", "dario", "helena"])
def test_r11_the_code_that_matches_is_in_no_page(bound, name):
    """Given every page of the batch, its order, containers and trail, then none has the code."""
    from batches import container_commands, sample_commands
    from personnel.models import Account

    container_commands.fill_containers(
        batch=making.BATCH, kind="product", pieces=1, volume_ml="50", cells="100", dmso_at="",
        actor=actor("marta"),
    )  # fmt: skip
    sample_commands.take_sample(
        batch=making.BATCH, purpose="Mycoplasma", volume="1.0", actor=actor("marta")
    )
    code = ordering.code_of()
    scan(1, code)
    scan_events = [row.id for row in Event.objects.filter(stream_type__in=("identity", "order"))]
    pages = [reverse(f"batches:{page}", kwargs=where) for page, where in ADDRESSES]
    pages += [reverse("ledger:entry", args=[each]) for each in scan_events]
    pages += [f"/streams/identity/{making.BATCH}/", f"/streams/batch/{making.BATCH}/", "/trail/"]
    client = Client()
    client.force_login(Account.objects.get(username=name))
    nonce = code.split(IdentityLine.objects.get().coi)[1]
    seen = 0
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        text = response.content.decode()
        assert code not in text, address
        assert nonce not in text, address
        seen += IdentityLine.objects.get().coi in text.replace("-", "")
    assert seen, "the alias is shown, which opens nothing"


@pytest.mark.parametrize("held", [True, False])
def test_r11_what_was_scanned_is_not_shown_again(bound, held):
    """Given the right label scanned at the wrong moment, then the page that says no has no code."""
    from personnel.models import Account

    code = ordering.code_of()
    if held:
        commands.set_hold(
            batch=making.BATCH, kind="process", reason="Power is out", actor=actor("dario")
        )
    client = Client()
    client.force_login(Account.objects.get(username="marta"))
    if not held:
        first = reverse("batches:perform", kwargs={"number": making.BATCH, "step": 1})
        assert client.post(first, {"value_bag": code, "then": "keep"}).status_code == 302
        finish(1)
    step = 1 if held else 2
    address = reverse("batches:perform", kwargs={"number": making.BATCH, "step": step})
    response = client.post(address, {"value_bag": code, "then": "keep"})
    assert response.status_code == 422
    assert code not in response.content.decode()
    assert "data-never-kept" in response.content.decode()


def test_r11_a_refused_scan_leaves_no_code_on_the_trail(bound):
    """Given the right code sent at the wrong moment, then the refusal does not keep it."""
    code = ordering.code_of()
    scan(1, code)
    assert refused(scan, 1, code) == "scan_replayed"
    assert not any(code.encode() in bytes(event.body) for event in Event.objects.all())


def test_r11_a_patient_label_scanned_elsewhere_is_kept_nowhere(bound):
    """Given the label scanned for another record, then no event and no page has it."""
    code = ordering.code_of()
    assert refused(commands.enter_values, batch="CT-0999", step=1, typed={"bag": code},
                   actor=actor("marta"))  # fmt: skip
    assert refused(ordering.hand_over, item=code)
    assert not any(code.encode() in bytes(event.body) for event in Event.objects.all())


def test_r11_a_comparison_is_of_the_whole_code():
    """Given every code that differs in one place, then it does not match."""
    code = "P1C7Q2M9X4KH234567892A"
    state = identities.Identity(batch="CT-0421", code_sha256=order_code.digest(code))
    asked = {"batch": "CT-0421", "step": 1, "parameter": "bag", "terminal": "t-1", "place": ""}
    for place in range(len(code)):
        wrong = code[:place] + ("Z" if code[place] != "Z" else "Y") + code[place + 1 :]
        found = identities.compare(
            state, **asked, scanned_sha256=order_code.digest(wrong),
            fingerprint=order_code.fingerprint(wrong), at=FixedClock().now,
        )  # fmt: skip
        assert isinstance(found, identities.IdentityMismatched)
        assert wrong not in found.scanned
