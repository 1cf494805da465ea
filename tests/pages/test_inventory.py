"""R3: every address x method, task and admin page: it writes its event, or changes nothing.

The addresses are taken from the resolver, so a new one is tried without being named here.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import resolve

from ledger import store
from ledger.models import Event
from tests.pages import inventory
from tests.pages.conftest import PEOPLE

# Answered before anybody has signed in: the door, and whether the process lives.
OPEN = {"personnel:sign_in", "personnel:sign_in_demo", "health", "/admin/login/", "admin:login"}
DOORS = ("/sign-in/", "/admin/login/")
# What a guest leaves on the trail: the refusals, the door, and what the ledger keeps of a look.
GUESTS = {
    "ledger.refused",
    "ledger.trail_exported",
    "ledger.bundle_verified",
    "personnel.sign_in_refused",
    "personnel.signed_out",
}
JUNK = {
    "reason": "Because of the test",
    "text": "Something",
    "role": "supervisor",
    "location": "Room 9",
    "unit": "X-1",
    "name": "x",
    "room": "x",
    "username": "x",
    "password": "x",
    "until": "2030-01-01",
    "value": "1",
    "person": "p-aaaa2",
}


@pytest.fixture
def routes(history: dict[str, Any]) -> list[inventory.Route]:
    event = str(history["entry"].id)
    samples = {
        "number": "CF-02",
        "unit": "CF-02",
        "entry": "1",
        "uuid": event,
        "int": "1",
        "stream_type": "equipment",
        "stream_id": "CF-02",
        "pseudonym": "p-aaaa2",
        "person": "p-aaaa2",
    }
    return inventory.routes(samples)


@pytest.fixture
def ask() -> Callable[..., Any]:
    """Sends one request as somebody of a role, or as nobody, from a fresh browser."""

    def send(method: str, path: str, data: Any = None, *, role: str = "") -> Any:
        from personnel.models import Account

        client = Client(raise_request_exception=False)
        if role:
            client.force_login(Account.objects.get(role=role))
        return client.post(path, data) if data else client.generic(method, path)

    return send


def events_after(before: int) -> Iterator[Any]:
    rows = Event.objects.order_by("recorded_at", "id")[before:]
    return (store.event(row.id) for row in rows)


def test_the_walk_finds_the_addresses_that_everybody_knows(routes):
    names = {route.name for route in routes}
    assert {"health", "personnel:sign_in", "equipment:make_entry", "ledger:trail"} <= names
    assert {"admin:index", "ledger:api_trail", "personnel:act"} <= names
    assert len(routes) > 60
    paths = {route.path for route in routes}
    assert "/equipment/CF-02/entries/1/" in paths
    for path in paths:
        resolve(path)


@pytest.mark.parametrize("method", inventory.METHODS)
def test_r3_who_has_not_signed_in_is_refused_everywhere_but_at_the_door(routes, ask, method):
    """P11-10d: given every address, when nobody asks, then the door or a no; nothing changes."""
    before = inventory.content()
    for route in routes:
        if route.name in OPEN:
            continue
        response = ask(method, route.path)
        to_the_door = response.status_code == 302 and response["Location"].startswith(DOORS)
        refused = response.status_code in {401, 403, 405}
        assert to_the_door or refused, (method, route, response.status_code)
    assert inventory.changed(before, inventory.content()) == set()


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_r3_looking_changes_nothing(routes, ask, role, method):
    """Given every address, when it is only looked at, then no table is other than before."""
    before = inventory.content()
    for route in routes:
        response = ask(method, route.path, role=role)
        assert response.status_code < 500, (route, response.status_code)
        after = inventory.content()
        assert inventory.changed(before, after) == set(), (role, route)


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
@pytest.mark.parametrize("role", PEOPLE)
def test_r3_nothing_changes_without_an_event(routes, ask, role, filled):
    """Given every address, when something is sent there, then what changed has its event."""
    before, count = inventory.content(), Event.objects.count()
    for route in routes:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            data = JUNK if filled and method == "POST" else {}
            response = ask(method, route.path, data, role=role)
            assert response.status_code < 500, (method, route, response.status_code)
            after, counted = inventory.content(), Event.objects.count()
            changes = inventory.changed(before, after)
            assert not changes or counted > count, (role, method, route, changes)
            before, count = after, counted


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_r3_an_inspector_is_refused_every_write_on_every_route(routes, ask, filled):
    """Given an inspector, when anything is sent anywhere, then only the refusal is written."""
    count = Event.objects.count()
    for route in routes:
        data = JUNK if filled else {}
        response = ask("POST", route.path, data, role="inspector")
        left = {event.type for event in events_after(count)}
        assert left <= GUESTS, (route, left)
        count = Event.objects.count()
        assert response.status_code < 500, route


def test_r3_no_admin_page_writes(people, ask):
    """R1: given every table's window, the administrator may look and nothing else."""
    from personnel.models import Account

    request = type("Request", (), {"user": Account.objects.get(role="system_administrator")})()
    for model, window in admin.site._registry.items():
        name = model._meta.label
        if model._meta.app_label in {"auth", "contenttypes", "sessions"}:
            continue
        assert not window.has_add_permission(request), name
        assert not window.has_change_permission(request), name
        assert not window.has_delete_permission(request), name
        label = f"/admin/{model._meta.app_label}/{model._meta.model_name}"
        before = inventory.content()
        for path in (f"{label}/add/", f"{label}/x/change/", f"{label}/x/delete/"):
            ask("POST", path, {"post": "yes"}, role="system_administrator")
        assert inventory.changed(before, inventory.content()) == set(), name


# Each background task, and what it may leave: nothing but the places of those who read on.
# Sessions that are over and bundles that nobody fetched are cleared away: neither is a record.
TASKS: dict[str, set[str]] = {
    "config.clear_sessions": set(),
    "ledger.clean_bundles": set(),
    "ledger.run_followers": {"ledger_cursor"},
}


def test_r3_every_background_task_is_known_and_leaves_only_its_place(history):
    from config.celery import app

    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == set(TASKS), "a new task says here what it may change"
    for name, allowed in TASKS.items():
        before, count = inventory.content(), Event.objects.count()
        app.tasks[name].apply(throw=True)
        changes = inventory.changed(before, inventory.content())
        assert changes <= allowed or Event.objects.count() > count, (name, changes)
