"""The identity vault: who a pseudonym is, sealed under a key of its own, which can be destroyed.

Each subject has an AES-256-GCM key, wrapped by the vault's key, which comes from the environment.
What is sealed never travels inside a command's request, because that is hashed into the ledger,
and the hash of a name can be guessed: it is handed over beside it (`handing_over`).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import secrets
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from ledger.event import Refused
from ledger.event import marked as _
from personnel.models.vault import SealedRecord, SubjectKey
from personnel.vault_subject import FIELDS, is_pseudonym

KEY, NONCE = 32, 12  # bytes
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads as something else


class BadVaultKey(Exception):
    """LOTBOOK_VAULT_KEY is missing or is no key; the sentence says which."""


@dataclass
class Handed:
    """What stands beside a command: what was typed, and what the command opened to be seen."""

    given: dict[str, str] = field(default_factory=dict, repr=False)
    seen: dict[str, str] = field(default_factory=dict, repr=False)


_handed: ContextVar[Handed | None] = ContextVar("handed", default=None)


@contextmanager
def handing_over(given: Mapping[str, str] | None = None) -> Iterator[Handed]:
    """While inside, a command finds what was typed, and leaves what it opened."""
    beside = Handed(dict(given or {}))
    token = _handed.set(beside)
    try:
        yield beside
    finally:
        _handed.reset(token)


def beside() -> Handed:
    """What was handed over beside the command that is being carried out."""
    found = _handed.get()
    if found is None:
        raise RuntimeError("The vault's commands are asked through personnel.vault_commands.")
    return found


def new_pseudonym() -> str:
    """A pseudonym that says nothing about whom it names, as s-7F3K2M9P."""
    made = ""
    while not is_pseudonym(made):
        made = "s-" + "".join(secrets.choice(_ALPHABET) for _place in range(8))
    return made


def tidied(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    """The fields that a kind has, as they are kept: one normal form, single spaces."""
    return {
        name: " ".join(unicodedata.normalize("NFC", given.get(name, "")).split())
        for name in FIELDS.get(kind, ())
    }


def vault_keys() -> list[bytes]:
    """The vault's keys: the first seals, all of them open (so that a key can be replaced)."""
    text = settings.LOTBOOK_VAULT_KEY or (_demo_key() if settings.DEMO else "")
    if not text:
        raise BadVaultKey("LOTBOOK_VAULT_KEY is not set.")
    return [_decoded(part.strip()) for part in text.split(",")]


def seal(subject: str, kind: str, given: Mapping[str, str]) -> None:
    """Keep a new subject's record under a key of its own. Runs inside a command."""
    vault_key = _usable()[0]
    own = AESGCM.generate_key(KEY * 8)
    with _only_one():
        SubjectKey.objects.create(
            subject=subject,
            vault_key=_name(vault_key),
            wrapped=_encrypt(vault_key, own, f"key {subject}"),
            blind=blind(kind, given, vault_key) or None,
        )
    _keep(subject, 1, own, given)


def seal_again(subject: str, kind: str, version: int, given: Mapping[str, str]) -> None:
    """Keep a corrected record beside the one before it. Runs inside a command."""
    row = SubjectKey.objects.get(subject=subject)
    vault_key = _named(row.vault_key)
    with _only_one():
        SubjectKey.objects.filter(subject=subject).update(
            blind=blind(kind, given, vault_key) or None
        )
    _keep(subject, version, _decrypt(vault_key, row.wrapped, f"key {subject}"), given)


def opened(subject: str) -> dict[str, str]:
    """The newest record of a subject, in the clear. Empty when its key is destroyed."""
    row = SubjectKey.objects.filter(subject=subject).first()
    record = SealedRecord.objects.filter(subject=subject).order_by("-version").first()
    if row is None or record is None:
        return {}
    own = _decrypt(_named(row.vault_key), row.wrapped, f"key {subject}")
    text = _decrypt(own, record.sealed, f"record {subject} {record.version}")
    found: dict[str, str] = json.loads(text)
    return found


def versions(subject: str) -> dict[str, str]:
    """Every sealed version of a subject's record, as JSON text by its number."""
    row = SubjectKey.objects.get(subject=subject)
    own = _decrypt(_named(row.vault_key), row.wrapped, f"key {subject}")
    return {
        str(record.version): _decrypt(
            own, record.sealed, f"record {subject} {record.version}"
        ).decode()
        for record in SealedRecord.objects.filter(subject=subject).order_by("version")
    }


