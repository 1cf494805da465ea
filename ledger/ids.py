"""Identifiers: time-ordered for events, derived where the same cause must give the same id."""

from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

_DERIVED = UUID("6f1d2b0e-3c55-5a68-9d0e-5b6f4c8a7e21")


def new_id() -> UUID:
    """A UUID version 7: unique, and in the order of its making."""
    made: UUID = uuid7()
    return made


def derived_id(*parts: object) -> UUID:
    """The same id for the same parts, wherever and whenever it is made."""
    return uuid5(_DERIVED, "/".join(map(str, parts)))
