"""Enrolment, identity, roles and inspectors, asked as commands on both databases."""

from datetime import timedelta

import pytest

from ledger import store
from ledger.event import Actor, Refused
from ledger.models import Event
from personnel import commands, people_commands, queries
from personnel.models import Name, Person
from personnel.roles import GMP_ROLES, ROLES
from tests.personnel import staff


@pytest.fixture
def offices(database, fixed_clock):
    staff.offices()
    fixed_clock.advance(minutes=5)


def types(person: str) -> list[str]:
    return [event.type.removeprefix("personnel.") for event in store.load("person", person)]


def test_r3_a_person_comes_in_by_many_hands_and_every_step_is_on_the_trail(offices):
    staff.hired("p-22222", "operator", "verifier")
    assert types("p-22222") == [
        "person_enrolled",
        "identity_checked",
        "role_granted",
        "role_granted",
    ]
    assert queries.roles_of("p-22222") == ["operator", "verifier"]
    row = Person.objects.get(person="p-22222")
    assert (row.enrolled_by, row.checked_by) == ("p-admin", "p-qaqaq")
    assert queries.printed_names(["p-22222"]) == {"p-22222": "Some p-22222"}


def test_r21_enrolment_keeps_the_name_out_of_the_ledger_and_out_of_its_hashes(offices):
    """Given two enrolments of one name with other salts, then their request hashes differ."""
    hashes = set()
    for person, salt in (("p-22222", "salt one, quite long"), ("p-33333", "salt two, quite long")):
        people_commands.enrol(
            person=person,
            printed_name="Ludmila Krasnova",
            salt=salt,
            others=True,
            actor=staff.ADMINISTRATOR,
        )
        (event,) = store.load("person", person)
        hashes.add(event.body)
        assert b"Ludmila" not in event.body
    assert Name.objects.filter(printed_name="Ludmila Krasnova").count() == 2
    with pytest.raises(Refused) as no:
        people_commands.enrol(
            person="p-44444", printed_name="Anybody", salt="", actor=staff.ADMINISTRATOR
        )
    assert no.value.code == "salt"


def test_r8_a_namesake_is_asked_about(offices):
    staff.enrol("p-22222", "Ana  Ruiz")
    with pytest.raises(Refused) as no:
        staff.enrol("p-33333", "ana ruiz")
    assert no.value.code == "namesake"
    assert not Name.objects.filter(person="p-33333").exists()
    staff.enrol("p-33333", "ana ruiz", others=True)
    (event,) = store.load("person", "p-33333")
    assert event.data.namesakes == ["p-22222"]


@pytest.mark.parametrize(
    "name", ["Ana\u200b Ruiz", "\u2060Ana Ruiz", "Ana Ru\u00edz", "\uff21na Ruiz", "ANA RUI\u00adZ"]
)
def test_r8_a_name_that_looks_the_same_is_a_namesake(offices, name):
    """Given Ana Ruiz, when the same is typed with a mark that nobody sees, an accent or wide
    letters, then she is no second human being before somebody has said so."""
    staff.enrol("p-22222", "Ana Ruiz")
    with pytest.raises(Refused) as no:
        staff.enrol("p-33333", name)
    assert no.value.code == "namesake"


def test_r21_a_documents_number_is_not_kept_by_its_refusal_either(offices):
    staff.enrol("p-22222")
    with pytest.raises(Refused, match="A document's number"):
        staff.see("p-22222", reference="Passport 123456789")
    (refused,) = Event.objects.filter(type="ledger.refused")
    assert b"check the identity of p-22222" in bytes(refused.body)
    assert b"123456789" not in bytes(refused.body)


def test_segregation_of_duties_is_refused_at_the_grant_and_kept(offices):
    staff.enrol("p-22222")
    staff.grant("p-22222", "operator")
    with pytest.raises(Refused, match="A system administrator holds no other role"):
        staff.grant("p-22222", "system_administrator")
    with pytest.raises(Refused):
        staff.grant("p-admin", "operator", actor=commands.console())
    assert Event.objects.filter(type="ledger.refused").count() == 2
    assert queries.roles_of("p-22222") == ["operator"]
    assert queries.roles_of("p-admin") == ["system_administrator"]


def test_a_role_needs_a_reason_coming_and_going(offices):
    staff.hired("p-22222", "operator")
    for ask in (staff.grant, staff.withdraw):
        with pytest.raises(Refused) as no:
            ask("p-22222", "operator", reason="")
        assert no.value.code == "reason_missing"


def test_a_withdrawn_role_acts_no_more_and_what_it_did_stays(offices):
    worker = staff.hired("p-22222", "operator", "verifier")
    commands.sign_in(session="s-1", account="a-22222", actor=worker)
    staff.withdraw("p-22222", "operator")
    with pytest.raises(Refused) as no:
        commands.sign_out(session="s-1", actor=worker)
    assert no.value.code == "no_account"
    commands.sign_out(session="s-1", actor=Actor("p-22222", "verifier", "t-test2"))
    assert store.load("session", "s-1")[0].actor.role == "operator"