def known_as(kind: str, given: Mapping[str, str]) -> str:
    """The pseudonym that bears this hospital number already, or nothing."""
    wanted = [blind(kind, given, key) for key in _usable()]
    row = SubjectKey.objects.filter(blind__in=[each for each in wanted if each]).first()
    return row.subject if row else ""


def destroy(subject: str) -> None:
    """Destroy a subject's key: its bytes are overwritten first, then the rows are removed."""
    for row in SealedRecord.objects.filter(subject=subject):
        blank = os.urandom(len(bytes(row.sealed)))
        SealedRecord.objects.filter(pk=row.pk).update(sealed=blank)
    for key in SubjectKey.objects.filter(subject=subject):
        blank = os.urandom(len(bytes(key.wrapped)))  # as long as before, so written over it
        number = secrets.token_hex(len(key.blind) // 2) if key.blind else None
        SubjectKey.objects.filter(pk=key.pk).update(wrapped=blank, blind=number)
    SealedRecord.objects.filter(subject=subject).delete()
    SubjectKey.objects.filter(subject=subject).delete()
    if connection.vendor == "sqlite":  # its write-ahead log still holds the key as it was
        transaction.on_commit(_cut_write_ahead_log, robust=True)


def names(subject: str, text: str, also: Mapping[str, str] | None = None) -> bool:
    """Whether a text that would stand on the trail says who a subject is."""
    records = [opened(subject), also or {}]
    written = _folded(text)
    words = set("".join(c if c.isalnum() else " " for c in written).split())
    pieces = [_folded(value) for record in records for value in record.values()]
    inside = [piece for piece in pieces if len(piece) >= 5 and piece in written]
    parts = {part for piece in pieces for part in piece.split() if len(part) >= 3}
    return bool(inside or parts & words)


def blind(kind: str, given: Mapping[str, str], vault_key: bytes) -> str:
    """A keyed commitment to the hospital number: tells a number met before. Goes with the key."""
    number = _folded(given.get("hospital_number", "")).replace(" ", "")
    if not number:
        return ""
    index_key = hmac.digest(vault_key, b"lotbook vault index 1", "sha256")
    return hmac.digest(index_key, f"{kind} {number}".encode(), "sha256").hex()


def _cut_write_ahead_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _only_one() -> Iterator[None]:
    """Two people who register one number at the same moment: one of them reads why not."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Refused(
            _("Somebody else registered this hospital number just now. Look it up."),
            code="known_subject",
        ) from None


def _keep(subject: str, version: int, own: bytes, given: Mapping[str, str]) -> None:
    text = json.dumps(dict(given), sort_keys=True, ensure_ascii=False).encode()
    padded = text + b" " * (-len(text) % 256)  # the length says nothing about the name
    SealedRecord.objects.create(
        record=f"{subject}.{version}",
        subject=subject,
        version=version,
        sealed=_encrypt(own, padded, f"record {subject} {version}"),
    )


def _encrypt(key: bytes, text: bytes, about: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, f"lotbook vault 1 {about}".encode())


def _decrypt(key: bytes, stored: bytes | memoryview, about: str) -> bytes:
    whole = bytes(stored)
    try:
        return AESGCM(key).decrypt(
            whole[:NONCE], whole[NONCE:], f"lotbook vault 1 {about}".encode()
        )
    except InvalidTag:
        raise Refused(
            _("A sealed record was altered or belongs to another vault. Tell the administrator."),
            code="vault_broken",
        ) from None


def _usable() -> list[bytes]:
    try:
        return vault_keys()
    except BadVaultKey:
        raise Refused(
            _(
                "The vault has no key here, so nothing can be sealed or opened. Ask the"
                " administrator to set it."
            ),
            code="no_vault_key",
        ) from None


def _named(name: str) -> bytes:
    for key in _usable():
        if _name(key) == name:
            return key
    raise Refused(
        _("This record was sealed with another vault key. Ask the administrator to set that too."),
        code="other_vault_key",
    )


def _name(key: bytes) -> str:
    return sha256(b"lotbook vault key " + key).hexdigest()[:16]


def _decoded(text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY:
        raise BadVaultKey("LOTBOOK_VAULT_KEY is not 32 bytes in URL-safe base64.")
    return key


def _demo_key() -> str:
    """A demo makes a key of its own, beside its other secrets."""
    path = Path(settings.STATE_DIR) / "vault.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(KEY))
    return path.read_text("ascii").strip()


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
