"""R3: the walk can fail: a view, a command and a task that break the rule are found."""

from typing import Any

import pytest
from celery import Celery
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path

from ledger.command import Act, command, commands
from ledger.event import Actor, Refused
from personnel.models import Name, Terminal
from tests.pages import inventory
from tests.pages.test_inventory import let_in, samples, silent, silent_tasks  # noqa: F401
from tests.pages.watching import watching
from tests.personnel.test_matrix import MATRIX

NEW = {"name": "Planted", "room": "Nowhere"}


def writes(request: HttpRequest) -> HttpResponse:
    """A view that changes a row, and no event tells of it."""
    Terminal.objects.filter(terminal="t-k4r2m").update(room="Nowhere")
    Terminal.objects.update_or_create(terminal="t-bad22", defaults={**NEW, **_times()})
    return HttpResponse("done")


@login_not_required
def stands_open(request: HttpRequest) -> HttpResponse:
    """A view that answers whoever comes."""
    return HttpResponse("come in")


def writes_twice(request: HttpRequest) -> HttpResponse:
    """A view whose event is committed in another transaction than what it changed."""
    from personnel import commands as personnel
    from personnel.models import Account

    with transaction.atomic():
        Name.objects.filter(person="p-7f3k2").update(printed_name="Somebody Else")
    account = Account.objects.get(person="p-7f3k2")
    personnel.change_password(
        account=account.pk, verifier="!", reason="Forgotten", actor=personnel.console()
    )
    return HttpResponse("done")


def rolls_back(request: HttpRequest) -> HttpResponse:
    """A view that changes its mind: nothing is committed."""
    with transaction.atomic():
        Terminal.objects.filter(terminal="t-k4r2m").update(room="Nowhere")
        transaction.set_rollback(True)
    return HttpResponse("nothing")


def _times() -> dict[str, Any]:
    from ledger import clock

    return {"registered_at": clock.now()}


urlpatterns = [
    path("", include("config.urls")),
    path("planted/writes/", writes, name="planted_writes"),
    path("planted/open/", stands_open, name="planted_open"),
    path("planted/twice/", writes_twice, name="planted_twice"),
    path("planted/rolls-back/", rolls_back, name="planted_rolls_back"),
]


@pytest.fixture
def planted(samples: dict[str, Any]) -> list[inventory.Route]:  # noqa: F811
    with override_settings(ROOT_URLCONF=__name__):
        yield [route for route in inventory.routes(samples) if "planted" in route.name]


@pytest.mark.tampers
def test_r3_a_view_that_writes_without_an_event_is_found(planted):
    assert silent(planted, "GET", "operator") == {
        "GET /planted/writes/": {"personnel_terminal"},
        "GET /planted/twice/": {"personnel_name"},
    }


def test_r3_a_view_that_stands_open_is_found(planted):
    assert let_in(planted, "GET") == {"planted_open"}


@pytest.mark.tampers
def test_r3_a_task_that_writes_without_an_event_is_found(samples):  # noqa: F811
    app = Celery("planted")

    @app.task(name="planted.write", shared=False)
    def write() -> None:
        Terminal.objects.filter(terminal="t-k4r2m").update(room="Nowhere")

    @app.task(name="planted.look", shared=False)
    def look() -> None:
        Terminal.objects.count()

    tasks = {"planted.write": write, "planted.look": look}
    assert silent_tasks(tasks) == {"planted.write": {"personnel_terminal"}}


def test_r3_a_command_that_records_nothing_leaves_nothing(samples):  # noqa: F811
    """Given a command that changes a row and forgets its event, when asked, then it is refused
    and the row is what it was; and it is missing from the matrix."""

    @command("planted.forgets", role=("operator",))
    def forgets(act: Act, *, room: str) -> None:
        Terminal.objects.filter(terminal="t-k4r2m").update(room=room)

    try:
        before = Terminal.objects.get(terminal="t-k4r2m").room
        operator = Actor(person="p-7f3k2", role="operator", terminal="t-k4r2m")
        with watching() as watch, pytest.raises(Refused) as no:
            forgets(room="Nowhere", actor=operator)
        assert no.value.code == "nothing"
        assert Terminal.objects.get(terminal="t-k4r2m").room == before
        assert watch.without_event() == set()
        assert set(commands()) - set(MATRIX) >= {"planted.forgets"}
    finally:
        del commands()["planted.forgets"]
