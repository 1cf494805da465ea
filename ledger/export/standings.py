"""What trail.csv says beside signatures and what they cover: holds, superseded, broken and why."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from ledger import verify
from ledger.export import selection
from ledger.export.frames import KEYS_OF_PEOPLE, positions_of
from ledger.export.selection import Range
from ledger.export.trail_csv import Row
from ledger.models import Event, LogEntry

ALL = tuple(sorted(kind.decode() for kind in verify.PEOPLES))
AT_ONCE = 400  # ids in one question to the database
OTHER_CONTENT = "what it signed is not what stands here"


class Standings:
    """The signatures within the positions of an export, each checked as the verifier does."""

    def __init__(self, positions: Range, *, using: str) -> None:
        self._people = verify.PersonSignatures(_checks())
        self._broken: dict[int, str] = {}
        for row in _rows(positions, using):
            self._take(row)
        self._compare(using)
        told = self._people.standings(self._places(positions, using))
        self._told = told | {at: f"broken: {why}" for at, why in self._broken.items()}

    def of(self, row: Row) -> str:
        """The cell of one line of the trail."""
        position, lines, _body = row
        if position in self._told:
            return self._told[position]
        over = self._people.signed.get(lines[1], ())
        return verify.signed_cell([at for at, _body in over], self._told)

    def _take(self, row: Row) -> None:
        position, lines, body = row
        try:
            data = verify.parse_body(body)["data"]
            fault = self._people.take(position, _fields(lines), data)
        except (ValueError, LookupError, TypeError, AttributeError) as odd:
            fault = f"it cannot be read ({odd})"
        if fault:
            self._broken[position] = fault

    def _compare(self, using: str) -> None:
        """Whether what was signed is, byte by byte, what stands in the database."""
        for some in _at_once(self._people.signed):
            rows = Event.objects.using(using).filter(pk__in=some)
            held = {str(row.pk): sha256(bytes(row.body)).hexdigest() for row in rows}
            for event in some:
                for at, signed in self._people.signed[event]:
                    if held.get(event) != signed:
                        self._broken.setdefault(at, OTHER_CONTENT)

    def _places(self, positions: Range, using: str) -> dict[str, int]:
        """Where the entries stand that superseded a signature."""
        found: dict[str, int] = {}
        inside = (positions.first, positions.last)
        for some in _at_once(by for by, _told in self._people.superseded.values()):
            rows = LogEntry.objects.using(using).filter(event_id__in=some, position__range=inside)
            found |= {str(event): at for event, at in rows.values_list("event_id", "position")}
        return found


def _at_once(ids: Iterable[str]) -> Iterator[list[str]]:
    """Ids in questions that the database answers in one go."""
    every = list(ids)
    for at in range(0, len(every), AT_ONCE):
        yield every[at : at + AT_ONCE]


def _rows(positions: Range, using: str) -> Iterator[Row]:
    """People's keys from before the range, then everything about signatures within it."""
    for position in positions_of(KEYS_OF_PEOPLE, using=using):
        if position < positions.first:
            yield selection.row_at(position, using=using)
    yield from selection.rows_of(ALL, positions, using=using)


def _fields(lines: list[str]) -> tuple[bytes, ...]:
    """The fields of an entry as the verifier names them."""
    stream_type, _slash, stream_id = lines[2].partition("/")
    kind, _slash, version = lines[4].rpartition("/")
    parts: Iterable[str] = (lines[1], stream_type, stream_id, lines[3], kind, version, *lines[5:8])
    return tuple(part.encode() for part in parts)


def _checks() -> dict[str, Any]:
    """As the verifier checks, thirty times faster: a key's first signature goes its slow way, which
    judges the key as well."""
    known: set[bytes] = set()

    def check(key: bytes, message: bytes, signature: bytes) -> bool:
        slow = verify.p256_verify if len(key) == 65 else verify.ed25519_verify
        if key in known and _fast(key, message, signature):
            return True
        if not slow(key, message, signature):
            return False
        known.add(key)
        return True

    return {"ed25519": check, "webauthn-ed25519": check, "webauthn-es256": check}


def _fast(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        if len(key) == 65:
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
            point.verify(signature, message, ec.ECDSA(SHA256()))
        else:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
