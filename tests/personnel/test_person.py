"""People and roles: decisions, as given, when and then."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.event import Refused, fold
from personnel import person as people
from personnel import roles
from personnel.person import IdentityChecked, PersonEnrolled, RoleGranted, RoleWithdrawn

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ENROLLED = PersonEnrolled(person="p-22222", namesakes=[])


def state(*events: object) -> people.Person:
    return fold(people.Person(), people.evolve, events)


def code_of(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.code


def test_a_person_is_enrolled_once():
    asked = {"person": "p-22222", "namesakes": [], "others": False}
    assert people.enrol(state(), **asked) == [ENROLLED]
    with pytest.raises(Refused, match="never given twice"):
        people.enrol(state(ENROLLED), **asked)


def test_r8_one_human_being_is_not_enrolled_twice_under_one_name_unless_somebody_says_so():
    asked = {"person": "p-33333", "namesakes": ["p-22222"]}
    with pytest.raises(Refused, match="p-22222 has the same name"):
        people.enrol(state(), **asked, others=False)
    told = people.enrol(state(), **asked, others=True)
    assert told == [PersonEnrolled(person="p-33333", namesakes=["p-22222"])]


def check(given: people.Person, **asked: str) -> list:
    values = {
        "person": "p-22222",
        "evidence": "identity card",
        "reference": "HR file, tab 3",
        "checker": "p-qaqaq",
        "enrolled_by": "p-admin",
    }
    return people.check_identity(given, **(values | asked))


def test_identity_is_checked_by_a_second_person():
    seen = check(state(ENROLLED))
    assert seen == [
        IdentityChecked(person="p-22222", evidence="identity card", reference="HR file, tab 3")
    ]
    for checker in ("p-22222", "p-admin"):
        with pytest.raises(Refused) as no:
            check(state(ENROLLED), checker=checker)
        assert code_of(no) == "second_person"
    with pytest.raises(Refused) as no:
        check(state(ENROLLED, *seen))
    assert code_of(no) == "checked"
    with pytest.raises(Refused) as no:
        check(state())
    assert code_of(no) == "not_enrolled"
    with pytest.raises(Refused) as no:
        check(state(ENROLLED), evidence="a good feeling")
    assert code_of(no) == "evidence"


@pytest.mark.parametrize(
    ("reference", "refused"),
    [
        ("Passport 123456789", "document_number"),
        ("AB1234567", "document_number"),
        ("12345678Z", "document_number"),
        ("Passport 12 34 56 78", "document_number"),
        ("Card AB 1234-567", "document_number"),
        ("HR file of 2026-03-02", ""),
        ("Room 3, binder 12", ""),
        (" ", "reference"),
    ],
)
def test_r21_a_documents_number_stays_out(reference, refused):
    if not refused:
        assert check(state(ENROLLED), reference=reference)
        return
    with pytest.raises(Refused) as no:
        check(state(ENROLLED), reference=reference)
    assert code_of(no) == refused


@pytest.mark.parametrize("role", [r for r in roles.ROLES if r != roles.SYSTEM_ADMINISTRATOR])
def test_segregation_an_administrator_holds_nothing_else(role):
    for held, wanted in ((role, roles.SYSTEM_ADMINISTRATOR), (roles.SYSTEM_ADMINISTRATOR, role)):
        with pytest.raises(Refused) as no:
            roles.check_grant([held], wanted)
        assert code_of(no) == "segregation_of_duties"


@pytest.mark.parametrize("role", [r for r in roles.ROLES if r != roles.INSPECTOR])
def test_segregation_an_inspector_holds_nothing_else(role):
    for held, wanted in ((role, roles.INSPECTOR), (roles.INSPECTOR, role)):
        with pytest.raises(Refused) as no:
            roles.check_grant([held], wanted)
        assert code_of(no) == "segregation_of_duties"


def test_the_sentence_of_a_refused_combination_names_the_role_that_does_not_fit():
    with pytest.raises(Refused, match="so operator cannot be combined with it"):
        roles.check_grant([roles.SYSTEM_ADMINISTRATOR], roles.OPERATOR)
    with pytest.raises(Refused, match="so operator cannot be combined with it"):
        roles.check_grant([roles.OPERATOR], roles.SYSTEM_ADMINISTRATOR)


def test_several_gmp_roles_go_together_each_once():
    roles.check_grant([roles.OPERATOR, roles.VERIFIER], roles.SUPERVISOR)
    with pytest.raises(Refused) as no:
        roles.check_grant([roles.OPERATOR], roles.OPERATOR)
    assert code_of(no) == "role_held"
    with pytest.raises(Refused) as no:
        roles.check_grant([], "emperor")
    assert code_of(no) == "unknown_role"


def test_roles_come_and_go():
    granted = people.grant_role(
        state(ENROLLED), person="p-22222", role="operator", held=[], granter="p-admin"
    )
    assert granted == [RoleGranted(person="p-22222", role="operator")]
    assert state(ENROLLED, *granted).roles == ("operator",)
    withdrawn = people.withdraw_role(person="p-22222", role="operator", held=["operator"])
    assert withdrawn == [RoleWithdrawn(person="p-22222", role="operator")]
    assert state(ENROLLED, *granted, *withdrawn).roles == ()
    with pytest.raises(Refused, match="does not hold"):
        people.withdraw_role(person="p-22222", role="operator", held=[])
    with pytest.raises(Refused, match="to themselves"):
        people.grant_role(
            state(ENROLLED), person="p-22222", role="operator", held=[], granter="p-22222"
        )


def test_an_inspector_is_proposed_with_an_end_and_countersigned_by_another():
    until = NOON + timedelta(days=5)
    asked = {"person": "p-22222", "held": [], "at": NOON}
    with pytest.raises(Refused, match="countersigns it"):
        people.grant_role(
            state(ENROLLED), person="p-22222", role="inspector", held=[], granter="p-admin"
        )
    for wrong in (NOON, NOON + timedelta(days=91)):
        with pytest.raises(Refused) as no:
            people.propose_inspector(state(ENROLLED), until=wrong, **asked)
        assert code_of(no) == "until"
    proposed = people.propose_inspector(state(ENROLLED), until=until, **asked)
    given = state(ENROLLED, *proposed)
    assert given.roles == (), "nothing is given before QA agrees"
    both = {"countersigner": "p-qaqaq", "proposed_by": "p-admin"}
    with pytest.raises(Refused) as no:
        people.countersign_inspector(given, **asked, **(both | {"countersigner": "p-admin"}))
    assert code_of(no) == "second_person"
    late = asked | {"at": until}
    with pytest.raises(Refused) as no:
        people.countersign_inspector(given, **late, **both)
    assert code_of(no) == "until"
    agreed = people.countersign_inspector(given, **asked, **both)
    assert agreed[1] == RoleGranted(person="p-22222", role="inspector", until=until.isoformat())
    with pytest.raises(Refused) as no:
        people.countersign_inspector(state(ENROLLED, *proposed, *agreed), **asked, **both)
    assert code_of(no) == "not_proposed"


def test_an_event_of_another_kind_stops_the_reader():
    with pytest.raises(ValueError, match="does not know"):
        people.evolve(people.Person(), object())
