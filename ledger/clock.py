"""The application's clock port: server time, UTC, microseconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_clock: Callable[[], datetime] = _system


def now() -> datetime:
    """The time to stamp a record with. Only a demo log may run on anything but the server's."""
    return _clock()


@contextmanager
def telling(clock: Callable[[], datetime]) -> Iterator[None]:
    """Tell history on another clock (demo and tests; the database refuses it elsewhere)."""
    global _clock
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before


def rfc3339(moment: datetime) -> str:
    """UTC text with microseconds and a Z, as entries and bodies write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
