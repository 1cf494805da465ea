"""What may be asked: authorise, load, decide, append, and record what was refused."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from ledger import clock, clock_watch, folding, ids, ports, refusals, signature, store, superseding
from ledger.body import MAX_DEPTH, BodyRefused, BodyTooLong, TextRefused
from ledger.codec import CommandRef
from ledger.event import Actor, Recorded, Refused, marked
from ledger.ports import CommandSpec
from ledger.signature import Meaning

State = TypeVar("State")
ATTEMPTS = 4  # a writer that keeps losing the race learns it after these
NOT_TO_BE_KEPT = marked("The text holds a character that cannot be kept. Type it without pasting.")
TURNED = marked(
    "The text holds an invisible mark that turns the writing round. Type it without pasting."
)
INVISIBLE = marked("The text holds nothing that can be seen. Type it without pasting.")
TOO_LONG = marked("The text is too long to be kept. Make it shorter, or record it in parts.")

# Marks that show text in another order than it is kept (U+202A-202E, U+2066-2069), and letters
# and symbols that look like a space.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")

REASON_LIMIT = 500  # characters

_registry: dict[str, CommandSpec] = {}
_asks: dict[str, Callable[..., "Outcome"]] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did; `replayed` when it had been carried out before."""

    events: list[Recorded]
    replayed: bool = False


@dataclass
class Act:
    """One attempt at a command: who acts and when, what was loaded, what is to be written."""

    actor: Actor
    at: datetime
    reason: str
    command_id: UUID
    _versions: dict[tuple[str, str], int] = field(default_factory=dict)
    _payloads: dict[tuple[str, str], list[object]] = field(default_factory=dict)

    def load(
        self,
        stream_type: str,
        stream_id: str,
        initial: State,
        evolve: Callable[[State, Any], State],
    ) -> State:
        """A stream's state; what is recorded on it later expects this version."""
        state, version = folding.state_of(stream_type, stream_id, initial, evolve)
        self._versions[stream_type, stream_id] = version
        return state

    def record(self, stream_type: str, stream_id: str, payloads: Iterable[object]) -> None:
        """Add events to a stream that was loaded, or to a new one."""
        key = (stream_type, stream_id)
        self._versions.setdefault(key, 0)
        self._payloads.setdefault(key, []).extend(payloads)

    def pending(self, stream_type: str, stream_id: str) -> list[object]:
        """What this very command has recorded on a stream: `load` does not know of it yet."""
        return list(self._payloads.get((stream_type, stream_id), ()))

    def changes(self) -> list[store.Change]:
        """What is to be written, stream by stream."""
        return [
            store.Change(*key, self._versions[key], payloads)
            for key, payloads in self._payloads.items()
            if payloads
        ]


@dataclass(frozen=True, slots=True)
class _Call:
    spec: CommandSpec
    function: Callable[..., None]
    request: dict[str, Any]
    ref: CommandRef
    actor: Actor
    reason: str
    cause: UUID | None
    claimed_at: datetime | None
    secret: object
    loaded: dict[tuple[str, str], int] = field(default_factory=dict)


def command(
    name: str,
    *,
    role: tuple[str, ...],
    label: str = "",
    record: str = "",
    private: tuple[str, ...] = (),
    made: tuple[str, ...] = (),
    signature: Meaning | None = None,
    needs_reason: bool = False,
    offered: bool = True,
) -> Callable[[Callable[..., None]], Callable[..., Outcome]]:
    """Declare a command. The function gets an `Act` and the request, and records events.

    The label says what is tried, and `record` of which stream, with the request's fields in
    braces; `private` names the fields that must never stand in the ledger. All three are for the
    trail, when the command is refused. `made` names fields of random letters, such as a key. Not
    `offered` to callers outside is what only the server may ask, since it tells of something that
    the server itself has made or read.
    Callers add `actor`, and may add `command_id` (the idempotency key), `reason`, `signature`
    (the secret that opens the actor's key), `claimed_at` and `cause`.
    """
    meaning = None if signature is None else signature.value
    spec = CommandSpec(name, role, meaning, needs_reason, label or name, private, record, made)
    if name in _registry:
        raise ValueError(f"The command {name} is declared twice.")
    _registry[name] = spec

    def declare(function: Callable[..., None]) -> Callable[..., Outcome]:
        @wraps(function)
        def ask(
            *,
            actor: Actor,
            command_id: UUID | None = None,
            reason: str = "",
            signature: object = None,
            claimed_at: datetime | None = None,
            cause: UUID | None = None,
            **request: Any,
        ) -> Outcome:
            cleaned = {key: clean(value) for key, value in request.items()}
            reason = clean(reason).strip()
            asked = {"actor": actor.person, "reason": reason, **cleaned}
            try:
                sha256 = store.request_sha256(name, asked)
                ref = CommandRef(command_id or ids.new_id(), name, sha256)
                sent = (cleaned, ref, actor, reason, cause, claimed_at, signature)
                with store.reading():
                    return _ask(_Call(spec, function, *sent))
            except (store.Trouble, TextRefused, BodyTooLong) as trouble:
                if connection.in_atomic_block:
                    raise  # inside a reaction: its cause is not recorded either
                raise _told(trouble, may_be_resent=command_id is not None) from trouble

        ask.spec = spec  # type: ignore[attr-defined]
        if offered:
            _asks[name] = ask
        return ask

    return declare


