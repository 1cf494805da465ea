"""What the demo's people are trained on: believable, and not all of it done.

Procedures were known before the week began. The recipe is trained on in the week, after it was
approved and before the first batch is made on it; these are the week's lines about it:

introduce RECIPE VERSION | title      demand RECIPE | role      train RECIPE VERSION | who
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from config.demo_enrolment import QA, SUPERVISOR, actor
from config.demo_people import BY_KEY
from ledger import clock
from personnel import roles
from personnel import training_commands as training

WHY_DEMANDED = "Process description, annex 2"
Ask = tuple[Callable[..., Any], dict[str, Any]]
ITEMS = (
    ("SOP-014", "qualification", "Gowning for grade B", "3", 12),
    ("SOP-031", "qualification", "Aseptic process simulation", "2", 6),
    ("SOP-022", "procedure", "Line clearance", "5", 24),
)
NEEDED = {
    roles.OPERATOR: ("SOP-014", "SOP-031", "SOP-022"),
    roles.VERIFIER: ("SOP-014", "SOP-022"),
    roles.SUPERVISOR: ("SOP-022",),
}
# Who was trained, and how many days ago.
DONE = (
    ("marta", "SOP-014", 120), ("marta", "SOP-031", 165), ("marta", "SOP-022", 300),
    ("tomas", "SOP-014", 40), ("tomas", "SOP-031", 40), ("tomas", "SOP-022", 41),
    ("ingrid", "SOP-014", 90), ("ingrid", "SOP-022", 280),
    ("dario", "SOP-014", 200), ("dario", "SOP-022", 310),
)  # fmt: skip


def trainings(begin: date) -> Iterator[Ask]:
    """The commands in order: the list, the curricula, then who did what, by another's word."""
    for item, kind, title, version, months in ITEMS:
        asked = {"item": item, "kind": kind, "title": title, "version": version}
        yield training.introduce, {**asked, "valid_months": months, "actor": actor(QA)}
    for role, items in NEEDED.items():
        for item in items:
            asked = {"role": role, "item": item, "reason": WHY_DEMANDED}
            yield training.add_to_curriculum, {**asked, "actor": actor(QA)}
    versions = {item: version for item, _kind, _title, version, _months in ITEMS}
    for key, item, ago in DONE:
        assessor = QA if key == SUPERVISOR.key else SUPERVISOR
        day = (begin - timedelta(days=ago)).isoformat()
        asked = {"person": BY_KEY[key].person, "item": item, "version": versions[item]}
        yield (
            training.record,
            {**asked, "trained_on": day, "method": "performed", "actor": actor(assessor)},
        )


def _introduce(*, name: str, number: int, texts: list[str], ask: dict[str, Any], **_by: Any) -> Any:
    asked = {"item": name, "kind": "recipe", "title": texts[0], "version": str(number)}
    return training.introduce(**asked, valid_months=0, **ask)


def _demand(*, name: str, texts: list[str], ask: dict[str, Any], **_by: Any) -> Any:
    ask["reason"] = WHY_DEMANDED
    return training.add_to_curriculum(role=texts[0], item=name, **ask)


def _train(*, name: str, number: int, texts: list[str], ask: dict[str, Any], **_by: Any) -> Any:
    return training.record(
        person=BY_KEY[texts[0]].person,
        item=name,
        version=str(number),
        trained_on=clock.now().date().isoformat(),
        method="performed",
        **ask,
    )


VERBS: dict[str, Callable[..., Any]] = {
    "introduce": _introduce,
    "demand": _demand,
    "train": _train,
}
