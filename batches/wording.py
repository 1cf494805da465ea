"""An instruction as the operator reads it: values of earlier steps stand where it names them. Pure.

`{volumes.first}` in the recipe's words is the value that step `volumes` has for `first`, rounded as
that parameter is shown. What is not on record yet reads as the name of what will stand there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from batches.recipe_content import Content

PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\}")


def fill(words: str, values: Mapping[str, tuple[Any, str]], content: Content) -> str:
    """The words with the values that stand on record; `values` as `course.values` gives them."""
    if "{" not in words:
        return words
    asked = {(s.key, p.key): (s, p) for s in content.steps for p in s.parameters}

    def value(found: re.Match[str]) -> str:
        known = asked.get((found[1], found[2]))
        if known is None:
            return found[0]
        step, parameter = known
        name = f"{found[1]}.{found[2]}"
        if name not in values:
            return f"[{parameter.label}, step {step.number}]"
        held, unit = values[name]
        return f"{_shown(held, parameter.decimals)} {unit}".strip()

    return PLACE.sub(value, words)


def unknown(words: str, content: Content) -> list[str]:
    """The names in an instruction that no step asks for."""
    asked = {f"{s.key}.{p.key}" for s in content.steps for p in s.parameters}
    return [f"{a}.{b}" for a, b in PLACE.findall(words) if f"{a}.{b}" not in asked]


def _shown(held: Any, decimals: int | None) -> str:
    if not isinstance(held, Decimal) or decimals is None:
        return str(held)
    return str(held.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN))
