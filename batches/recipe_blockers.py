"""What blocks a step, in the words of whoever writes it, and which of it people may override. Pure.

What stands under OVERRIDABLE yields to a supervisor and quality assurance together, unless the step
makes it absolute; everything else is absolute whatever a record says.
"""

from __future__ import annotations

from batches.recipe_content import Step
from ledger.event import marked as _

OVERRIDABLE: dict[str, str] = {
    "not_trained": _("somebody is not trained on this version"),
    "not_qualified": _("the unit's qualification has lapsed"),
    "calibration_due": _("the unit's calibration is due"),
    "not_clean": _("the unit waits for its cleaning"),
    "room_not_clean": _("the room waits for its cleaning"),
    "em_hold": _("the room is on hold after its monitoring"),
    "line_not_cleared": _("the line is not cleared for this batch"),
    "line_unchecked": _("nobody has checked the line clearance yet"),
    "expired": _("the lot has expired"),
    "retest_overdue": _("the lot's retest is overdue"),
    "open_life": _("the lot has been open for too long"),
    "hold_time": _("a hold time has passed"),
    "order_ended": _("the order behind the batch has ended"),
}
ABSOLUTE = (
    _("the wrong role or the same person twice"),
    _("a step that is not due"),
    _("a batch on process hold"),
    _("the wrong patient or no order"),
    _("a unit or room that is unknown, out of service, of the wrong kind or another batch's"),
    _("a lot that is unknown, rejected, in quarantine, used up or the wrong item"),
)


def absolute_here(step: Step) -> list[str]:
    """What nobody overrides at this step though the house lets them, in words."""
    return [OVERRIDABLE.get(one.code, one.code) for one in step.blocks if one.absolute]
