"""Marta at her terminal, about to sign, for the tests of the signing rules and of attacks on them.

The fixture `bench` begins with Marta signed in, with a confirmed key and no series open.
"""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from ledger import store
from ledger.event import Actor
from ledger.models import Event
from tests.personnel import signers
from tests.personnel.conftest import PASSWORD

PAGE = "/trial/"
OTHER_SECRET = "green kettle over 14 hills"


@dataclass
class Bench:
    """Marta's browser, the people around her, and the clock."""

    client: Client
    clock: Any
    marta: Any
    dario: Any
    helena: Any
    renata: Any

    def sign(self, **fields: str) -> str:
        """Send the page; what it answered."""
        self.clock.advance(seconds=20)
        return str(self.client.post(PAGE, {"text": "Rotor wiped."} | fields).content.decode())

    def all_components(self) -> str:
        return self.sign(**signers.fields(self.marta))

    def pin(self, pin: str = signers.PIN) -> str:
        return self.sign(signing_pin=pin)

    def sign_in(self, client: Client | None = None) -> None:
        answer = (client or self.client).post(
            "/sign-in/", {"username": "marta", "password": PASSWORD, "next": PAGE}
        )
        assert answer.status_code == 302

    def begin(self) -> None:
        """A series is open: two signatures, the second by PIN."""
        assert self.all_components() == "recorded"
        assert self.pin() == "recorded"

    def demand_all_components(self) -> None:
        """The PIN alone opens nothing any more; name and secret do."""
        before = made()
        assert "your sign-in name and your signing secret" in self.pin()
        assert made() == before
        assert 'name="signing_secret"' in self.client.get(PAGE).content.decode()
        assert self.all_components() == "recorded"

    def acting(self, role: str = "operator") -> Actor:
        return Actor(self.marta.person, role, "t-test2")


def made() -> int:
    return Event.objects.filter(type="ledger.signature_applied").count()


def alerts() -> list[Any]:
    rows = Event.objects.filter(type="personnel.signing_alert_raised").order_by("recorded_at")
    return [store.event(row.id).data for row in rows]  # type: ignore[union-attr]


def refusals(code: str) -> int:
    rows = Event.objects.filter(type="ledger.refused")
    found = [store.event(row.id) for row in rows]
    return sum(one is not None and one.data.code == code for one in found)
