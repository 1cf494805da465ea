"""Requests of the people whom the vault knows: found by number, a copy of all that is held."""

import json

import pytest
from django.test import Client

from ledger import store
from ledger.event import Actor, Refused
from ledger.models import Event
from personnel import vault_commands as commands
from personnel import vault_request_commands as requests
from personnel.models import Account, SubjectLook, Unmasking
from tests.personnel import staff
from tests.personnel import vault_people as people
from tests.personnel.vault_people import ANA, OFFICER, OPERATOR, QA, SUPERVISOR

ANY = "s-22222222"
FIND = {
    "kind": "patient",
    "number": "h-471188 ",
    "purpose": "request",
    "reference": "DSR-2026-003",
    "actor": OFFICER,
}


@pytest.fixture
def ana(database, fixed_clock):
    people.open_accounts()
    people.register()
    return ANY


def granted() -> str:
    commands.ask(subject=ANY, reason="The person asks for a copy, DSR-2026-003", actor=OFFICER)
    wish = Unmasking.objects.get().request
    commands.grant(subject=ANY, request=wish, actor=QA)
    return wish


def bodies() -> bytes:
    return b"\n".join(store.event(row.id).body for row in Event.objects.all())


def officer() -> Client:
    client = Client()
    client.force_login(Account.objects.get(role="data_protection_officer"))
    return client


def test_r21_a_subject_is_found_by_number_and_the_look_is_on_its_trail(ana):
    """Given a number typed in another way, when it is looked up, then the pseudonym comes back,
    the look stands on the subject's page, and the number stands nowhere."""
    assert requests.look_up(**FIND) == ANY
    (look,) = SubjectLook.objects.all()
    assert (look.subject, look.person, look.purpose, look.reference) == (
        ANY, OFFICER.person, "request", "DSR-2026-003",
    )  # fmt: skip
    assert store.load("subject", ANY)[-1].sentence == (
        "A patient was looked up by number (request, DSR-2026-003): s-22222222."
    )
    assert b"471188" not in bodies()


def test_r21_a_number_asked_in_vain_is_on_the_trail_too(ana):
    """Given numbers that nobody bears, or a donor's, then nothing is found and each is told."""
    assert requests.look_up(**FIND | {"number": "H-471189"}) == ""
    assert requests.look_up(**FIND | {"kind": "donor"}) == ""
    rows = Event.objects.filter(type="personnel.subject_looked_up")
    assert [store.event(row.id).data.found for row in rows] == ["nobody", "nobody"]
    assert not SubjectLook.objects.exists()
    assert b"47118" not in bodies()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "staff_contact"}, "kind"),
        ({"number": " "}, "number"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"reference": "H-471188"}, "names_the_subject"),
        ({"reference": "KOWALCZYK"}, "reference"),
        ({"reference": ""}, "reference"),
        ({"actor": people.ADMINISTRATOR}, "wrong_role"),
        ({"actor": people.INSPECTOR}, "wrong_role"),
    ],
)
def test_r21_a_look_up_is_bound_to_a_purpose_and_keeps_no_name(ana, changed, code):
    with pytest.raises(Refused) as no:
        requests.look_up(**FIND | changed)
    assert no.value.code == code
    assert b"471188" not in bodies() and b"KOWALCZYK" not in bodies()


def test_a_form_sent_again_with_another_number_is_not_answered_with_the_first(ana):
    from uuid import uuid4

    same = uuid4()
    assert requests.look_up(**FIND, command_id=same) == ANY
    assert requests.look_up(**FIND, command_id=same) == ANY
    with pytest.raises(Refused) as no:
        requests.look_up(**FIND | {"number": "H-1"}, command_id=same)
    assert no.value.code == "command_reused"


def test_r21_a_copy_holds_all_that_is_held_and_takes_two_people(ana):
    """Given a corrected record, a look and a second person's word, when the officer takes the
    copy, then it tells every version, the basis, who looked and every entry; and it is logged."""
    commands.correct(
        subject=ANY, given={"phone": "+48 1"}, reason="New telephone", actor=SUPERVISOR
    )
    commands.show(subject=ANY, purpose="receiving", reference="CT-0421", actor=OPERATOR)
    wish = granted()
    made = requests.copy(subject=ANY, request=wish, actor=OFFICER)
    assert made["identity"] == ANA | {"phone": "+48 1"}
    assert made["identity before it was corrected"] == [ANA]
    assert made["why it is held"]["basis"] == "Regulation (EC) 1394/2007, Article 15"
    assert made["why it is held"]["kept until"] == "2057-01-31"
    assert sorted((each["of"] for each in made["who has looked"]), reverse=True) == ["CT-0421", ""]
    assert len(made["entries"]) == len(store.load("subject", ANY)) == 6
    event = store.load("subject", ANY)[-1]
    assert (event.type, event.data.seen_by) == ("personnel.subject_copied", OFFICER.person)
    assert b"Kowalczyk" not in bodies()


