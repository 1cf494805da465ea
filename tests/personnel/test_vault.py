"""The vault as commands and rows, on both databases: sealed, shown, unmasked, erased."""

import threading
from uuid import uuid4

import pytest
from django.db import connections
from django.test import override_settings

from ledger import store
from ledger.event import Refused
from ledger.models import Event
from personnel import vault
from personnel import vault_commands as commands
from personnel.models import SealedRecord, Subject, SubjectKey, SubjectLook, Unmasking
from tests.personnel import vault_people as people
from tests.personnel.vault_people import ANA, OFFICER, OPERATOR, QA, SUPERVISOR

ANY = "s-22222222"
REASON = "The ward asks who this is"


@pytest.fixture
def ana(database, fixed_clock):
    people.open_accounts()
    people.register()
    return ANY


def types(subject=ANY):
    return [event.type.removeprefix("personnel.") for event in store.load("subject", subject)]


def refusals():
    rows = Event.objects.filter(type="ledger.refused").order_by("recorded_at", "id")
    return [store.event(row.id) for row in rows]


def unmasked(clock=None):
    commands.ask(subject=ANY, reason=REASON, actor=SUPERVISOR)
    row = Unmasking.objects.get()
    commands.grant(subject=ANY, request=row.request, actor=QA)
    return row.request


def test_r21_what_is_registered_is_sealed_and_opens_again(ana):
    row = Subject.objects.get()
    assert (row.kind, row.keep_until.isoformat()) == ("patient", "2057-01-31")
    assert types() == ["subject_registered"]
    assert vault.opened(ANY) == ANA
    stored = bytes(SealedRecord.objects.get().sealed) + bytes(SubjectKey.objects.get().wrapped)
    assert not [value for value in ANA.values() if value.encode() in stored]
    (event,) = store.load("subject", ANY)
    assert not [value for value in ANA.values() if value.encode() in event.body]


def test_r21_equal_records_of_two_subjects_look_nothing_alike(ana):
    people.register("s-33333333", kind="donor")
    first, second = SealedRecord.objects.order_by("subject")
    assert bytes(first.sealed) != bytes(second.sealed)
    assert len(bytes(first.sealed)) == len(bytes(second.sealed))
    keys = SubjectKey.objects.order_by("subject")
    assert keys[0].blind != keys[1].blind, "a patient's number tells nothing about a donor's"


def test_r21_the_request_that_is_hashed_holds_nothing_of_the_name(ana):
    """Given two registrations that differ in the name alone, then their hashes are the same."""
    hashes = set()
    for given in (ANA, ANA | {"family_name": "Nowak"}):
        asked = {"subject": "s-44444444", "counted_from": "never", "given": given}
        with pytest.raises(Refused):
            people.register(**asked, command_id=uuid4())
    for event in refusals():
        hashes.add(event.body.split(b"request_sha256")[1][:70])
    assert len(refusals()) == 2
    assert len(hashes) == 1


def test_r09_the_same_form_twice_registers_once_and_another_name_is_refused(ana):
    asked = {"subject": "s-33333333", "given": ANA | {"hospital_number": "H-2"}}
    command_id = uuid4()
    assert not people.register(**asked, command_id=command_id).replayed
    assert people.register(**asked, command_id=command_id).replayed
    with pytest.raises(Refused) as no:
        people.register(
            subject="s-33333333", given=ANA | {"hospital_number": "H-3"}, command_id=command_id
        )
    assert no.value.code == "command_reused"
    assert Subject.objects.count() == SubjectKey.objects.count() == 2


def test_one_hospital_number_is_one_patient_however_it_is_typed(ana):
    with pytest.raises(Refused) as no:
        people.register("s-33333333", given=ANA | {"hospital_number": " h-4711 88 "})
    assert (no.value.code, no.value.params["subject"]) == ("known_subject", ANY)
    assert SealedRecord.objects.count() == 1


