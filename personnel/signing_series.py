"""A continuous series of signatures (21 CFR 11.200): begun by all components, carried on by PIN.

It belongs to one session, person, role, terminal and key, ends after ten idle minutes or three
wrong PINs, and its copy of the key opens only with a secret that the terminal's cookie holds.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from ledger import clock, ports
from ledger.event import Actor
from personnel import keys
from personnel.models.signing import SigningSeries, SigningTries

COOKIE = "lotbook_series"
IDLE = timedelta(minutes=10)
WRONG_PINS = 3
WRONG_SECRETS = 5
PAUSE = timedelta(minutes=15)  # after so many wrong signing secrets in a row


_COUNT = (
    "UPDATE personnel_signingseries SET wrong = wrong + 1 WHERE session = %s AND person = %s"
    " AND role = %s AND terminal = %s AND wrong < %s AND used_at > %s RETURNING *"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a series may run: one session of one person in one role at one terminal."""

    session: str
    actor: Actor
    terminal: bytes = field(repr=False)  # the cookie's secret; empty where there is none

    def bound_to(self) -> str:
        return f"{self.session} {self.actor.role} {self.actor.terminal}"


def place_of(request: HttpRequest, actor: Actor) -> Place:
    """The place of a request."""
    key = request.session.session_key or ""
    session = sha256(f"lotbook.series {key}".encode()).hexdigest() if key else ""
    return Place(session, actor, _terminal(request))


def running(place: Place) -> SigningSeries | None:
    """The series that goes on here, if one does."""
    if not place.session or not place.terminal:
        return None
    return SigningSeries.objects.filter(
        session=place.session,
        person=place.actor.person,
        role=place.actor.role,
        terminal=place.actor.terminal,
        wrong__lt=WRONG_PINS,
        used_at__gt=clock.now() - IDLE,
    ).first()


def open_by_pin(place: Place, pin: str) -> keys.Opened | int | None:
    """The key, or how many wrong PINs there have been; None where no series goes on here."""
    series = _counted(place)
    if series is None:
        return None
    mine = SigningSeries.objects.filter(session=series.session)
    try:
        opened = keys.open_copy(
            bytes(series.copy),
            key=series.key,
            person=series.person,
            pin=pin,
            terminal=place.terminal,
            bound_to=place.bound_to(),
        )
    except keys.WrongSecret:
        wrong = mine.values_list("wrong", flat=True).first() or WRONG_PINS
        if wrong >= WRONG_PINS:
            mine.delete()
        return wrong
    mine.update(wrong=0)
    return opened


def _counted(place: Place) -> SigningSeries | None:
    """The series that goes on here, with one try more: counted before it is judged."""
    if not place.session or not place.terminal:
        return None
    actor, since = place.actor, connection.ops.adapt_datetimefield_value(clock.now() - IDLE)
    where = [place.session, actor.person, actor.role, actor.terminal, WRONG_PINS, since]
    found = SigningSeries.objects.raw(_COUNT, where)
    return next(iter(found), None)


def begin(place: Place, opened: keys.Opened, request: HttpRequest) -> None:
    """Begin a series, in the transaction that records its first signature."""
    if not place.session:
        return
    SigningSeries.objects.filter(used_at__lte=clock.now() - IDLE).delete()  # anybody's, too old
    terminal = os.urandom(keys.TERMINAL)
    SigningSeries.objects.update_or_create(
        session=place.session,
        defaults={
            "person": place.actor.person,
            "role": place.actor.role,
            "terminal": place.actor.terminal,
            "key": opened.key,
            "copy": keys.copy_for_series(opened, terminal=terminal, bound_to=place.bound_to()),
            "used_at": clock.now(),
            "wrong": 0,
        },
    )
    request.__dict__["signing_terminal"] = base64.urlsafe_b64encode(terminal).decode("ascii")


def carry_on(place: Place) -> None:
    """One more signature of the series."""
    SigningSeries.objects.filter(session=place.session).update(used_at=clock.now())


def end(person: str) -> None:
    """End every series of a person: locked, signed out, another role, another terminal."""
    SigningSeries.objects.filter(person=person).delete()


def try_secret(person: str) -> int:
    """Count a try of a signing secret before it is judged; 0 while the person must wait."""
    now = clock.now()
    with transaction.atomic():
        SigningTries.objects.get_or_create(person=person, defaults={"last_at": now})
        mine = SigningTries.objects.filter(person=person)
        mine.filter(last_at__lte=now - PAUSE).update(wrong=0)
        if not mine.filter(wrong__lt=WRONG_SECRETS).update(wrong=F("wrong") + 1, last_at=now):
            return 0
        return mine.values_list("wrong", flat=True)[0]


def secret_was_right(person: str) -> None:
    SigningTries.objects.filter(person=person).update(wrong=0)


def _terminal(request: HttpRequest) -> bytes:
    try:
        secret = base64.urlsafe_b64decode(request.COOKIES.get(COOKIE, ""))
    except (binascii.Error, ValueError):
        return b""
    return secret if len(secret) == keys.TERMINAL else b""


class SeriesCookie:
    """Leaves the terminal's half of a series in the browser, where no script can read it.

    Where a command wants a passkey asked, the browser gets the question as its answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        begun = request.__dict__.get("signing_terminal")
        if begun is not None:
            response.set_cookie(
                COOKIE,
                begun,
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Strict",
            )
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A passkey is to be asked: nothing is recorded yet, and what would be waits."""
        if not isinstance(error, ports.SignatureWanted):
            return None
        from personnel import passkeys

        return passkeys.prepare(request, request.__dict__["signing_asks"], error)
