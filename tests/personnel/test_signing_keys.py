"""The wrapping of a signing key: what opens it, and what does not."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from personnel import keys

WHO, SECRET, PIN, TERMINAL = "p-aaaa2", "quiet violet incubator 9", "402718", bytes(range(32))
CHEAP = keys.Cost(64, 1, 1)


@pytest.fixture(scope="module")
def made() -> keys.Made:
    return keys.make(person=WHO, secret=SECRET, pin=PIN, cost=CHEAP, pin_cost=CHEAP)


@pytest.fixture
def opened(made: keys.Made) -> keys.Opened:
    return keys.unwrap(made.wrapped, key=made.key, person=WHO, secret=SECRET)


def test_the_owners_secret_opens_the_key_that_the_public_half_belongs_to(
    made: keys.Made, opened: keys.Opened
) -> None:
    public = base64.b64decode(made.public_key)
    assert made.key == keys.key_id(public)
    Ed25519PublicKey.from_public_bytes(public).verify(opened.sign(b"done"), b"done")
    assert opened.seed not in made.wrapped.encode()
    assert repr(opened.seed)[2:-1] not in repr(opened)


@pytest.mark.parametrize(
    "with_this",
    [{"secret": "quiet violet incubator 8"}, {"person": "p-bbbb3"}, {"key": "k-000000000000"}],
    ids=str,
)
def test_nothing_else_opens_it(made: keys.Made, with_this: dict[str, str]) -> None:
    asked = {"key": made.key, "person": WHO, "secret": SECRET} | with_this
    with pytest.raises(keys.WrongSecret):
        keys.unwrap(made.wrapped, **asked)


def test_cheaper_costs_cannot_be_written_beside_it(made: keys.Made) -> None:
    cheaper = made.wrapped.replace("t=1", "t=2", 1)
    with pytest.raises(keys.WrongSecret):
        keys.unwrap(cheaper, key=made.key, person=WHO, secret=SECRET)


def test_a_copy_opens_by_pin_and_terminal_together(opened: keys.Opened) -> None:
    copy = keys.copy_for_series(opened, terminal=TERMINAL, bound_to="s operator t-1")
    asked = {"key": opened.key, "person": WHO, "pin": PIN, "terminal": TERMINAL}
    again = keys.open_copy(copy, bound_to="s operator t-1", **asked)  # type: ignore[arg-type]
    assert again == opened
    for other in (
        {"pin": "402719"},
        {"terminal": bytes(32)},
        {"bound_to": "s verifier t-1"},
        {"person": "p-bbbb3"},
    ):
        with pytest.raises(keys.WrongSecret):
            keys.open_copy(copy, **({"bound_to": "s operator t-1"} | asked | other))  # type: ignore[arg-type]


def test_what_is_typed_on_another_keyboard_is_the_same_secret() -> None:
    """Given é typed as one letter or as two, then it derives the same."""
    salt = bytes(16)
    assert keys.derive("caf\u00e9", salt, CHEAP) == keys.derive("cafe\u0301", salt, CHEAP)


def test_the_costs_are_those_that_guessing_needs() -> None:
    """OWASP's least for Argon2id is 19 MiB and two passes; RFC 9106 asks 64 MiB of a server."""
    assert keys.SECRET_COST.memory >= 65536
    assert keys.PIN_COST.memory >= 19456
    assert keys.PIN_COST.passes >= 2
