"""From the clinic's order to accepted starting material: ordinary events, and what follows."""

import pytest

from batches import order_queries
from batches.coi_code import is_coi
from batches.collection_codes import read
from batches.order_models import CollectionLine, IdentityLine, OrderLine
from ledger import blobs, store
from ledger.event import Refused
from tests.batches import making, ordering
from tests.batches.conftest import actor, register_patient


@pytest.fixture
def patient(people):
    return register_patient()


def refused(ask, *args, **asked):
    with pytest.raises(Refused) as no:
        ask(*args, **asked)
    return no.value.code


def test_coi_an_order_is_given_a_code_once(patient):
    """Given two orders of one patient, then each has a code of its own, with a check character."""
    ordering.place()
    ordering.place("ORD-2026-005", pathway="hospital_exemption", trial="", trial_subject="")
    codes = list(OrderLine.objects.order_by("order").values_list("coi", flat=True))
    assert len(set(codes)) == 2
    for code in codes:
        assert is_coi(code)
        (minted,) = store.load("coi", code)
        assert minted.data.coi == code


def test_coi_the_code_on_the_labels_stands_in_no_event(patient):
    from batches import order_code
    from ledger.models import Event

    ordering.let_in()
    row = OrderLine.objects.get()
    scannable = order_code.scannable(row.coi)
    assert order_code.digest(scannable) == row.code_sha256
    assert scannable != row.coi
    nonce = scannable.replace(row.coi, "")[2:]
    assert not any(nonce.encode() in bytes(event.body) for event in Event.objects.all())
    assert order_code.digest(row.coi) != row.code_sha256, "the alias opens nothing"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"order": "ORD 4"}, "order"),
        ({"subject": "s-22222222"}, "subject"),
        ({"pathway": "wish"}, "pathway"),
        ({"trial": ""}, "trial"),
        ({"trial_subject": "Kowalczyk"}, "trial_subject"),
        ({"sponsor": " "}, "sponsor"),
        ({"pathway": "hospital_exemption"}, "trial"),
        ({"specification": "the new one"}, "specification"),
        ({"requested_on": "20.3.2026"}, "requested_on"),
        ({"product": "…"}, "product"),
    ],
)
def test_an_order_that_says_too_little_is_refused(patient, change, code):
    assert refused(ordering.place, **change) == code
    assert not OrderLine.objects.exists()


def test_starting_material_comes_in_by_two_people_and_is_decided_by_qa(patient):
    """Given a collection, when two people have compared two identifiers, then QA may accept it."""
    ordering.place()
    ordering.collect()
    ordering.hand_over()
    assert refused(ordering.receive) == "not_identified"
    ordering.look("marta")
    ordering.receive()
    assert refused(ordering.judge) == "not_received"
    assert refused(ordering.confirm) == "not_identified"
    assert refused(ordering.confirm, by="marta") == "same_person"
    ordering.look("ingrid")
    ordering.confirm()
    ordering.judge()
    row = CollectionLine.objects.get()
    assert (row.lowest, row.highest, row.decision) == ("4.5", "4.7", "accepted")
    assert row.codes == "isbt128: =G12342612345600"
    assert blobs.get(row.logger).decode() == ordering.LOG


def test_what_speaks_against_it_is_kept_and_needs_qa_to_say_why(patient):
    """Given a warm journey, a late serology and a missing link, then a plain yes is refused."""
    ordering.place()
    ordering.collect(serology="positive", serology_on="2025-12-01", viability="60")
    ordering.look("marta")
    warm = ordering.LOG + "\n2026-03-02T07:59:00+00:00,19.4"
    ordering.receive(logger=warm, seal_intact=False, by="marta")
    ordering.look("ingrid")
    ordering.confirm()
    with pytest.raises(Refused) as no:
        ordering.judge()
    said = str(no.value)
    for part in ("serology's sample", "60 %", "stored apart", "seal", "1 reading outside"):
        assert part in said
    assert refused(ordering.judge, "accepted under conditions") == "reason_missing"
    ordering.judge("accepted under conditions", reason="Irreplaceable, physician agrees")
    event = store.load("collection", ordering.COLLECTION)[-1]
    assert len(event.data.hindrances) == 6
    assert event.reason == "Irreplaceable, physician agrees"


def test_a_missing_handover_is_a_gap_and_speaks_against_it(patient):
    from batches import custody_queries

    ordering.place()
    ordering.collect()
    ordering.look("marta")
    with pytest.raises(Refused) as no:
        ordering.receive(place="")
    assert no.value.code == "place"
    ordering.hand_over(to_place="Reception")
    ordering.receive()
    gaps = custody_queries.gap_sentences(ordering.COLLECTION)
    assert gaps == ["Custody: It was sent to Reception and taken over at Cryostore K-001."]
    ordering.look("ingrid")
    ordering.confirm()
    assert refused(ordering.judge) == "decision"


def test_one_patient_has_many_collections(patient):
    """Given a collection that cannot be used, then another is asked for and recorded beside it."""
    from batches import order_commands

    ordering.place()
    ordering.collect()
    asked = {"order": ordering.ORDER, "collection": ordering.COLLECTION, "actor": actor("dario")}
    order_commands.ask_recollection(**asked, reason="Bag leaked in the centrifuge")
    ordering.collect()
    numbers = order_queries.collection_numbers(ordering.ORDER)
    assert numbers == [f"{ordering.ORDER}-C1", f"{ordering.ORDER}-C2"]
    assert CollectionLine.objects.get(collection=ordering.COLLECTION).replaced
    again = refused(order_commands.ask_recollection, **asked, reason="Bag leaked again")
    assert again == "no_change"


def test_after_the_patient_has_died_nothing_more_is_begun(batch):
    from batches import order_commands

    ordering.let_in()
    order_commands.end_order(
        order=ordering.ORDER,
        how="patient_died",
        ended_on="2026-03-02",
        reason="Told by the ward's physician",
        actor=actor("helena"),
    )
    assert refused(ordering.collect) == "order_ended"
    assert refused(ordering.bind) == "order_ended"
    row = OrderLine.objects.get()
    assert (row.ended, row.ended_why) == ("patient_died", "Told by the ward's physician")


def test_a_batch_is_bound_to_its_order_once(batch):
    ordering.let_in()
    ordering.bind()
    row = IdentityLine.objects.get()
    assert (row.batch, row.order, row.collections) == (batch, ordering.ORDER, ordering.COLLECTION)
    assert refused(ordering.bind) == "pooling"


def test_material_that_qa_has_not_let_in_is_bound_to_nothing(batch):
    ordering.place()
    ordering.collect()
    assert refused(ordering.bind) == "not_eligible"


def test_autologous_material_comes_from_the_patient_alone(patient):
    ordering.place()
    assert refused(ordering.collect, donor="s-22222222") == "donor"
    assert patient == making.PATIENT


@pytest.mark.parametrize(
    ("text", "system"),
    [("=G12342612345600", "isbt128"), ("=<E0791V00", "isbt128"), ("AB 4011", "plain")],
)
def test_an_incoming_code_is_kept_to_the_letter(text, system):
    (kept,) = read(text)
    assert (kept.system, kept.text) == (system, text)


def test_a_patient_code_of_ours_is_kept_nowhere(patient):
    """Given our own label scanned among the site's codes, then it is refused and not recorded."""
    from batches import order_code
    from ledger.models import Event

    ordering.place()
    ordering.collect()
    ordering.look("marta")
    ours = order_code.scannable(OrderLine.objects.get().coi)
    assert refused(ordering.receive, codes=ours) == "codes"
    assert not any(ours.encode() in bytes(event.body) for event in Event.objects.all())
