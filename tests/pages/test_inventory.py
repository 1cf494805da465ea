"""R3: every address x method, task and admin page: it writes its event, or changes nothing.

The addresses are taken from the resolver, so a new one is tried without being named here. The
ground is the demo's week, so that each address stands for something that exists.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import resolve

from ledger import store
from ledger.models import Event
from personnel.roles import ROLES
from tests.pages import inventory, told_week
from tests.pages.fresh import as_fresh
from tests.pages.watching import watching

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
# Addresses that nothing in the week stands for: an export under way, a checkpoint before the first
# is signed, and the admin site's own way to a password, which is closed to everybody.
ELSEWHERE = {
    # Nobody printed on paper or kept a file in the week, and no lot of it was destroyed.
    "batches:account_sheets",
    "batches:certify_file",
    "batches:file_content",
    "batches:give_up_sheets",
    "batches:missing_sheets",
    "batches:paper_file",
    "batches:paper_made",
    # The week holds neither a draft nor a second version of a master batch record, nor a picture.
    "batches:recipe_difference",
    "batches:recipe_dry_run",
    "batches:recipe_picture",
    "batches:scan_sheets",
    "batches:sheets_made",
    "batches:witness_destruction",
    "ledger:exported",
    "ledger:bundle",
    "ledger:resume_follower",
    "ledger:api_checkpoint",
    "personnel:/admin/password_change/",
    "personnel:/admin/password_change/done/",
    "admin:password_change",
    "admin:password_change_done",
}
JUNK = {
    "reason": "Because of the test",
    "text": "Something",
    "role": "verifier",
    "location": "Room 9",
    "unit": "X-1",
    "label": "A shaker",
    "unit_class": "shaker",
    "name": "Tablet of the test",
    "room": "x",
    "username": "x",
    "password": "x",
    "until": "2030-01-01",
    "value": "1",
    "person": "p-aaaa2",
    "printed_name": "Some Newcomer",
    "evidence": "staff badge with photograph",
    "reference": "CT-0422",
    "purpose": "issuing",
    "ground": "gdpr-17-1-a",
    "counted_from": "2040-01-31",
    "phone": "+34 600 111 222",
    "kind": "quality",
    "item": "SOP-999",
    "title": "Gowning, once more",
    "version": "7",
    "valid_months": "12",
    "trained_on": "2026-01-15",
    "method": "read",
}
# Those between whom every command is shared out; the other roles look, and are in the matrix.
SENDERS = (
    "operator",
    "supervisor",
    "qa_reviewer",
    "process_engineer",
    "data_protection_officer",
    "system_administrator",
)


@pytest.fixture
def samples(sqlite_database: Any, templates: Any) -> dict[str, Any]:
    return told_week.lay_out(sqlite_database, templates)


@pytest.fixture
def routes(samples: dict[str, Any]) -> list[inventory.Route]:
    from personnel.people_views import ACTS

    found = inventory.routes(samples)
    one = next(route for route in found if route.name == "personnel:act")
    acts = (inventory.Route(one.name, one.path.replace("/close/", f"/{a}/")) for a in ACTS)
    return [*found, *(route for route in acts if route != one)]


def ask(method: str, path: str, data: Any = None, *, role: str = "") -> Any:
    """Send one request as somebody of a role, or as nobody, from a browser as good as fresh."""
    client = as_fresh(role) if role else Client(raise_request_exception=False)
    return client.post(path, data) if data and method == "POST" else client.generic(method, path)


def offered(routes: list[inventory.Route], role: str) -> list[inventory.Route]:
    """The addresses that can answer a role otherwise than the door would.

    The admin site's let administrators alone in; one other role tries that its door is shut.
    """
    if role in ("system_administrator", "supervisor"):
        return routes
    return [route for route in routes if not route.path.startswith("/admin/")]


def let_in(routes: list[inventory.Route], method: str) -> set[str]:
    """The addresses that let a stranger do more than come to the door."""
    found = set()
    for route in routes:
        response = ask(method, route.path)
        to_the_door = response.status_code == 302 and response["Location"].startswith(DOORS)
        if not to_the_door and response.status_code not in {401, 403, 405}:
            found.add(route.name)
    return found


def silent(
    routes: list[inventory.Route], method: str, role: str, data: Any = None
) -> dict[str, set[str]]:
    """The addresses that wrote something in a transaction without an event, and what."""
    found = {}
    for route in routes:
        with watching() as watch:
            response = ask(method, route.path, data, role=role)
        assert response.status_code < 500, (method, route, response.status_code)
        if watch.without_event():
            found[f"{method} {route.path}"] = watch.without_event()
    return found


def events_after(before: int) -> Iterator[Any]:
    rows = Event.objects.order_by("recorded_at", "id")[before:]
    return (store.event(row.id) for row in rows)


def test_the_walk_finds_the_addresses_that_everybody_knows(routes):
    names = {route.name for route in routes}
    assert {"health", "personnel:sign_in", "equipment:make_entry", "ledger:trail"} <= names
    assert {"admin:index", "ledger:api_trail", "personnel:act", "batches:perform"} <= names
    assert len(routes) > 100
    paths = {route.path for route in routes}
    assert {"/equipment/CF-02/entries/1/", "/people/p-7f3k2/grant/"} <= paths
    for path in paths:
        resolve(path)


def test_the_walk_comes_to_things_that_exist(routes):
    """Given the week, when each address is opened by every role, then somebody finds a page.

    Otherwise nothing would be proved by its changing nothing.
    """
    lost = {route.name: route for route in routes if route.name not in ELSEWHERE}
    for role in ("supervisor", "qa_reviewer", "system_administrator"):
        for name, route in list(lost.items()):
            if ask("GET", route.path, role=role).status_code != 404:
                del lost[name]
    assert [f"{route.name} {route.path}" for route in lost.values()] == []


@pytest.mark.parametrize("method", inventory.METHODS)
def test_r3_who_has_not_signed_in_is_refused_everywhere_but_at_the_door(routes, method):
    """P11-10d: given every address, when nobody asks, then the door or a no; nothing changes."""
    before = inventory.content()
    assert let_in(routes, method) <= OPEN
    if method not in ("GET", "HEAD"):  # the door alone takes what a stranger sends, and tells of it
        doors = [route for route in routes if route.name in OPEN]
        assert silent(doors, method, "", JUNK) == {}
    changes = inventory.changed(before, inventory.content())
    assert not changes or (method == "POST" and "ledger_event" in changes)


@pytest.mark.parametrize("role", ROLES)
def test_r3_looking_changes_nothing(routes, role):
    """Given every address, when it is only looked at, then no table is other than before."""
    before = inventory.content()
    for method in ("GET", "HEAD") if role == "supervisor" else ("GET",):
        assert silent(offered(routes, role), method, role) == {}
    assert inventory.changed(before, inventory.content()) == set()


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
@pytest.mark.parametrize("role", SENDERS)
def test_r3_nothing_changes_without_an_event(routes, role, filled):
    """Given every address, when something is sent there, then what changed has its event,
    in the same transaction."""
    count = Event.objects.count()
    assert silent(offered(routes, role), "POST", role, JUNK if filled else None) == {}
    left = {event.type for event in events_after(count)}
    assert len(left - {"ledger.refused"}) >= (3 if filled else 1), "or the walk proves little"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_r3_no_other_method_changes_anything(routes, method):
    """Given every address, when something else is sent there by who may do most in its room, then
    no table is other than before."""
    before = inventory.content()
    ours = offered(routes, "")
    assert silent(ours, method, "supervisor") == {}
    theirs = [route for route in routes if route not in ours]
    assert silent(theirs, method, "system_administrator") == {}
    assert inventory.changed(before, inventory.content()) == set()


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "filled"])
def test_r3_an_inspector_is_refused_every_write_on_every_route(routes, filled):
    """Given an inspector, when anything is sent anywhere, then only the refusal is written."""
    count, before = Event.objects.count(), inventory.content()
    for route in routes:
        for method in ("POST",) if filled else ("POST", "PUT", "PATCH", "DELETE"):
            data = JUNK if filled else None
            response = ask(method, route.path, data, role="inspector")
            assert response.status_code < 500, route
            now = Event.objects.count()
            if now > count:
                left = {event.type for event in events_after(count)}
                assert left <= GUESTS, (method, route, left)
            count = now
    rows = {t for t in inventory.changed(before, inventory.content()) if t[:7] != "ledger_"}
    assert rows <= {"personnel_session", "personnel_account_state", "personnel_sign_in_failure"}


def test_r3_no_admin_page_writes(samples):
    """R1: given every table's window, the administrator may look and nothing else."""
    from personnel.models import Account

    administrator = Account.objects.get(role="system_administrator")
    request = type("Request", (), {"user": administrator})()
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
    "batches.watch_hold_times": set(),
    "config.clear_sessions": set(),
    "ledger.clean_bundles": set(),
    "ledger.run_followers": {"ledger_cursor"},
}


def silent_tasks(tasks: dict[str, Any]) -> dict[str, set[str]]:
    """The tasks that left more than they may, without an event."""
    found = {}
    for name, task in tasks.items():
        with watching() as watch:
            task.apply(throw=True)
        if excess := watch.without_event() - TASKS.get(name, set()):
            found[name] = excess
    return found


def test_r3_every_background_task_is_known_and_leaves_only_its_place(samples):
    from config.celery import app

    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert set(ours) == set(TASKS), "a new task says here what it may change"
    assert silent_tasks(ours) == {}
