"""A clean room for measuring: people who sign with dear keys, an approved recipe, open batches.

Everything comes through the commands and the pages, as it does in a facility.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import close_old_connections
from django.test import Client

from batches import car_t, commands, recipe_commands
from batches.recipe_json import to_json
from ledger import clock
from ledger.event import Actor
from personnel import keys, session, signing, training_commands
from personnel.models import Account
from tests.batches.conftest import PEOPLE, actor, open_accounts
from tests.personnel import signers

SIGNERS = ("helena", "dario", "pavel", "marta", "ingrid")
TRAINED = ("marta", "ingrid")


def furnish() -> None:
    """Everybody has an account, a key as dear as a real one, and the training for the recipe."""
    open_accounts()
    for name in SIGNERS:
        enrol(account(name), by=account("dario" if name == "helena" else "helena"))
    asked = {"recipe": car_t.RECIPE, "version": car_t.VERSION}
    content = to_json(car_t.content())
    recipe_commands.draft_recipe(**asked, content=content, actor=actor("pavel"))
    for who, ask in (
        ("pavel", recipe_commands.submit_recipe),
        ("dario", recipe_commands.review_recipe),
        ("helena", recipe_commands.approve_recipe),
    ):
        ask(**asked, actor=actor(who), signature=_secret(who))
    _train()


def account(name: str) -> Account:
    return Account.objects.get(username=name)


def _secret(name: str) -> Any:
    return signing.with_secret(actor(name), name=account(name).username, secret=signers.SECRET)


def enrol(who: Account, *, by: Account) -> None:
    from personnel import signing_commands

    signers.check_identity(who, by=by)
    made = keys.make(person=who.person, secret=signers.SECRET, pin=signers.PIN)
    signing_commands.enrol_key(
        key=made.key,
        public_key=made.public_key,
        wrapped=made.wrapped,
        policy_sha256=signing_commands.policy().sha256,
        actor=signers.actor(who),
    )
    signers.confirm(who, made.key, by=by)


def _train() -> None:
    item = {"item": car_t.RECIPE, "version": str(car_t.VERSION)}
    training_commands.introduce(
        **item, kind="recipe", title=car_t.TITLE, valid_months=0, actor=actor("helena")
    )
    for name in TRAINED:
        training_commands.record(
            **item,
            person=PEOPLE[name][0],
            trained_on=clock.now().date().isoformat(),
            method="performed",
            actor=actor("dario"),
        )


def _acting(own: Account) -> Actor:
    return Actor(person=own.person, role=own.role, terminal="t-test2")


def browser(name: str) -> Client:
    """Somebody's browser, signed in with a session of the ledger's."""
    from personnel import commands as personnel

    client, own = Client(), account(name)
    client.force_login(own)
    began = f"bench-{name}-{time.monotonic_ns()}"
    personnel.sign_in(session=began, account=own.pk, actor=_acting(own))
    kept = client.session
    kept[session.SESSION] = began
    kept.save()
    return client


def untouched(client: Client) -> None:
    """Nothing was done for a while, so that the next request has to write the touch down."""
    from personnel import presence

    kept = client.session
    kept[presence.SEEN] = kept.get(presence.SEEN, 0) - 2 * presence.TOUCHED_AGAIN
    kept.save()


def open_batch(number: str) -> None:
    asked = {"recipe": car_t.RECIPE, "version": car_t.VERSION, "purpose": "training"}
    commands.open_batch(batch=number, **asked, actor=actor("dario"))


def values_of(step: Any) -> dict[str, str]:
    """What somebody reads where all goes well."""
    return {f"value_{one.key}": str(one.target) for one in step.parameters}


def steps() -> Iterator[Any]:
    yield from car_t.content().steps


@contextmanager
def derivations() -> Iterator[Callable[[], float]]:
    """The seconds that deriving keys from secrets took, which is slow on purpose."""
    spent, real = [0.0], keys.derive

    def derive(*args: Any) -> bytes:
        begun = time.perf_counter()
        try:
            return real(*args)
        finally:
            spent[0] += time.perf_counter() - begun

    with patch.object(keys, "derive", derive):
        yield lambda: spent[0]


def timed(ask: Callable[[], Any], *, status: int) -> float:
    """One request, with the connection that the server would make anew for it."""
    close_old_connections()
    begun = time.perf_counter()
    response = ask()
    took = time.perf_counter() - begun
    if response.status_code != status:
        raise RuntimeError(f"The page answered {response.status_code}: {response.content[:2000]!r}")
    return took
