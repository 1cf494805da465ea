"""What an attack is: a name, a group, a deed, and where it must be found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.ledger.attacks.attacker import Attacker
    from tests.ledger.attacks.scene import Scene


@dataclass(frozen=True)
class Named:
    """The first bad position that the audit must name, or the row where there is no position."""

    position: int | None = None
    row: str = ""


Deed = Callable[["Attacker", "Scene"], Named]


@dataclass(frozen=True)
class Attack:
    """One attack, and what must find it."""

    name: str
    group: str
    deed: Deed
    guarded: bool = True  # it goes by SQL that the guards refuse
    audited: bool = True  # the audit must find it
    tidy: bool = True  # the attacker takes the guards down first and puts them back
    stops: bool = True  # the sealer may refuse to go on; else it must go on


_attacks: list[Attack] = []


def attack(
    name: str,
    *,
    group: str,
    guarded: bool = True,
    audited: bool = True,
    tidy: bool = True,
    stops: bool = True,
) -> Callable[[Deed], Deed]:
    """Declare an attack."""

    def declare(deed: Deed) -> Deed:
        _attacks.append(Attack(name, group, deed, guarded, audited, tidy, stops))
        return deed

    return declare


def attacks() -> list[Attack]:
    """Every declared attack."""
    from tests.ledger.attacks import (  # noqa: F401 - they declare them
        on_entries,
        on_epochs,
        on_queue,
        on_seals,
    )

    return _attacks