@pytest.mark.parametrize("role", ROLES)
def test_identity_is_checked_by_a_gmp_role_alone(role):
    assert (role in people_commands.check_identity.spec.roles) == (role in GMP_ROLES)


def test_an_inspectors_access_is_timed_and_countersigned(offices, fixed_clock):
    """Given a proposal, when QA agrees, then the role begins, and ends by itself."""
    staff.enrol("p-22222")
    until = fixed_clock.now + timedelta(days=3)
    with pytest.raises(Refused) as no:
        staff.open_account("p-22222", "inspector")
    assert no.value.code == "role_not_held", "nothing opens before QA agrees"
    with pytest.raises(Refused):
        staff.open_account("p-33333", "inspector", actor=commands.console())
    asked = {"person": "p-22222", "until": until, "reason": "Announced inspection"}
    people_commands.propose_inspector(**asked, actor=staff.ADMINISTRATOR)
    with pytest.raises(Refused):
        staff.open_account("p-22222", "inspector")
    with pytest.raises(Refused) as no:
        people_commands.countersign_inspector(person="p-22222", actor=staff.ADMINISTRATOR)
    assert no.value.code == "wrong_role"
    people_commands.countersign_inspector(person="p-22222", actor=staff.QA)
    staff.open_account("p-22222", "inspector")
    guest = Actor("p-22222", "inspector", "t-test2")
    commands.sign_in(session="s-1", account="a-22222", actor=guest)
    fixed_clock.advance(days=3)
    assert queries.roles_of("p-22222") == []
    with pytest.raises(Refused) as no:
        commands.sign_in(session="s-2", account="a-22222", actor=guest)
    assert no.value.code == "no_account"
    again = asked | {"until": fixed_clock.now + timedelta(days=1)}
    people_commands.propose_inspector(**again, actor=staff.ADMINISTRATOR)
    people_commands.countersign_inspector(person="p-22222", actor=staff.QA)
    assert queries.roles_of("p-22222") == ["inspector"]
    assert types("p-22222")[-3:] == [
        "role_withdrawn",
        "inspector_countersigned",
        "role_granted",
    ]


def test_rights_are_answered_as_they_were_on_any_date(offices, fixed_clock):
    staff.hired("p-22222", "operator")
    monday = fixed_clock.now
    fixed_clock.advance(days=1)
    staff.grant("p-22222", "supervisor")
    staff.withdraw("p-22222", "operator")
    tuesday = fixed_clock.now
    fixed_clock.advance(days=1)
    commands.close_account(account="a-22222", reason="Has left", actor=staff.ADMINISTRATOR)

    def held(at):
        return [span.role for span in queries.rights_on(at) if span.person == "p-22222"]

    assert held(monday - timedelta(days=1)) == []
    assert held(monday) == ["operator"]
    assert held(tuesday) == ["supervisor"]


def test_who_may_sign_has_been_seen_has_an_account_and_an_own_password(offices):
    staff.enrol("p-22222")
    staff.grant("p-22222", "operator")
    assert "identity has not been checked" in queries.may_sign("p-22222")
    staff.see("p-22222")
    assert "no open account" in queries.may_sign("p-22222")
    from tests.personnel.conftest import verifier

    staff.open_account("p-22222", "operator", verifier=verifier())
    assert "one-time password" in queries.may_sign("p-22222")
    worker = Actor("p-22222", "operator", "t-test2")
    commands.choose_password(account="a-22222", verifier=verifier(), actor=worker)
    assert queries.may_sign("p-22222") == ""
    commands.change_password(
        account="a-22222", verifier=verifier(), reason="Forgotten", actor=staff.ADMINISTRATOR
    )
    assert "one-time password" in queries.may_sign("p-22222"), "a reset blocks signing again"


def test_p11_200_nobody_chooses_another_persons_password(offices):
    staff.hired("p-22222", "operator")
    other = staff.hired("p-33333", "supervisor")
    with pytest.raises(Refused) as no:
        commands.choose_password(account="a-22222", verifier="!", actor=other)
    assert no.value.code == "not_yours"


def test_r8_an_administrator_does_not_change_sides_through_one_whom_she_invented(offices):
    """Given an administrator who opens a second administrator for herself, then that one takes her
    role away, but gives her none, because nobody ever saw that person."""
    staff.hired("p-22222", "operator")  # somebody whose identity was checked
    staff.enrol("p-33333")
    staff.grant("p-33333", "system_administrator")
    staff.open_account("p-33333", "system_administrator")
    invented = Actor("p-33333", "system_administrator", "t-office")
    staff.withdraw(staff.ADMINISTRATOR.person, "system_administrator", actor=invented)
    with pytest.raises(Refused, match="Your own identity has not been checked"):
        staff.grant(staff.ADMINISTRATOR.person, "qa_reviewer", actor=invented)
    assert queries.roles_of(staff.ADMINISTRATOR.person) == []
