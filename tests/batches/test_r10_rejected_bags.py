"""R10: of rejected starting material nothing is released or issued; nobody overrides that."""

from __future__ import annotations

from typing import Any

from batches.container_models import ContainerLine
from tests.batches import ordering
from tests.batches.test_container_commands import (
    BAG,
    clock,
    decide,
    fill,
    issue,
    refused,
    tank,
)

__all__ = ["clock", "tank"]
WHY = "The serology was read again: positive"
AGAIN = "Read a third time: negative"


def test_r10_no_bag_of_rejected_material_is_released_until_it_is_let_in_again(tank: str) -> None:
    """Given a filled bag, when quality rejects what it is made of, then it is not released, though
    it may be rejected; and it is released once that decision was taken back."""
    fill()
    ordering.judge("rejected", reason=WHY)
    assert refused(decide) == "collection_rejected"
    decide("rejected", reason=WHY)
    ordering.judge("accepted under conditions", reason=AGAIN)
    decide()
    assert ContainerLine.objects.get(container=BAG).decision == "released"


def test_r10_a_released_bag_is_not_issued_when_its_material_was_rejected_since(
    tank: str, clock: Any
) -> None:
    fill()
    decide()
    ordering.look("helena", "issuing", BAG)
    ordering.judge("rejected", reason=WHY)
    assert refused(issue, clock=clock) == "collection_rejected"
    ordering.judge("accepted under conditions", reason=AGAIN)
    issue(clock)
