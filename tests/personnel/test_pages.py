"""The sign-in page: who comes in, who does not, and what the trail keeps of it."""

import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from django.urls import reverse

from ledger import store
from ledger.models import Event
from personnel import session
from personnel.models import Account
from tests.personnel.conftest import PASSWORD

SIGN_IN = "/sign-in/"


def events(type: str) -> list:
    return [store.event(row.id) for row in Event.objects.filter(type=type).order_by("recorded_at")]


@pytest.fixture
def operator(open_account):
    return open_account("operator", username="maria", printed_name="María Pérez")


def sign_in(client: Client, **fields: str):
    return client.post(SIGN_IN, {"username": "maria", "password": PASSWORD} | fields)


def test_r3_coming_and_going_is_on_the_trail(operator, client):
    assert client.get(SIGN_IN).status_code == 200
    response = sign_in(client)
    assert (response.status_code, response.url) == (302, reverse("ledger:home"))
    (came,) = events("personnel.signed_in")
    assert came.data.account == operator.pk
    assert (came.actor.person, came.actor.role) == (operator.person, "operator")
    assert re.fullmatch(r"t-[a-z0-9]{8}", came.actor.terminal)
    assert client.get(reverse("equipment:home")).status_code == 200
    response = client.post(reverse("personnel:sign_out"))
    assert response.url == SIGN_IN
    (went,) = events("personnel.signed_out")
    assert (went.stream_id, went.version) == (came.stream_id, 2)
    assert went.actor == came.actor
    assert client.get(reverse("equipment:home")).status_code == 302


@pytest.mark.parametrize(
    ("fields", "account", "why"),
    [
        ({"password": "hunter2 hunter2"}, "operator", "wrong password"),
        ({"username": "hunter2 hunter2"}, "unknown", "unknown name"),
    ],
)
def test_r3_a_refused_sign_in_is_kept_without_what_was_typed(
    operator, client, fields, account, why
):
    response = sign_in(client, **fields)
    assert response.status_code == 422
    assert "do not open an account" in response.content.decode()
    assert f'value="{fields.get("username", "maria")}"' in response.content.decode(), (
        "what was typed stays"
    )
    (refused,) = events("personnel.sign_in_refused")
    assert refused.data.account == (operator.pk if account == "operator" else "unknown")
    assert refused.data.why == why
    assert refused.actor.role == "door"
    for body in Event.objects.values_list("body", flat=True):
        assert b"hunter2" not in bytes(body)
    assert not events("personnel.signed_in")


def test_a_closed_account_does_not_open(operator, client):
    Account.objects.filter(pk=operator.pk).update(is_active=False)
    assert sign_in(client).status_code == 422
    (refused,) = events("personnel.sign_in_refused")
    assert refused.data.why == "account closed"


def no_room(monkeypatch) -> None:
    """From here on the database's disk is full."""

    def insert(*_given: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(store, "_insert", insert)


@pytest.mark.parametrize("password", [PASSWORD, "hunter2 hunter2"])
def test_a_sign_in_that_cannot_be_recorded_is_a_sentence(operator, client, monkeypatch, password):
    """Given a full disk, then nobody comes in, right or wrong, and the page says what to do."""
    no_room(monkeypatch)
    response = sign_in(client, password=password)
    assert response.status_code == 503
    assert "disk is full" in response.content.decode()
    assert 'value="maria"' in response.content.decode(), "what was typed stays"
    assert client.get(reverse("equipment:home")).status_code == 302


def test_a_demo_sign_in_that_cannot_be_recorded_is_a_sentence(open_account, client, monkeypatch):
    person = open_account("operator", username="demo.one", printed_name="Demo One", is_demo=True)
    no_room(monkeypatch)
    with override_settings(DEMO=True):
        response = client.post("/sign-in/demo/", {"account": person.pk})
        assert response.status_code == 503
        assert "disk is full" in response.content.decode()
        assert "Demo One" in response.content.decode()
    assert client.get(reverse("equipment:home")).status_code == 302


def test_a_sign_in_that_is_refused_for_another_cause_is_a_sentence(operator, client, monkeypatch):
    """Given an account that is closed between the password and the record, then it is told."""

    def closed(*_given: Any, **_more: Any) -> None:
        Account.objects.filter(pk=operator.pk).update(is_active=False)
        return operator

    monkeypatch.setattr("personnel.views.auth.authenticate", closed)
    response = sign_in(client)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_who_signs_out_unrecorded_is_out_and_reads_that_the_trail_lacks_it(
    operator, client, monkeypatch
):
    """Given a full disk, when somebody leaves, then the terminal is free and the page says both."""
    sign_in(client)
    no_room(monkeypatch)
    response = client.post(reverse("personnel:sign_out"))
    page = response.content.decode()
    assert response.status_code == 503
    assert "You are signed out, but the trail may not show it." in page
    assert "disk is full" in page
    assert client.get(reverse("equipment:home")).status_code == 302
    assert not events("personnel.signed_out")


def test_an_empty_form_says_what_is_missing(operator, client):
    response = client.post(SIGN_IN, {})
    assert response.status_code == 422
    assert response.content.decode().count("This field is required.") == 2


def test_the_terminal_keeps_its_name_and_cannot_take_another(operator, client):
    sign_in(client)
    client.post(reverse("personnel:sign_out"))
    sign_in(client)
    first, second = events("personnel.signed_in")
    assert first.actor.terminal == second.actor.terminal
    client.post(reverse("personnel:sign_out"))
    client.cookies[session.COOKIE] = "t-stole:" + client.cookies[session.COOKIE].value
    sign_in(client)
    third = events("personnel.signed_in")[-1]
    assert third.actor.terminal not in {"t-stole", first.actor.terminal}


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [("/equipment/", "/equipment/"), ("https://evil.example/", None), ("//evil.example", None)],
)
def test_the_page_asked_for_comes_after_the_door_but_no_other_site(operator, client, wanted, goes):
    response = sign_in(client, next=wanted)
    assert response.url == (goes or reverse("ledger:home"))
    assert client.get(SIGN_IN).status_code == 302, "who is in does not sign in again"


