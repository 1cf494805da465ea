"""Signing, for every room: the fields to show, the credentials to pass on, the ledger's signer.

A room writes `{% include "components/sign.html" with meaning="performed" %}` into its form and
passes `signature=signing.credentials(request)` to a command declared with `signature=Meaning.X`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest

from ledger import ports
from ledger.event import Actor, Refused
from ledger.event import marked as _
from ledger.ports import SignatureValue
from personnel import keys, passkeys, queries, signing_commands, signing_key, signing_series
from personnel.models import Account
from personnel.models.signing import PolicyRead, SigningKey, WrappedKey
from personnel.roles import DOOR
from personnel.session import actor_of
from personnel.signing_forms import SignatureForm

__all__ = [
    "Credentials",
    "OwnKeys",
    "SignatureForm",
    "StandingKey",
    "credentials",
    "hindrance",
    "standing_key",
    "with_secret",
]


@dataclass(frozen=True, slots=True)
class Credentials(ports.Credential):
    """What a person gave to sign with: an opened key, or why it stays shut. Never an exception,
    so that the command is asked, refuses, and the refusal is on the trail."""

    person: str
    opened: keys.Opened | None = field(default=None, repr=False)
    refusal: Refused | None = None
    signed: Callable[[], None] | None = field(default=None, repr=False)
    passkey: bool = False  # the passkey has yet to be asked about what it signs
    answer: passkeys.Answer | None = field(default=None, repr=False)


def credentials(request: HttpRequest) -> Credentials:
    """The credentials that came with a request's form, for `signature=` of one command."""
    actor = actor_of(request)
    form = SignatureForm(request.POST)
    form.is_valid()
    name, secret, pin = (
        form.cleaned_data.get(f"signing_{part}") or "" for part in ("name", "secret", "pin")
    )
    place = signing_series.place_of(request, actor)
    tried = signing_series.open_by_pin(place, pin) if pin and not secret else None
    if tried is not None:  # that the key still stands is asked where it signs
        return _by_pin(actor, place, tried)
    own = standing_key(actor.person)
    if own.refusal is not None:
        return Credentials(actor.person, refusal=own.refusal)
    if own.passkey:
        return _by_passkey(request, actor)
    if secret:
        found = with_secret(actor, name=name, secret=secret)
        if found.opened is None:
            return found
        opened = found.opened
        return Credentials(
            actor.person, opened, signed=lambda: signing_series.begin(place, opened, request)
        )
    if pin or signing_series.running(place) is None:
        return Credentials(actor.person, refusal=_all_components())
    return Credentials(actor.person, refusal=Refused(_("Sign with your PIN."), code="pin_missing"))


def with_secret(actor: Actor, *, name: str, secret: str) -> Credentials:
    """All components: the sign-in name and the signing secret. Opens no series."""
    person = actor.person
    row = WrappedKey.objects.filter(person=person).first()
    if row is None:
        return Credentials(person, refusal=hindrance(person) or _no_key())
    tries = signing_series.try_secret(person)
    if not tries:
        return Credentials(person, refusal=_must_wait())
    owns = Account.objects.filter(person=person, username=name, is_active=True).exists()
    try:
        if not owns:
            raise keys.WrongSecret
        opened = keys.unwrap(row.wrapped, key=row.key, person=person, secret=secret)
    except keys.WrongSecret:
        if tries >= signing_series.WRONG_SECRETS:
            untold = _alert(actor, signing_key.SECRET, tries)
            return Credentials(person, refusal=untold or _must_wait())
        return Credentials(
            person,
            refusal=Refused(
                _("This sign-in name and signing secret do not open your key. Type both again."),
                code="secret",
            ),
        )
    signing_series.secret_was_right(person)
    return Credentials(person, opened)


def _by_passkey(request: HttpRequest, actor: Actor) -> Credentials:
    """Asked first (`signing_phase`), or answering a statement that was prepared before."""
    if request.POST.get("signing_phase") == "prepare":
        request.__dict__["signing_asks"] = actor
        return Credentials(actor.person, passkey=True)
    prepared = request.POST.get("signing_prepared", "")
    if not prepared:
        refusal = Refused(_("Sign with your passkey."), code="passkey_missing")
        return Credentials(actor.person, refusal=refusal)
    try:
        answer = passkeys.answer(
            request, actor, prepared=prepared, assertion=request.POST.get("signing_assertion", "")
        )
    except Refused as refused:
        return Credentials(actor.person, refusal=refused)
    return Credentials(actor.person, answer=answer, prepared=answer.prepared)


def _by_pin(actor: Actor, place: signing_series.Place, found: keys.Opened | int) -> Credentials:
    if isinstance(found, keys.Opened):
        return Credentials(actor.person, found, signed=lambda: signing_series.carry_on(place))
    if found < signing_series.WRONG_PINS:
        left = signing_series.WRONG_PINS - found
        refusal = Refused(
            _("This PIN does not open your key. Tries left in this series: {left}."),
            left=left,
            code="pin",
        )
        return Credentials(actor.person, refusal=refusal)
    untold = _alert(actor, signing_key.PIN, found)
    return Credentials(actor.person, refusal=untold or _series_over())


