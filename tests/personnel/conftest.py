"""Accounts for the people's room's tests."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

PASSWORD = "wet lab 7 lemons"


@cache
def verifier() -> str:
    """One derivation serves every test: it takes a tenth of a second by design."""
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


@pytest.fixture
def open_account(database) -> Callable[..., Any]:
    """Opens an account for a role, as the console does."""
    from personnel import commands
    from personnel.models import Account
    from tests.personnel import staff

    def make(role: str, **fields: object) -> Any:
        asked = {
            "account": commands.new_id("a"),
            "person": commands.new_id("p"),
            "role": role,
            "username": f"somebody.{role}",
            "printed_name": "Some Body",
            "verifier": verifier(),
            "actor": commands.console(),
        } | fields
        staff.at_the_console(**asked)
        return Account.objects.get(pk=asked["account"])

    return make


@pytest.fixture
def bench(open_account: Any, settings: Any, client: Any, fixed_clock: Any) -> Any:
    """Marta signed in at her terminal, with a confirmed key and no series open."""
    from tests.personnel import signed_page, signers
    from tests.personnel.signing_bench import Bench

    settings.ROOT_URLCONF = "tests.personnel.signed_page"
    people = {
        name: open_account(role, username=name, printed_name=name.capitalize())
        for name, role in (
            ("dario", "supervisor"),
            ("marta", "operator"),
            ("helena", "qa_reviewer"),
            ("renata", "system_administrator"),
        )
    }
    made_bench = Bench(client=client, clock=fixed_clock, **people)
    signers.enrol(people["marta"], by=people["dario"])
    fixed_clock.advance(minutes=1)
    with signed_page.declared():
        made_bench.sign_in()
        yield made_bench