def test_only_a_demo_offers_its_people_with_one_click(open_account, client):
    person = open_account("operator", username="demo.one", printed_name="Demo One", is_demo=True)
    real = open_account("supervisor", username="real.one")
    assert "Demo One" not in client.get(SIGN_IN).content.decode()
    assert client.post("/sign-in/demo/", {"account": person.pk}).status_code == 404
    with override_settings(DEMO=True):
        page = client.get(SIGN_IN).content.decode()
        assert "Demo One" in page
        assert "This is a demonstration" in page
        assert real.printed_name not in page.replace("Demo One", "")
        assert client.post("/sign-in/demo/", {"account": real.pk}).status_code == 404
        assert client.post("/sign-in/demo/", {"account": person.pk}).status_code == 302
    (came,) = events("personnel.signed_in")
    assert came.data.account == person.pk


def test_nobody_gets_past_the_door_without_signing_in(database, client):
    for name in ("equipment:home", "equipment:register", "ledger:home"):
        response = client.get(reverse(name))
        assert response.status_code == 302, name
        assert response.url.startswith(SIGN_IN)
    assert client.get("/health/").status_code == 200


def test_a_request_from_elsewhere_is_refused(operator):
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403
    assert not events("personnel.signed_in")


def test_r3_the_admin_site_has_no_door_of_its_own(operator, open_account, client):
    response = client.get("/admin/login/?next=/admin/")
    assert response.url == f"{SIGN_IN}?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "maria"}).status_code == 405
    sign_in(client)
    assert client.get("/admin/password_change/").status_code == 404
    assert client.post("/admin/password_change/", {}).status_code == 404
    refused = client.get("/admin/", follow=True)
    assert refused.status_code == 403, "an operator has no business there"
    client.post("/admin/logout/")
    assert len(events("personnel.signed_out")) == 1


def test_a_closed_account_can_still_leave(operator, client):
    sign_in(client)
    Account.objects.filter(pk=operator.pk).update(is_active=False)
    response = client.post(reverse("personnel:sign_out"))
    assert response.status_code == 302


def test_r3_the_admin_site_is_a_window(operator, open_account, client):
    """R1, R3: the administrator looks at accounts and changes none of them there."""
    open_account("system_administrator", username="root.admin")
    sign_in(client, username="root.admin")
    listed = client.get("/admin/personnel/account/")
    assert operator.pk in listed.content.decode()
    page = client.get(f"/admin/personnel/account/{operator.pk}/change/")
    assert page.status_code == 200
    assert operator.password not in page.content.decode()
    before = list(Account.objects.order_by("pk").values_list())
    posts = {
        "/admin/personnel/account/add/": {"id": "a-22222", "username": "x", "role": "operator"},
        f"/admin/personnel/account/{operator.pk}/change/": {"role": "supervisor"},
        f"/admin/personnel/account/{operator.pk}/delete/": {"post": "yes"},
        "/admin/equipment/register/CF-02/delete/": {"post": "yes"},
    }
    for address, values in posts.items():
        assert client.post(address, values).status_code in {302, 403}, address
    chosen = {"action": "delete_selected", "_selected_action": operator.pk}
    client.post("/admin/personnel/account/", chosen)
    assert before == list(Account.objects.order_by("pk").values_list())
