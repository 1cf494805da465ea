"""What the demo's people are trained on: believable, and not all of it done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from config.demo_enrolment import QA, SUPERVISOR, actor
from config.demo_people import BY_KEY
from personnel import roles
from personnel import training_commands as training

Ask = tuple[Callable[..., Any], dict[str, Any]]
ITEMS = (
    ("SOP-014", "qualification", "Gowning for grade B", "3", 12),
    ("SOP-031", "qualification", "Aseptic process simulation", "2", 6),
    ("SOP-022", "procedure", "Line clearance", "5", 24),
    ("MBR-019", "recipe", "Autologous CAR-T cells", "1", 0),
)
NEEDED = {
    roles.OPERATOR: ("SOP-014", "SOP-031", "SOP-022", "MBR-019"),
    roles.VERIFIER: ("SOP-014", "SOP-022", "MBR-019"),
    roles.SUPERVISOR: ("SOP-022", "MBR-019"),
    roles.QA_REVIEWER: ("MBR-019",),
}
# Who was trained, and how many days ago.
DONE = (
    ("marta", "SOP-014", 120), ("marta", "SOP-031", 165), ("marta", "SOP-022", 300),
    ("marta", "MBR-019", 12), ("tomas", "SOP-014", 40), ("tomas", "SOP-031", 40),
    ("tomas", "SOP-022", 41), ("tomas", "MBR-019", 11), ("ingrid", "SOP-014", 90),
    ("ingrid", "SOP-022", 280),
    ("ingrid", "MBR-019", 12), ("dario", "SOP-014", 200), ("dario", "SOP-022", 310),
    ("dario", "MBR-019", 13), ("helena", "MBR-019", 13),
)  # fmt: skip


def trainings(begin: date) -> Iterator[Ask]:
    """The commands in order: the list, the curricula, then who did what, by another's word."""
    for item, kind, title, version, months in ITEMS:
        asked = {"item": item, "kind": kind, "title": title, "version": version}
        yield training.introduce, {**asked, "valid_months": months, "actor": actor(QA)}
    for role, items in NEEDED.items():
        for item in items:
            asked = {"role": role, "item": item, "reason": "Process description, annex 2"}
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