def commands() -> dict[str, CommandSpec]:
    """Every declared command: the matrix of who may do what is read from here."""
    return _registry


def asks(room: str) -> dict[str, Callable[..., Outcome]]:
    """What a room offers to callers outside, by the command's name."""
    return {name: ask for name, ask in _asks.items() if name.startswith(f"{room}.")}


def clean(value: Any, depth: int = 1) -> Any:
    """Text as the ledger keeps it: Unicode normal form C, lines ended by a line feed.

    What would read otherwise than it is kept, or cannot be seen at all, is refused.
    """
    if isinstance(value, dict):
        if depth > MAX_DEPTH:
            raise BodyRefused(f"The request is nested more than {MAX_DEPTH} deep.")
        return {name: clean(part, depth + 1) for name, part in value.items()}
    if not isinstance(value, str):
        return value
    if _TURNING.search(value):
        raise Refused(TURNED, code="character")
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    if text.strip() and not any(_visible(letter) for letter in text):
        raise Refused(INVISIBLE, code="character")
    return text


def _visible(letter: str) -> bool:
    """Whether a character shows by itself: a letter, digit, sign or symbol."""
    return unicodedata.category(letter)[0] in "LNPS" and letter not in _BLANK


def _told(trouble: Exception, *, may_be_resent: bool) -> Refused:
    """What kept a command from being recorded, to the person who sent it. It is on no trail."""
    if isinstance(trouble, TextRefused):
        return Refused(NOT_TO_BE_KEPT, code="character")
    if isinstance(trouble, BodyTooLong):
        return Refused(TOO_LONG, code="too_long")
    assert isinstance(trouble, store.Trouble)  # noqa: S101 - for the type checker
    if isinstance(trouble, store.Away):
        connection.close_if_unusable_or_obsolete()  # so that the page with the no can be made
        if not may_be_resent:
            return Refused(trouble.without_id, code=trouble.code)
    return Refused(trouble.sentence, code=trouble.code)


def _ask(call: _Call) -> Outcome:
    known = _known(call)
    if known is not None:
        return known
    try:
        return _carry_out(call)
    except store.CommandKnown:
        known = _known(call)
        if known is None:
            raise
        return known
    except Refused as refused:
        return _refuse(call, refused)


def _refuse(call: _Call, refused: Refused) -> Outcome:
    """Record the refusal and raise it, unless the request has a twin that was carried out.

    Sent twice at once, the later of the two may be refused because of what the earlier did.
    """
    known = _known(call)
    if known is None:
        try:
            if not _record_refusal(call, refused).replayed:
                raise refused
        except store.CommandReused:
            pass  # told in our own words by the next line
        known = _known(call)
    if known is None:
        raise refused
    return known


def _known(call: _Call) -> Outcome | None:
    """What the same command did before. The same refusal is given again, and not written twice."""
    try:
        found = store.replay(call.ref)
    except store.CommandReused:
        raise Refused(
            "This form was already sent with other values. Look at what was recorded; if this is"
            " to be recorded as well, press again.",
            code="command_reused",
        ) from None
    if found is None:
        return None
    refused = refusals.of(found.events)
    if refused is not None:
        raise refused
    return Outcome(found.events, replayed=True)


def _carry_out(call: _Call) -> Outcome:
    nested = connection.in_atomic_block
    for _attempt in range(ATTEMPTS):
        try:
            # The commit is inside: there SQLite notices a full disk.
            with store.reading(), transaction.atomic():
                return _decide_and_write(call)
        except store.Conflict:
            if nested:
                raise  # the outermost command loads and decides again
            known = _known(call)  # perhaps this very command, sent twice, was first
            if known is not None:
                return known
    raise Refused(
        "Others keep changing this record at the same moment. Look at it again, then repeat.",
        code="conflict",
    )


