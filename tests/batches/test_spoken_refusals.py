"""A form that comes back with a no says the no where it is read."""

from typing import Any

import pytest

from tests.batches import floor

SAID = 'role="alert"'
ADDRESSES = (
    "steps/1/do/comment/",
    "steps/1/do/deviation/",
    "steps/1/do/not-applicable/",
    "steps/1/do/again/",
    "steps/1/do/waive/",
    "steps/1/do/ask/",
    "run/offer/",
    "run/take/",
    "run/abort/",
    "run/return/",
    "run/leave/",
    "hold/",
)


@pytest.fixture
def desk(sqlite_database: Any) -> Any:
    return floor.furnished()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("who", ["marta", "dario"])
def test_an_empty_form_is_never_refused_without_a_word(desk: Any, who: str, address: str) -> None:
    """Given a form of the floor; when it is sent empty; then the page says what to change."""
    refused = desk.post(who, address)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert SAID in page[page.index("<main") : page.index("</main")]
