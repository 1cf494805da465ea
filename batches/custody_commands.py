"""What may be asked about custody: hand over, take over, put a new label on by two people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from batches import custody, custody_queries, working
from batches import record as records
from batches.custody_items import batches_of, subject_and_reference
from batches.flow_events import DeviationRaised
from batches.recipe import Recipe
from batches.record import Batch
from batches.turns import standing_at
from ledger import store
from ledger.command import Act, command
from ledger.event import fold
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import OPERATOR, QC_ANALYST, SUPERVISOR, VERIFIER
from personnel.vault_subject import LABELLING

RECORD = "custody/{item}"
HANDS = (OPERATOR, VERIFIER, SUPERVISOR, QC_ANALYST)
LABELLERS = (OPERATOR, VERIFIER, SUPERVISOR)


@command(
    "batches.hand_over",
    role=HANDS,
    label=_("hand over {item}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
)
def hand_over(
    act: Act,
    *,
    item: str,
    place: str,
    to_place: str,
    temperature: str,
    other_party: str = "",
    document: str = "",
) -> None:
    """Give an item out of one's hands, to somebody who signs for it next."""
    subject_and_reference(item)
    handed = custody.hand_over(
        _load(act, item),
        item=item,
        place=place,
        to_place=to_place,
        temperature=temperature,
        other_party=other_party,
        document=document,
    )
    act.record("custody", item, handed)
    link = {"place": handed[0].place, "to_place": handed[0].to_place}
    linked(act, item, "handed_over", **link)


@command(
    "batches.take_over",
    role=HANDS,
    label=_("take over {item}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
)
def take_over(
    act: Act,
    *,
    item: str,
    place: str,
    temperature: str,
    other_party: str = "",
    document: str = "",
) -> None:
    """Take an item into one's hands, from whoever handed it over."""
    subject_and_reference(item)
    taken = custody.take_over(
        _load(act, item),
        item=item,
        place=place,
        temperature=temperature,
        person=act.actor.person,
        given_by=_given_by(item),
        other_party=other_party,
        document=document,
    )
    act.record("custody", item, taken)
    linked(act, item, "taken_over", place=taken[0].place)


@command(
    "batches.ask_relabelling",
    role=LABELLERS,
    label=_("identify {item} for a new label"),
    record=RECORD,
    signature=Meaning.PERFORMED,
    needs_reason=True,
)
def ask_relabelling(act: Act, *, item: str) -> None:
    """The label cannot be read: the first of two people identifies the material."""
    asked = custody.ask_relabelling(
        _load(act, item),
        item=item,
        identifiers_shown=_shown(act, item),
        person=act.actor.person,
        reason=act.reason,
    )
    act.record("custody", item, asked)


@command(
    "batches.relabel",
    role=LABELLERS,
    label=_("put a new label on {item}"),
    record=RECORD,
    signature=Meaning.VERIFIED,
)
def relabel(act: Act, *, item: str, kept_at: str) -> None:
    """The second person identifies it too, and the new label is put on; the old one is kept."""
    done = custody.relabel(
        _load(act, item),
        item=item,
        identifiers_shown=_shown(act, item),
        person=act.actor.person,
        kept_at=kept_at,
    )
    act.record("custody", item, done)


def _load(act: Act, item: str) -> custody.Custody:
    return act.load("custody", item, custody.INITIAL, custody.evolve)


def _given_by(item: str) -> str:
    """Who handed it over last and has not been answered."""
    events = store.load("custody", item)
    handed = [one for one in events if isinstance(one.data, custody.CustodyHandedOver)]
    taken = [one for one in events if isinstance(one.data, custody.CustodyTakenOver)]
    if not handed or (taken and taken[-1].version > handed[-1].version):
        return ""
    return handed[-1].actor.person


def _shown(act: Act, item: str) -> str:
    subject, reference = subject_and_reference(item)
    return custody_queries.identifiers_shown(
        act.actor.person, subject, LABELLING, reference, at=act.at
    )


def linked(act: Act, item: str, kind: str, *, place: str = "", to_place: str = "") -> None:
    """This very command makes a link of an item's chain. A gap that shows there is a departure of
    every batch that the item is of, told this once."""
    chain = [custody_queries.as_link(row) for row in custody_queries.links(item)]
    chain.append(custody.Link(kind=kind, place=place, to_place=to_place))
    gap = custody.gaps(chain).get(len(chain) - 1)
    if gap is not None:
        depart(act, item, [_of_custody(item, gap)])


def brought_along(act: Act, state: Batch, recipe: Recipe, items: Iterable[str]) -> list[object]:
    """The gaps that what a batch is made of has from before there was a batch."""
    found = [(item, told.gap) for item in items for told in custody_queries.timeline(item)]
    return _departures(act, state, recipe, [_of_custody(item, gap) for item, gap in found if gap])


def depart(act: Act, item: str, said: Sequence[str]) -> None:
    """Every batch that an item is of has departed in these ways, each a sentence of its own."""
    for batch in batches_of(item) if said else ():
        state, recipe = working.batch_of(act, batch)
        state = fold(state, records.evolve, act.pending("batch", batch))
        act.record("batch", batch, _departures(act, state, recipe, said))


def _of_custody(item: str, gap: str) -> str:
    return f"Custody of {item}: {gap}"


def _departures(act: Act, state: Batch, recipe: Recipe, said: Sequence[str]) -> list[object]:
    return [
        DeviationRaised(
            batch=state.batch,
            step=standing_at(state, recipe),
            title=one.rstrip("."),
            raised_by=act.actor.person,
            automatic=True,
            exception=state.next_exception + before,
        )
        for before, one in enumerate(said)
    ]
