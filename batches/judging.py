"""What a value outside its limits is on record as. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from batches.limits import Parameter, Standing, judge, limit_of
from batches.record_events import LimitExceeded


def judged(
    parameter: Parameter, value: Decimal, *, where: dict[str, Any], exception: int
) -> list[object]:
    """Nothing for a value within its limits; `where` names batch, step, parameter and attempt."""
    standing = judge(parameter, value)
    if standing is Standing.WITHIN:
        return []
    limit = limit_of(parameter, standing)
    return [
        LimitExceeded(
            **where,
            value=value,
            standing=standing.value,
            limit=limit.words(where["unit"]),
            low=limit.low,
            high=limit.high,
            exception=exception,
        )
    ]
