"""Nonsense in every form of the batches' pages: no server error, nothing typed is lost, and every
refusal is on the trail."""

from __future__ import annotations

import html
import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from django.test import Client

from batches.limits import ParameterKind
from ledger import command
from ledger.event import Refused
from ledger.models import Event
from personnel.models import Account
from tests.batches import every_kind, making, nonsense
from tests.batches.conftest import Desk, open_accounts
from tests.pages import inventory
from tests.personnel import signers

SIGNERS = ("helena", "dario", "marta", "ingrid", "pavel")
SAMPLES = {
    "number": making.BATCH, "batch": making.BATCH, "step": "1", "version": "1", "hold": "1",
    "exception": "1", "recipes:number": "MBR-019", "key": "number", "int": "1",
}  # fmt: skip


@pytest.fixture
def floor(sqlite_database: Any) -> Desk:
    """A batch in which a step of every kind is due, and people who sign with keys of their own."""
    open_accounts()
    desk = Desk()
    for name in SIGNERS:
        desk.enrol(name, by="dario" if name == "helena" else "helena")
    every_kind.furnish(desk.as_signed)
    return desk


class Fuzz:
    """Sends forms and keeps what came of it."""

    def __init__(self, desk: Desk, dice: Random, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk, self.dice = desk, dice
        self.codes: Counter[int] = Counter()
        self.faults: list[str] = []
        self.noes: list[str] = []
        real = command._refuse

        def refuse(call: Any, refused: Refused) -> Any:
            self.noes.append(refused.code)
            return real(call, refused)

        monkeypatch.setattr(command, "_refuse", refuse)

    def browser(self, name: str) -> Client:
        browser = self.desk.at(name)
        browser.raise_request_exception = False
        return browser

    def page(self, name: str, address: str) -> list[nonsense.Form]:
        """The forms of a page; what cannot be opened is looked at all the same."""
        answer = self.browser(name).get(address)
        self._look(answer, f"GET {address}")
        if answer.status_code != 200 or "text/html" not in answer.get("Content-Type", ""):
            return []
        return nonsense.forms(answer.content.decode(), address)

    def send(self, name: str, form: nonsense.Form) -> None:
        """Send it once, and look whether what was typed came back with a no."""
        sent = form.filled(self.dice)
        if "signing_pin" in form.fields or "signing_name" in form.fields:
            sent |= signers.fields(self.desk.account(name)) if self.dice.random() < 0.7 else {}
        answer = self.browser(name).post(form.action, sent)
        self._look(answer, f"POST {form.action} {sent}")
        if answer.status_code == 422:
            page = answer.content.decode()
            lost = [
                word for field, word in sent.items()
                if field in form.typed and not field.startswith("signing_")
                and not _stands(page, word) and not _is_on_record(word)
            ]  # fmt: skip
            if lost:
                self.faults.append(f"{form.action} lost {lost[:3]}")

    def _look(self, answer: Any, what: str) -> None:
        self.codes[answer.status_code] += 1
        if answer.status_code >= 500:
            self.faults.append(f"{answer.status_code} {what[:600]}")


def _stands(page: str, word: str) -> bool:
    """Whether every word of what was typed is still on the page, as a browser would read it: a
    number and its unit may come back in the fields that each belongs in."""
    shown = html.unescape(page)
    return all(part in shown for part in word.split())


def _is_on_record(word: str) -> bool:
    """Whether it was recorded before the no: a value stays, whatever became of the signature."""
    newest = Event.objects.exclude(type="ledger.refused").order_by("-id")[:6]
    wanted = json.dumps(word.strip(), ensure_ascii=False)[1:-1].encode()
    return any(wanted in bytes(event.body) for event in newest)


def refusals() -> int:
    return Event.objects.filter(type="ledger.refused").count()


def test_every_step_kinds_form_takes_nonsense_and_loses_none_of_it(floor, monkeypatch):
    """Given a due step of each kind, when nonsense is typed into its form, then no answer is a
    server error, a no brings back what was typed, and each refusal is on the trail."""
    fuzz, before = Fuzz(floor, Random(421), monkeypatch), refusals()
    sent = 0
    for number, kind in enumerate(ParameterKind, start=1):
        address = f"/batches/{making.BATCH}/steps/{number}/"
        for _time in range(8):
            for form in fuzz.page("marta", address):
                if f"/{making.BATCH}/" in form.action:
                    fuzz.send("marta", form)
                    sent += 1
        assert sent, f"the card of a {kind} has no form"
    print(dict(fuzz.codes), Counter(fuzz.noes).most_common(12))
    assert not fuzz.faults, "\n".join(fuzz.faults[:10])
    assert refusals() - before == len(fuzz.noes)
    assert fuzz.codes[422] > 20


def test_every_page_of_the_batches_room_takes_nonsense(floor, monkeypatch):
    """Given each address of the room, when its forms, and its address itself, get nonsense from
    people of several roles, then no answer is a server error and each refusal is on the trail."""
    fuzz, before = Fuzz(floor, Random(7), monkeypatch), refusals()
    addresses = [
        route.path for route in inventory.routes(SAMPLES) if route.path.startswith("/batches/")
    ]
    assert len(addresses) > 60
    assert Account.objects.filter(username__in=SIGNERS).count() == len(SIGNERS)
    for address in addresses:
        for name in ("dario", "helena", "marta"):
            known = fuzz.page(name, address)
            for form in [one for one in known if one.action.startswith("/batches/")][:4]:
                fuzz.send(name, form)
        blind = nonsense.Form(address, "post", typed={"reason", "text", "batch", "seen"})
        answer = fuzz.browser("dario").post(address, blind.filled(fuzz.dice))
        fuzz._look(answer, f"POST {address}")
    print(dict(fuzz.codes), Counter(fuzz.noes).most_common(12))
    assert not fuzz.faults, "\n".join(fuzz.faults[:10])
    assert refusals() - before == len(fuzz.noes)
