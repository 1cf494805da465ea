"""What the ledger needs from the rooms above it, as protocols they plug in at start."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from ledger.event import Actor, Refused


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """What may be asked: the command's name, who may ask it, and the signature it needs.

    Of a refusal the trail keeps the label and the record, filled in, and all fields but the
    private ones. The made ones hold a machine's letters, in which nobody's words are looked for.
    """

    name: str
    roles: tuple[str, ...]
    meaning: str | None
    needs_reason: bool
    label: str = ""
    private: tuple[str, ...] = ()
    record: str = ""
    made: tuple[str, ...] = ()


class Authority(Protocol):
    """Says who may do what."""

    def allow(self, actor: Actor, spec: CommandSpec, at: datetime) -> None:
        """Return if the actor may ask this command now, else raise Refused."""


@dataclass(frozen=True, slots=True)
class SignatureValue:
    """What a person's own key made of a statement."""

    algorithm: str
    value: bytes
    authenticator_data: bytes | None = None
    client_data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a signer was shown and asked to sign: recorded so, under these ids, or not at all."""

    command: UUID
    acted_at: datetime
    signed_at: datetime
    events: tuple[tuple[UUID, str, str, int], ...]  # id, stream type, stream id, version


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a room passes on as a command's signature; `prepared` where it answers a statement."""

    prepared: Prepared | None = None


class SignatureWanted(Exception):
    """The statement is ready and its signer must be asked first. Nothing is recorded yet."""

    def __init__(self, statement: bytes) -> None:
        super().__init__("The signer must be asked first.")
        self.statement = statement
        self.prepared: Prepared


class Signer(Protocol):
    """Signs statements with a person's own key, opened by the person's own secret."""

    def printed_name(self, person: str) -> str:
        """The name that stands in the signature."""

    def key_of(self, person: str) -> str:
        """The id of the key the person signs with now."""

    def sign(self, actor: Actor, statement: bytes, secret: object) -> SignatureValue:
        """The signature over a statement, or Refused where the secret does not open the key.

        SignatureWanted where the signer must be asked about this very statement first.
        """


class _NobodyMay:
    def allow(self, actor: Actor, spec: CommandSpec, at: datetime) -> None:
        raise Refused("No authority is installed, so nobody may do {command}.", command=spec.name)


_authority: Authority = _NobodyMay()
_signer: Signer | None = None


def plug_authority(authority: Authority) -> None:
    """Install the judge of who may do what."""
    global _authority
    _authority = authority


def plug_signer(signer: Signer | None) -> None:
    """Install the keeper of people's signing keys."""
    global _signer
    _signer = signer


def authority() -> Authority:
    """Who may do what; until a room plugs one in, nobody may do anything."""
    return _authority


def signer() -> Signer:
    """The keeper of signing keys, or a refusal that says there is none."""
    if _signer is None:
        raise Refused("Signing is not set up here, so this cannot be done yet.")
    return _signer


@dataclass(frozen=True, slots=True)
class People:
    """Knows people as the ledger's pages need them: names and roles to show, and who asks."""

    printed_names: Callable[[Iterable[str]], dict[str, str]]
    actor_of: Callable[[Any], Actor]
    role_name: Callable[[str], str]


_people: People | None = None


def plug_people(people: People) -> None:
    """Install who knows the people."""
    global _people
    _people = people


def printed_names(people: Iterable[str]) -> dict[str, str]:
    """The names to show beside pseudonyms; none where nobody knows them."""
    return _people.printed_names(people) if _people else {}


def role_name(role: str) -> str:
    """The role as people call it; the bare word where nobody knows the roles."""
    return _people.role_name(role) if _people else role.replace("_", " ")


def actor_of(request: Any) -> Actor:
    """Who is asking, in which role, at which terminal."""
    if _people is None:
        raise Refused("Nobody can be recognised here, so this cannot be done.")
    return _people.actor_of(request)