def test_r09_one_number_registered_at_the_same_moment_is_registered_once(database):
    people.open_accounts()
    results = []

    def register(number):
        try:
            people.register(f"s-2222222{number}")
            results.append("kept")
        except Refused as no:
            results.append(no.code)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=register, args=(number,)) for number in range(2, 10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(results) == ["kept"] + ["known_subject"] * 7
    assert Subject.objects.count() == SubjectKey.objects.count() == 1


def test_two_identifiers_are_shown_for_a_purpose_and_the_look_is_on_the_trail(ana):
    seen = commands.show(subject=ANY, purpose="labelling", reference="CT-26-004", actor=OPERATOR)
    assert seen == {"name": "Ana Kowalczyk", "hospital_number": "H-471188"}
    look = SubjectLook.objects.get()
    assert (look.person, look.role, look.purpose, look.reference) == (
        "p-aaaa2",
        "operator",
        "labelling",
        "CT-26-004",
    )
    assert types()[-1] == "subject_identifiers_shown"
    assert refusals() == []


def test_a_look_that_is_sent_again_shows_nothing(ana):
    asked = {"subject": ANY, "purpose": "issuing", "reference": "CT-26-004", "actor": OPERATOR}
    command_id = uuid4()
    assert commands.show(**asked, command_id=command_id)["birth_date"] == "1961-05-04"
    with pytest.raises(Refused) as no:
        commands.show(**asked, command_id=command_id)
    assert no.value.code == "shown_already"
    assert SubjectLook.objects.count() == 1


@pytest.mark.parametrize("actor", [OFFICER, people.INSPECTOR, people.ADMINISTRATOR])
def test_who_handles_no_material_sees_no_identifiers(ana, actor):
    with pytest.raises(Refused) as no:
        commands.show(subject=ANY, purpose="receiving", reference="CT-26-004", actor=actor)
    assert no.value.code == "wrong_role"
    assert not SubjectLook.objects.exists()
    assert [event.actor.person for event in refusals()] == [actor.person]


def test_r08_unmasking_takes_another_person_and_ends_by_itself(ana, fixed_clock):
    commands.ask(subject=ANY, reason=REASON, actor=QA)
    request = Unmasking.objects.get().request
    for look in ({"actor": QA}, {"actor": SUPERVISOR}):
        with pytest.raises(Refused) as no:
            commands.unmask(subject=ANY, request=request, **look)
        assert no.value.code == "not_granted"
    with pytest.raises(Refused) as no:
        commands.grant(subject=ANY, request=request, actor=QA)
    assert no.value.code == "same_person"
    commands.grant(subject=ANY, request=request, actor=OFFICER)
    assert commands.unmask(subject=ANY, request=request, actor=QA) == ANA
    with pytest.raises(Refused) as no:
        commands.unmask(subject=ANY, request=request, actor=OFFICER)
    assert no.value.code == "other_person"
    fixed_clock.advance(minutes=15)
    with pytest.raises(Refused) as no:
        commands.unmask(subject=ANY, request=request, actor=QA)
    assert no.value.code == "window_over"
    assert types()[1:] == ["unmasking_asked", "unmasking_granted", "subject_unmasked"]
    row = Unmasking.objects.get()
    assert (row.asked_by, row.decided_by, row.reason) == ("p-dddd5", "p-eeee6", REASON)


def test_a_wish_is_declined_with_a_reason(ana):
    commands.ask(subject=ANY, reason=REASON, actor=SUPERVISOR)
    request = Unmasking.objects.get().request
    commands.decline(subject=ANY, request=request, reason="The ward knows it", actor=QA)
    row = Unmasking.objects.get()
    assert (row.decided_by, row.until) == ("p-dddd5", None)
    with pytest.raises(Refused):
        commands.unmask(subject=ANY, request=request, actor=SUPERVISOR)


def test_r21_a_refusal_tells_nobody_whether_they_guessed_the_name(ana):
    """Given an administrator who may see nobody, when she tries a name as a reason or a reference,
    then what her refusals keep is the same for the right name and for a wrong one."""
    told = []
    for guess in ("Kowalczyk", "Nowakowski"):
        asked = {"subject": ANY, "actor": people.ADMINISTRATOR}
        for ask in (
            lambda: commands.ask(reason=f"{guess} is known to me", **asked),  # noqa: B023
            lambda: commands.show(purpose="labelling", reference=guess.upper(), **asked),  # noqa: B023
            lambda: commands.extend(counted_from="2030-01-01", reason=guess, **asked),  # noqa: B023
        ):
            with pytest.raises(Refused) as no:
                ask()
            assert no.value.code == "wrong_role"
            event = refusals()[-1]
            told.append((str(no.value), event.reason, event.data.request))
    assert told[:3] == told[3:]
    assert not [one for one in told if "owak" in str(one) or "owal" in str(one)]


@pytest.mark.parametrize(
    "reason",
    ["kowalczyk again", "Who is ANA?", "H-471188", "born 1961-05-04", "ring +48 600 100 200"],
)
def test_r21_a_reason_that_names_the_subject_is_refused_and_not_kept(ana, reason):
    """Given a reason with the name in it, then it is refused, and the refusal withholds it."""
    with pytest.raises(Refused) as no:
        commands.ask(subject=ANY, reason=reason, actor=SUPERVISOR)
    assert no.value.code == "names_the_subject"
    (event,) = refusals()
    assert event.reason == commands.WITHHELD
    assert reason.encode() not in event.body


def test_r21_a_reference_that_is_the_hospital_number_is_refused_and_not_kept(ana):
    with pytest.raises(Refused) as no:
        commands.show(subject=ANY, purpose="receiving", reference="H-471188", actor=OPERATOR)
    assert no.value.code == "names_the_subject"
    assert b"471188" not in refusals()[0].body


def test_r04_a_correction_seals_a_second_version_and_keeps_the_first(ana):
    new = ANA | {"given_name": "Anna"}
    commands.correct(subject=ANY, given=new, reason="Typing error", actor=SUPERVISOR)
    assert vault.opened(ANY) == new
    assert Subject.objects.get().version == 2
    assert list(SealedRecord.objects.order_by("version").values_list("version", flat=True)) == [
        1,
        2,
    ]
    event = store.load("subject", ANY)[-1]
    assert event.data.fields == ["given_name"]
    assert b"Anna" not in event.body
    with pytest.raises(Refused) as no:
        commands.correct(subject=ANY, given=new, reason="Again", actor=SUPERVISOR)
    assert no.value.code == "nothing"


def test_r21_erasure_waits_for_its_day_and_then_nobody_can_read(ana, fixed_clock):
    request = unmasked()
    ask = {"subject": ANY, "ground": "gdpr-17-1-a", "reason": "Time is over", "actor": OFFICER}
    with pytest.raises(Refused, match="must be kept until 2057-01-31") as no:
        commands.erase(**ask)
    assert no.value.code == "retention"
    assert "1394/2007" in refusals()[0].data.sentence
    assert vault.opened(ANY) == ANA
    fixed_clock.advance(days=31 * 366)
    with pytest.raises(Refused) as no:
        commands.erase(**(ask | {"actor": QA}))
    assert no.value.code == "wrong_role"
    commands.erase(**ask)
    assert vault.opened(ANY) == {}
    assert not SubjectKey.objects.exists()
    assert not SealedRecord.objects.exists()
    assert Subject.objects.get().erased_ground == "gdpr-17-1-a"
    for look in (
        lambda: commands.show(
            subject=ANY, purpose="receiving", reference="CT-26-004", actor=OPERATOR
        ),
        lambda: commands.unmask(subject=ANY, request=request, actor=SUPERVISOR),
    ):
        with pytest.raises(Refused) as no:
            look()
        assert no.value.code == "erased"


def test_retention_is_extended_by_qa_with_a_reason(ana):
    ask = {"subject": ANY, "counted_from": "2030-01-31", "reason": "A second product"}
    commands.extend(**ask, actor=QA)
    assert Subject.objects.get().keep_until.isoformat() == "2060-01-31"
    with pytest.raises(Refused):
        commands.extend(**(ask | {"counted_from": "2028-01-01"}), actor=QA)
    with pytest.raises(Refused) as no:
        commands.extend(**ask, actor=SUPERVISOR)
    assert no.value.code == "wrong_role"


def test_a_refusal_leaves_no_row_in_the_vault(database):
    people.open_accounts()
    for changed in (
        {"counted_from": "soon"},
        {"given": ANA | {"family_name": ""}},
        {"kind": "visitor"},
        {"actor": OPERATOR},
    ):
        with pytest.raises(Refused):
            people.register(**changed)
    assert len(refusals()) == 4
    assert not SubjectKey.objects.exists()
    assert not SealedRecord.objects.exists()


def test_a_vault_key_is_replaced_by_putting_the_new_one_first(ana, settings):
    old, new = settings.LOTBOOK_VAULT_KEY, "bmV3IHZhdWx0IGtleSBvZiB0aGUgdGVzdHMsIDMyIGI"
    with override_settings(LOTBOOK_VAULT_KEY=f"{new},{old}"):
        assert vault.opened(ANY) == ANA
        with pytest.raises(Refused) as no:
            people.register("s-33333333")
        assert no.value.code == "known_subject", "numbers sealed under the old key are still known"
        people.register("s-33333333", given=ANA | {"hospital_number": "H-2"})
    with override_settings(LOTBOOK_VAULT_KEY=new):
        assert vault.opened("s-33333333")["hospital_number"] == "H-2"
        with pytest.raises(Refused) as no:
            vault.opened(ANY)
        assert no.value.code == "other_vault_key"


@pytest.mark.parametrize("key", ["", "short", "%%%"])
def test_without_a_vault_key_nothing_is_sealed_and_the_refusal_says_so(database, key):
    people.open_accounts()
    with override_settings(LOTBOOK_VAULT_KEY=key), pytest.raises(Refused) as no:
        people.register()
    assert no.value.code == "no_vault_key"
    assert not SubjectKey.objects.exists()


def test_a_sealed_record_moved_to_another_subject_does_not_open(ana):
    """Given two rows swapped in the database, then neither opens as the other."""
    people.register("s-33333333", given=ANA | {"hospital_number": "H-2"})
    mine = SealedRecord.objects.get(subject=ANY)
    SealedRecord.objects.filter(subject="s-33333333").update(sealed=bytes(mine.sealed))
    with pytest.raises(Refused) as no:
        vault.opened("s-33333333")
    assert no.value.code == "vault_broken"


@pytest.mark.parametrize("role", ["auditor", "sealer"])
@pytest.mark.parametrize("model", [SealedRecord, SubjectKey])
def test_the_auditor_and_the_sealer_cannot_even_read_the_vault(postgres_database, role, model):
    from django.db import ProgrammingError

    table = model._meta.db_table
    with connections[role].cursor() as cursor, pytest.raises(ProgrammingError, match="denied"):
        cursor.execute(f"SELECT * FROM {table}")
