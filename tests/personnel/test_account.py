"""Accounts and sessions: decisions, as given, when and then."""

import pytest

from ledger.event import Refused, fold
from personnel import account as accounts
from personnel import stay
from personnel.account import AccountOpened
from personnel.stay import SignedIn, SignedOut, SignInRefused


def session(*events: object) -> stay.Session:
    return fold(stay.Session(), stay.evolve_session, events)


def test_an_account_is_opened_once():
    asked = {"account": "a-22222", "person": "p-22222", "role": "operator"}
    opened = accounts.open_account(accounts.Account(), **asked)
    assert opened == [AccountOpened(**asked)]
    state = fold(accounts.Account(), accounts.evolve, opened)
    with pytest.raises(Refused, match="is open already"):
        accounts.open_account(state, **asked)


def test_r3_a_changed_password_is_told_without_it():
    opened = AccountOpened(account="a-22222", person="p-22222", role="operator")
    state = fold(accounts.Account(), accounts.evolve, [opened])
    changed = accounts.change_password(state, account="a-22222")
    assert changed == [accounts.PasswordChanged(account="a-22222")]
    assert fold(state, accounts.evolve, changed) == state
    with pytest.raises(Refused, match="no account"):
        accounts.change_password(accounts.Account(), account="a-22222")


def test_a_role_that_does_not_exist_is_refused():
    with pytest.raises(Refused, match="no role “emperor”"):
        accounts.open_account(
            accounts.Account(), account="a-22222", person="p-22222", role="emperor"
        )


def test_a_session_begins_and_ends_once():
    begun = stay.sign_in(session(), account="a-22222")
    assert begun == [SignedIn(account="a-22222")]
    with pytest.raises(Refused):
        stay.sign_in(session(*begun), account="a-33333")
    ended = stay.sign_out(session(*begun))
    assert ended == [SignedOut(account="a-22222")]
    with pytest.raises(Refused):
        stay.sign_out(session(*begun, *ended))
    with pytest.raises(Refused):
        stay.sign_in(session(*begun, *ended), account="a-22222")


def test_a_session_that_was_refused_never_begins():
    refused = stay.refuse_sign_in(session(), account="unknown", why=accounts.UNKNOWN_NAME)
    assert refused == [SignInRefused(account="unknown", why="unknown name")]
    with pytest.raises(Refused):
        stay.sign_in(session(*refused), account="a-22222")
    with pytest.raises(Refused):
        stay.sign_out(session(*refused))


def test_why_somebody_was_turned_away_is_one_of_three_words():
    with pytest.raises(Refused):
        stay.refuse_sign_in(session(), account="unknown", why="typed hunter2")


@pytest.mark.parametrize(
    ("initial", "evolve"),
    [(accounts.Account(), accounts.evolve), (stay.Session(), stay.evolve_session)],
)
def test_an_event_of_another_kind_stops_the_reader(initial, evolve):
    with pytest.raises(ValueError, match="does not know"):
        evolve(initial, object())
