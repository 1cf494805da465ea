"""R19: what a page of a batch asks of the database, every statement counted, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from batches.models import BatchLine
from tests.batches.conftest import enter
from tests.batches.making import BATCH
from tests.batches.test_step_pages import signed_up_to

COMPLETION, CARD, RECORD = 25, 15, 15  # at most, the beginning and end of transactions included


@pytest.fixture
def signed_in(desks: Any) -> Any:
    """Marta and Ingrid came in by the door, so that each request looks at their sessions."""
    from personnel import commands, session
    from tests.batches.conftest import PEOPLE, actor

    for name in ("marta", "ingrid", "helena"):
        began = f"s-{name}-began-here"
        account = PEOPLE[name][0].replace("p-", "a-")
        commands.sign_in(session=began, account=account, actor=actor(name))
        kept = desks.at(name).session
        kept[session.SESSION] = began
        kept.save()
    return desks


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Every statement on every connection that Django keeps."""
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[a])) for a in connections]
        yield lambda: sum(len(one) for one in seen)


def untouched(desk: Any, name: str) -> None:
    """The person did nothing for a while, so the next request writes the touch down, too."""
    from personnel import presence

    kept = desk.at(name).session
    kept[presence.SEEN] = kept.get(presence.SEEN, 0) - 2 * presence.TOUCHED_AGAIN
    kept.save()


def statements(ask: Callable[[], Any]) -> int:
    with counted() as number:
        ask()
    return number()


def test_r19_a_completion_takes_25_queries_at_most_with_its_values_and_its_signature(signed_in):
    """Given a running series, when Marta enters two values and signs, then everything from session
    to commit is 25 statements at most; so is the card before it and the one after it."""
    signed_up_to(signed_in, 3)
    untouched(signed_in, "marta")
    before = statements(lambda: signed_in.page("marta", "steps/3/"))
    untouched(signed_in, "marta")
    with counted() as completion:
        response = signed_in.perform("marta", 3, bath="37.0", count="5")
    assert response.status_code == 302
    assert BatchLine.objects.get(batch=BATCH).done == 3
    after = statements(lambda: signed_in.page("marta", "steps/3/"))
    print(f"completion {completion()}, card {before} and {after}")
    assert completion() <= COMPLETION
    assert before <= CARD and after <= CARD


def test_r19_values_kept_before_are_signed_in_25_queries_and_so_are_verifications(signed_in):
    signed_up_to(signed_in, 2)
    untouched(signed_in, "marta")
    enter(2, bath="37.0")
    with counted() as signing:
        assert signed_in.perform("marta", 2).status_code == 302
    untouched(signed_in, "ingrid")
    with counted() as verifying:
        assert signed_in.verify("ingrid", 2).status_code == 302
    print(f"signing {signing()}, verifying {verifying()}")
    assert signing() <= COMPLETION and verifying() <= COMPLETION


def test_r19_the_record_takes_as_many_queries_however_long_it_is(signed_in):
    """Given one signed step, and then all with entries and seven signatures, then the record's page
    takes the same number of queries."""
    signed_up_to(signed_in, 2)
    signed_in.page("helena")
    short = statements(lambda: signed_in.page("helena"))
    signed_in.perform("marta", 2, bath="39.2")
    signed_in.perform("marta", 2, bath="37.1", reason="Thermometer was not settled")
    signed_in.verify("ingrid", 2)
    signed_in.perform("marta", 3, bath="37.0", count="5")
    long = statements(lambda: signed_in.page("helena"))
    print(f"record {short} and {long}")
    assert short == long <= RECORD
