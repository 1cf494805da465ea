"""One subject of the vault: given what happened, when this is asked, then these events or a no."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ledger.event import Refused, event_types, fold
from personnel import vault_retention as retention
from personnel import vault_subject as subjects

SUBJECT = "s-7F3K2M9P"
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANA = {
    "family_name": "Kowalczyk",
    "given_name": "Ana",
    "birth_date": "1961-05-04",
    "hospital_number": "H 4711",
    "phone": "",
}


def given(*events: Any) -> subjects.Subject:
    return fold(subjects.Subject(), subjects.evolve, events)


def registered(kind: str = "patient", day: str = "2027-01-31") -> list[Any]:
    return subjects.register(
        subjects.Subject(), subject=SUBJECT, kind=kind, counted_from=day, known_as=""
    )


def asked(by: str = "p-aaaa2", request: str = "u-22222") -> list[Any]:
    return subjects.ask_unmasking(given(*registered()), subject=SUBJECT, request=request, asker=by)


def granted(**changed: Any) -> list[Any]:
    who = {"granter": "p-bbbb3", "at": AT} | changed
    return subjects.grant_unmasking(
        given(*registered(), *asked()), subject=SUBJECT, request="u-22222", **who
    )


@pytest.mark.parametrize(
    ("kind", "day", "until"),
    [
        ("patient", "2027-01-31", "2057-01-31"),
        ("donor", "2028-02-29", "2058-03-01"),
        ("staff_contact", "2026-12-31", "2026-12-31"),
    ],
)
def test_r21_a_subject_is_kept_as_long_as_its_rule_says(kind, day, until):
    (event,) = registered(kind, day)
    assert (event.keep_until, event.rule) == (until, retention.RULES[kind].code)


@pytest.mark.parametrize("day", ["", "31.01.2027", "2027-13-01", "20270131", "in a year"])
def test_a_day_that_is_no_day_is_refused(day):
    with pytest.raises(Refused) as no:
        registered(day=day)
    assert no.value.code == "counted_from"


@pytest.mark.parametrize(
    "subject", ["Ana Kowalczyk", "s-SHORT1", "s-7f3k2m9p", "s-7F3K2M9P1", "s-KOWALCZY", ""]
)
def test_r21_a_pseudonym_is_random_and_nothing_else(subject):
    with pytest.raises(Refused) as no:
        subjects.register(
            subjects.Subject(),
            subject=subject,
            kind="donor",
            counted_from="2027-01-31",
            known_as="",
        )
    assert no.value.code == "pseudonym"
    assert subject == "" or subject not in str(no.value)


def test_a_number_met_before_leads_to_the_pseudonym_it_has():
    with pytest.raises(Refused, match="belongs to s-22222222 already") as no:
        subjects.register(
            subjects.Subject(),
            subject=SUBJECT,
            kind="patient",
            counted_from="2027-01-31",
            known_as="s-22222222",
        )
    assert no.value.code == "known_subject"


@pytest.mark.parametrize("missing", ["family_name", "given_name", "birth_date", "hospital_number"])
def test_r21_a_record_that_lacks_something_is_refused_without_a_value(missing):
    with pytest.raises(Refused) as no:
        subjects.check_fields("patient", ANA | {missing: ""})
    assert no.value.code == f"{missing}_missing"
    told = f"{no.value} {no.value.params}"
    assert not [value for value in ANA.values() if value and value in told]


def test_a_contact_needs_a_way_to_be_reached_and_a_birth_date_a_form():
    contact = {"family_name": "Ruiz", "given_name": "Eva", "phone": "", "email": ""}
    with pytest.raises(Refused) as no:
        subjects.check_fields("staff_contact", contact)
    assert no.value.code == "phone_missing"
    subjects.check_fields("staff_contact", contact | {"email": "eva@hospital.example"})
    subjects.check_fields("donor", ANA)
    with pytest.raises(Refused) as no:
        subjects.check_fields("donor", ANA | {"birth_date": "4 May 1961"})
    assert no.value.code == "birth_date_form"
    with pytest.raises(Refused) as no:
        subjects.check_fields("visitor", ANA)
    assert no.value.code == "kind"


@pytest.mark.parametrize("purpose", subjects.SHOWN)
def test_each_purpose_shows_two_identifiers_and_no_third(purpose):
    (event,) = subjects.show(
        given(*registered()), subject=SUBJECT, purpose=purpose, reference="CT-2026-004"
    )
    assert len(event.identifiers) == 2


@pytest.mark.parametrize(
    ("purpose", "reference", "code"),
    [
        ("curiosity", "CT-2026-004", "purpose"),
        ("receiving", "", "reference"),
        ("receiving", "for Ana Kowalczyk", "reference"),
    ],
)
def test_a_look_says_what_for(purpose, reference, code):
    with pytest.raises(Refused) as no:
        subjects.show(given(*registered()), subject=SUBJECT, purpose=purpose, reference=reference)
    assert no.value.code == code


def test_nothing_is_received_labelled_or_issued_for_a_contact():
    with pytest.raises(Refused) as no:
        subjects.show(
            given(*registered("staff_contact")),
            subject=SUBJECT,
            purpose="receiving",
            reference="CT-2026-004",
        )
    assert no.value.code == "purpose"


def test_r08_unmasking_takes_two_people_and_lasts_a_quarter_of_an_hour():
    """Given a wish, when another person agrees, then who asked may look for 15 minutes."""
    with pytest.raises(Refused) as no:
        granted(granter="p-aaaa2")
    assert no.value.code == "same_person"
    (event,) = granted()
    assert event.until == "2026-03-02T08:15:00+00:00"
    state = given(*registered(), *asked(), event)
    look = {"subject": SUBJECT, "request": "u-22222"}
    for minutes in (0, 14):
        at = AT + timedelta(minutes=minutes)
        (seen,) = subjects.unmask(state, **look, viewer="p-aaaa2", at=at)
        assert seen.seen_by == "p-aaaa2"
    with pytest.raises(Refused) as no:
        subjects.unmask(state, **look, viewer="p-aaaa2", at=AT + timedelta(minutes=15))
    assert no.value.code == "window_over"
    with pytest.raises(Refused) as no:
        subjects.unmask(state, **look, viewer="p-bbbb3", at=AT)
    assert no.value.code == "other_person"


def test_nobody_looks_before_a_second_person_agreed_or_after_they_declined():
    waiting = given(*registered(), *asked())
    look = {"subject": SUBJECT, "request": "u-22222", "viewer": "p-aaaa2", "at": AT}
    with pytest.raises(Refused) as no:
        subjects.unmask(waiting, **look)
    assert no.value.code == "not_granted"
    no_thanks = subjects.decline_unmasking(
        waiting, subject=SUBJECT, request="u-22222", decliner="p-bbbb3"
    )
    declined = given(*registered(), *asked(), *no_thanks)
    with pytest.raises(Refused) as no:
        subjects.unmask(declined, **look)
    assert no.value.code == "not_granted"
    with pytest.raises(Refused) as no:
        subjects.grant_unmasking(
            declined, subject=SUBJECT, request="u-22222", granter="p-bbbb3", at=AT
        )
    assert no.value.code == "nothing_asked"


def test_one_asks_once_until_somebody_decides_and_again_afterwards():
    waiting = given(*registered(), *asked())
    again = {"subject": SUBJECT, "request": "u-33333", "asker": "p-aaaa2"}
    with pytest.raises(Refused) as no:
        subjects.ask_unmasking(waiting, **again)
    assert no.value.code == "asked_already"
    assert subjects.ask_unmasking(given(*registered(), *asked(), *granted()), **again)


def test_r21_erasure_is_refused_with_its_basis_to_the_last_day_and_possible_after_it():
    state = given(*registered())
    ask = {"subject": SUBJECT, "ground": "gdpr-17-1-a"}
    with pytest.raises(Refused, match=r"until 2057-01-31: Regulation \(EC\) 1394/2007") as no:
        subjects.erase(state, **ask, today=date(2057, 1, 31))
    assert no.value.code == "retention"
    (event,) = subjects.erase(state, **ask, today=date(2057, 2, 1))
    erased = given(*registered(), event)
    assert erased.erased
    with pytest.raises(Refused) as no:
        subjects.erase(erased, **ask, today=date(2057, 2, 2))
    assert no.value.code == "erased"


def test_erasure_says_on_which_ground():
    with pytest.raises(Refused) as no:
        subjects.erase(
            given(*registered()), subject=SUBJECT, ground="tidy up", today=date(2060, 1, 1)
        )
    assert no.value.code == "ground"


def test_retention_grows_and_never_shrinks():
    state = given(*registered())
    (event,) = subjects.extend_retention(state, subject=SUBJECT, counted_from="2029-06-30")
    assert (event.old, event.new) == ("2057-01-31", "2059-06-30")
    longer = given(*registered(), event)
    for day in ("2029-06-30", "2027-01-31"):
        with pytest.raises(Refused) as no:
            subjects.extend_retention(longer, subject=SUBJECT, counted_from=day)
        assert no.value.code == "counted_from"


def test_r04_a_correction_names_the_fields_and_both_versions():
    new = ANA | {"given_name": "Anna", "phone": "+48 600 100 200"}
    (event,) = subjects.correct(
        given(*registered()), subject=SUBJECT, old=ANA, new=new, known_as=SUBJECT
    )
    assert (event.old, event.new, event.fields) == (1, 2, ["given_name", "phone"])
    state = given(*registered())
    assert subjects.correct(state, subject=SUBJECT, old=ANA, new=ANA, known_as=SUBJECT) == []


def test_an_unknown_subject_is_nobody():
    with pytest.raises(Refused) as no:
        subjects.show(
            subjects.Subject(), subject=SUBJECT, purpose="receiving", reference="CT-2026-004"
        )
    assert no.value.code == "no_subject"


def test_r21_no_event_about_a_subject_has_a_place_for_a_name():
    """Given every event of the vault, then its fields hold pseudonyms, days and words of ours."""
    allowed = {
        "subject", "kind", "rule", "counted_from", "keep_until", "old", "new", "fields", "purpose",
        "reference", "identifiers", "request", "asked_by", "seen_by", "until", "ground", "found",
    }  # fmt: skip
    found = {n: t for n, t in event_types().items() if "subject" in n or "unmasking" in n}
    assert len(found) == 11
    for kind in found.values():
        assert set(kind.cls.__annotations__) <= allowed
    assert asdict(registered()[0])["subject"] == SUBJECT
