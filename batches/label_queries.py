"""Reads of labels: what was printed for a batch, what became of it, and whether it is counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from batches import label as labels
from batches.label_models import LabelCountLine, LabelJobLine, LabelLine
from batches.models import BatchLine
from batches.recipe_content import LabelNeed


@dataclass(frozen=True)
class Tally:
    """How the labels of one kind stand: printed = used + destroyed + retained + left."""

    kind: str
    title: str
    use: str
    wanted: int  # how many the recipe asks for
    printed: int = 0
    used: int = 0
    destroyed: int = 0
    retained: int = 0

    @property
    def declared(self) -> bool:
        """Whether the recipe asks for it."""
        return self.wanted > 0

    @property
    def left(self) -> int:
        return self.printed - self.used - self.destroyed - self.retained


def held_batch(batch: str) -> BatchLine | None:
    """The batch, held to the commit: it is not closed while labels are printed, nor the reverse."""
    return BatchLine.objects.select_for_update(no_key=True).filter(batch=batch).first()


def jobs(roll: str) -> list[LabelJobLine]:
    return list(LabelJobLine.objects.filter(roll=roll).order_by("job"))


def job(roll: str, number: int) -> LabelJobLine | None:
    return LabelJobLine.objects.filter(roll=roll, job=number).first()


def of_roll(roll: str) -> list[LabelLine]:
    return list(LabelLine.objects.filter(roll=roll).order_by("job", "label"))


def of_job(roll: str, number: int) -> list[str]:
    rows = LabelLine.objects.filter(roll=roll, job=number).order_by("label")
    return list(rows.values_list("label", flat=True))


def counts(roll: str) -> dict[str, dict[str, Any]]:
    """How many labels of each kind stand how."""
    states = (labels.PRINTED, labels.USED, labels.DESTROYED, labels.RETAINED)
    rows = (
        LabelLine.objects.filter(roll=roll)
        .values("kind")
        .annotate(all=Count("label"), **{s: Count("label", filter=Q(state=s)) for s in states})
    )
    return {row["kind"]: dict(row) for row in rows}


def printers(roll: str) -> set[str]:
    rows = LabelJobLine.objects.filter(roll=roll)
    return set(rows.values_list("printed_by", flat=True))


def count_line(roll: str) -> LabelCountLine | None:
    return LabelCountLine.objects.filter(roll=roll).first()


def uncounted(batch: str) -> bool:
    """Whether labels of a batch were printed and not reconciled since."""
    return LabelCountLine.objects.filter(roll=batch, reconciled_at=None).exists()


def rolls() -> list[LabelJobLine]:
    """What was printed for stock, the latest first."""
    return list(LabelJobLine.objects.filter(batch="").order_by("-printed_at", "key")[:100])


def tallies(roll: str, needs: Iterable[LabelNeed]) -> list[Tally]:
    """How the labels of each kind stand: the kinds of the recipe, and whatever else was printed."""
    stand, made = counts(roll), {one.kind: one for one in jobs(roll)}
    found = [_tally(one.key, one.title, one.kind, one.copies, stand) for one in needs]
    known = {one.kind for one in found}
    others = [job for kind, job in made.items() if kind not in known]
    return found + [_tally(job.kind, job.title, job.use, 0, stand) for job in others]


def _tally(kind: str, title: str, use: str, wanted: int, stand: dict[str, dict[str, Any]]) -> Tally:
    row = stand.get(kind, {})
    return Tally(
        kind=kind,
        title=title,
        use=use,
        wanted=wanted,
        printed=row.get("all", 0),
        used=row.get(labels.USED, 0),
        destroyed=row.get(labels.DESTROYED, 0),
        retained=row.get(labels.RETAINED, 0),
    )