def test_r21_without_a_second_person_there_is_no_copy(ana, fixed_clock):
    """Given a wish that nobody granted, another's, or one whose time is over, then a refusal."""
    commands.ask(subject=ANY, reason="The person asks for a copy", actor=OFFICER)
    wish = Unmasking.objects.get().request
    with pytest.raises(Refused) as no:
        requests.copy(subject=ANY, request=wish, actor=OFFICER)
    assert no.value.code == "not_granted"
    commands.grant(subject=ANY, request=wish, actor=QA)
    with pytest.raises(Refused) as no:
        requests.copy(subject=ANY, request=wish, actor=SUPERVISOR)
    assert no.value.code == "wrong_role"
    fixed_clock.advance(minutes=15)
    with pytest.raises(Refused) as no:
        requests.copy(subject=ANY, request=wish, actor=OFFICER)
    assert no.value.code == "window_over"


def test_r21_the_officer_finds_and_copies_on_the_pages(ana):
    """Given a request of a person, when the officer goes from number to copy, then the file comes
    down, is never cached, and says what the page promised."""
    client = officer()
    page = client.get("/vault/find/").content.decode()
    assert "Hospital number" in page
    asked = {name: value for name, value in FIND.items() if name != "actor"}
    nobody = client.post("/vault/find/", asked | {"number": "H-9"})
    assert nobody.status_code == 200 and "Nobody is registered" in nobody.content.decode()
    refused = client.post("/vault/find/", asked | {"purpose": ""})
    assert refused.status_code == 422 and 'value="h-471188 "' in refused.content.decode()
    assert client.post("/vault/find/", asked)["Location"] == f"/vault/{ANY}/"
    wish = granted()
    assert "Copy of all that is held" in client.get(f"/vault/{ANY}/").content.decode()
    answer = client.post(f"/vault/{ANY}/{wish}/copy/")
    assert answer["Content-Disposition"] == f'attachment; filename="{ANY}.json"'
    assert "no-store" in answer["Cache-Control"]
    assert json.loads(answer.content)["identity"] == ANA
    assert "A copy of all that is held" in client.get(f"/vault/{ANY}/").content.decode()


def test_the_officer_sees_whose_time_ends_first(ana):
    people.register("s-33333333", given=ANA | {"hospital_number": "H-2"}, counted_from="2020-01-31")
    page = officer().get("/vault/?standing=kept").content.decode()
    assert page.index("s-33333333") < page.index(ANY)


def test_a_batch_leads_to_its_patients_identifiers_with_its_number_filled_in(ana):
    """Given a link from a batch, then its number stands in the form; and where the batch names a
    pseudonym that the vault does not know, then the list opens and says so."""
    client = Client()
    client.force_login(Account.objects.get(role="operator"))
    page = client.get(f"/vault/{ANY}/?reference=CT-0421").content.decode()
    assert 'value="CT-0421"' in page
    lost = client.get("/vault/s-33333333/?reference=CT-0421", follow=True)
    assert lost.redirect_chain == [("/vault/", 302)]
    assert "s-33333333 stands in a record and is not in the vault" in lost.content.decode()
    assert client.get("/vault/s-33333333/").status_code == 404


def test_r21_an_administrator_sees_nobody_through_people_whom_she_invented(ana):
    """Given a supervisor and QA whom nobody ever saw, with accounts that the administrator opened
    for herself, then neither is shown anything, and neither agrees that the other sees."""
    staff.enrol("p-hhhh2", actor=people.ADMINISTRATOR)
    staff.see("p-hhhh2", actor=QA)  # somebody real: from now on an unchecked word counts nothing
    invented = []
    for person, role in (("p-nnnn2", "supervisor"), ("p-nnnn3", "qa_reviewer")):
        staff.enrol(person, actor=people.ADMINISTRATOR)
        staff.grant(person, role, actor=people.ADMINISTRATOR)
        staff.open_account(person, role, actor=people.ADMINISTRATOR)
        invented.append(Actor(person, role, "t-test2"))
    first, second = invented
    unseen = pytest.raises(Refused, match="Your own identity has not been checked")
    for look in (
        lambda: commands.show(subject=ANY, purpose="labelling", reference="CT-1", actor=first),
        lambda: commands.ask(subject=ANY, reason="Only a test", actor=first),
        lambda: requests.look_up(**FIND | {"actor": first, "purpose": "receiving"}),
    ):
        with unseen:
            look()
    commands.ask(subject=ANY, reason="A complaint came in", actor=SUPERVISOR)
    with unseen:
        commands.grant(subject=ANY, request=Unmasking.objects.get().request, actor=second)
    assert not SubjectLook.objects.exists()