def _authorise(call: _Call) -> None:
    ports.authority().allow(call.actor, call.spec, clock.now())
    if call.spec.needs_reason and not call.reason:
        raise Refused("Say why: this needs a reason.", code="reason_missing")
    if len(call.reason) > REASON_LIMIT:
        raise Refused(
            "The reason has {length} characters; it holds {limit}. Say it shorter.",
            length=len(call.reason),
            limit=REASON_LIMIT,
            code="reason_too_long",
        )
    if call.spec.meaning is not None:
        jumped = clock_watch.refusal()
        if jumped is not None:
            raise jumped


def _decide_and_write(call: _Call) -> Outcome:
    """Inside one transaction, so that a fact read under a lock holds until the commit."""
    _authorise(call)
    call.loaded.clear()  # of an attempt that lost its race
    prepared = call.secret.prepared if isinstance(call.secret, ports.Credential) else None
    at = prepared.acted_at if prepared else clock.now()
    act = Act(call.actor, at, call.reason, call.ref.id, call.loaded)
    call.function(act, **call.request)
    changes = act.changes()
    if not changes:
        raise Refused("There is nothing to record: the values are what they were.", code="nothing")
    refusals.demand_unmasked(_typed(call, changes))
    events = _draft(call, changes)
    if prepared is not None:
        events = _under_their_ids(events, prepared)
    changed = superseding.told_by(events)
    if call.spec.meaning is not None:
        events += _signed(call, events, act.at, prepared)
    if changed:
        events += _draft(call, changed)
    return Outcome(store.write(events, command=call.ref, savepoint=False).events)


def _typed(call: _Call, changes: list[store.Change]) -> Iterator[str]:
    """Every short text that a person may have typed of what is about to be recorded."""
    yield call.reason
    for change in changes:
        for payload in change.payloads:
            for name, text in vars(payload).items():
                if isinstance(text, str) and name not in call.spec.made:
                    yield text


def _draft(call: _Call, changes: list[store.Change]) -> list[Recorded]:
    return store.draft(
        command=call.ref,
        actor=call.actor,
        changes=changes,
        reason=call.reason,
        cause=call.cause,
        claimed_at=call.claimed_at,
    )


def _under_their_ids(events: list[Recorded], prepared: ports.Prepared) -> list[Recorded]:
    """The events as their signer was shown them: the same streams, versions and ids, or none."""
    places = [[event.stream_type, event.stream_id, event.version] for event in events]
    if places != [place for _id, *place in prepared.events]:
        raise Refused(
            "Somebody else changed this record while you signed. Look at it and sign anew.",
            code="changed",
        )
    ids_given = [event_id for event_id, *_place in prepared.events]
    return [replace(event, id=given) for event, given in zip(events, ids_given, strict=True)]


def _signed(
    call: _Call, events: list[Recorded], acted_at: datetime, prepared: ports.Prepared | None
) -> list[Recorded]:
    """The signature event over what is about to be written, made by the actor's own key."""
    signed_at = prepared.signed_at if prepared else timezone.localtime(clock.now())
    signer = ports.signer()
    stated = signature.statement(
        events,
        meaning=call.spec.meaning or "",
        printed_name=signer.printed_name(call.actor.person),
        role=call.actor.role,
        signed_at=signed_at,
        zone=timezone.get_current_timezone_name(),
        key=signer.key_of(call.actor.person),
    )
    try:
        made = signer.sign(call.actor, signature.statement_bytes(stated), call.secret)
    except ports.SignatureWanted as wanted:
        places = ((e.id, e.stream_type, e.stream_id, e.version) for e in events)
        wanted.prepared = ports.Prepared(call.ref.id, acted_at, signed_at, tuple(places))
        raise
    change = store.Change("signature", str(ids.new_id()), 0, [signature.applied(stated, made)])
    return _draft(call, [change])


def _record_refusal(call: _Call, refused: Refused) -> store.Appended:
    """In a transaction of its own; inside a reaction, in the transaction that goes on."""
    return refusals.record(
        refused,
        spec=call.spec,
        request=call.request,
        records=call.loaded,
        command=call.ref,
        actor=call.actor,
        reason=call.reason,
        cause=call.cause,
    )