@dataclass(frozen=True, slots=True)
class StandingKey:
    """The key that a person signs with now, or why they cannot sign."""

    key: str = ""
    passkey: bool = False
    refusal: Refused | None = None


def standing_key(person: str) -> StandingKey:
    """How a person signs now, read at once."""
    own = SigningKey.objects.filter(person=OuterRef("person"), withdrawn_at=None)
    read = PolicyRead.objects.filter(person=OuterRef("person"))
    row: Any = (
        queries.signers(person)
        .annotate(
            key=Subquery(own.values("key")[:1]),
            algorithm=Subquery(own.values("algorithm")[:1]),
            confirmed_at=Subquery(own.values("confirmed_at")[:1]),
            policy_sha256=Subquery(read.values("policy_sha256")[:1]),
        )
        .first()
    )
    refusal = _hindrance(row)
    if refusal is not None:
        return StandingKey(refusal=refusal)
    return StandingKey(row.key, passkey=row.algorithm != keys.ED25519)


def hindrance(person: str) -> Refused | None:
    """Why this person cannot sign at all just now, whatever they type."""
    return standing_key(person).refusal


def _hindrance(row: Any) -> Refused | None:
    why = queries.why_not_sign(row)
    if why:
        return Refused("{sentence}", sentence=why, code="may_not_sign")
    if row.key is None:
        return _no_key()
    if row.confirmed_at is None:
        return Refused(
            _("Your signing key {key} waits for a second person, who confirms that it is yours."),
            key=row.key,
            code="key_unconfirmed",
        )
    if row.policy_sha256 != signing_commands.policy().sha256:
        return Refused(
            _("The signature policy has a new version. Acknowledge it under “My signature”."),
            code="policy_unread",
        )
    return None


class OwnKeys:
    """The ledger's signer: each person signs with the key that their own secret opened."""

    def printed_name(self, person: str) -> str:
        """The name that stands in the signature."""
        name = ports.printed_names([person]).get(person, "")
        if not name:
            raise Refused(
                _("{person} has no printed name, so no signature can bear it."),
                person=person,
                code="no_printed_name",
            )
        return name

    def key_of(self, person: str) -> str:
        """The id of the one key that the person signs with now."""
        own = standing_key(person)
        if own.refusal is not None:
            raise own.refusal
        return own.key

    def sign(self, actor: Actor, statement: bytes, secret: object) -> SignatureValue:
        """The signature. The key's row is held to the commit: no withdrawal overtakes it."""
        if not isinstance(secret, Credentials) or secret.person != actor.person:
            raise Refused(_("This needs your own signature. Sign it."), code="unsigned")
        if secret.refusal is not None:
            raise secret.refusal
        if secret.passkey:
            raise ports.SignatureWanted(statement)
        if secret.answer is not None:
            return self._answered(actor, statement, secret.answer)
        if secret.opened is None or not _stands(secret.opened.key, actor.person):
            raise _no_key()
        made = SignatureValue(keys.ED25519, secret.opened.sign(statement))
        if secret.signed is not None:
            secret.signed()
        return made

    def _answered(self, actor: Actor, statement: bytes, answer: passkeys.Answer) -> SignatureValue:
        if statement != answer.statement:
            raise Refused(
                _("What you were to sign has changed meanwhile. Look at it and sign anew."),
                code="changed",
            )
        if not _stands(self.key_of(actor.person), actor.person):
            raise _no_key()
        return answer.made


def _stands(key: str, person: str) -> bool:
    found = (
        "SELECT 1 FROM personnel_signingkey WHERE key = %s AND person = %s"
        " AND confirmed_at IS NOT NULL AND withdrawn_at IS NULL"
    )
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        found += " FOR SHARE"
    with connection.cursor() as cursor:
        cursor.execute(found, [key, person])
        return cursor.fetchone() is not None


def _alert(actor: Actor, component: str, tries: int) -> Refused | None:
    """Tell security. Why it could not be recorded, if so."""
    try:
        signing_commands.raise_alert(
            person=actor.person,
            component=component,
            tries=tries,
            actor=Actor(person="door", role=DOOR, terminal=actor.terminal),
        )
    except Refused as refused:
        return refused
    return None


def _no_key() -> Refused:
    return Refused(
        _("You have no signing key. Enrol one under “My signature”, then sign."), code="no_key"
    )


def _all_components() -> Refused:
    return Refused(
        _("Sign with your sign-in name and your signing secret: no series of yours is open here."),
        code="all_components",
    )


def _series_over() -> Refused:
    return Refused(
        _(
            "Too many wrong PINs: the series is over, and security knows. Sign with your sign-in"
            " name and your signing secret."
        ),
        code="all_components",
    )


def _must_wait() -> Refused:
    return Refused(
        _("Too many wrong signing secrets. Signing is stopped for 15 minutes; security knows."),
        code="signing_stopped",
    )
