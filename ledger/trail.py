"""The trail's rows: what it can be filtered by. What a line says is read from the event itself."""

import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID, uuid5

from ledger.event import Recorded
from ledger.models import Trail, TrailLink, TrailWord
from ledger.projections import projects_everything

CAUSE, SIGNATURE, REFUSAL = "cause", "signature", "refusal"
RECORDS = UUID("5d0d8d3e-6c0b-5c1c-9d3b-3f1f6a4f8b77")  # the namespace of records' names
LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """The words a reason is found by: lower case, without accents, each once, in order."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(plain)))


@projects_everything
def write_lines(events: Sequence[Recorded], /, *, using: str = "default") -> None:
    """The rows that find these events, their reasons' words, and the events they point back to."""
    Trail.objects.using(using).bulk_create([_row(event) for event in events])
    words = [
        TrailWord(word=word, recorded_at=event.recorded_at, event_id=event.id)
        for event in events
        for word in words_of(event.reason)
    ]
    if words:
        TrailWord.objects.using(using).bulk_create(words)
    if links := [link for event in events for link in _links(event)]:
        TrailLink.objects.using(using).bulk_create(links)


def _row(event: Recorded) -> Trail:
    return Trail(
        event_id=event.id,
        recorded_at=event.recorded_at,
        person=event.actor.person,
        role=event.actor.role,
        type=event.type,
        stream_type=event.stream_type,
        stream_id=event.stream_id,
        version=event.version,
    )


def _links(event: Recorded) -> list[TrailLink]:
    links = []
    if event.cause is not None:
        links.append(TrailLink(target=event.cause, kind=CAUSE, source=event.id))
    if event.type == "ledger.signature_applied":
        signed = sorted({UUID(item["event"]) for item in event.data.signed})
        links += [TrailLink(target=one, kind=SIGNATURE, source=event.id) for one in signed]
    if event.type == "ledger.refused":
        about = sorted({about_record(one) for one in event.data.records})
        links += [TrailLink(target=one, kind=REFUSAL, source=event.id) for one in about]
    return links


def about_record(record: str) -> UUID:
    """What stands for a whole record, as equipment/CF-02, where a link points at an event."""
    return uuid5(RECORDS, record)
