"""What a card says to take: the line of the record's lists that a parameter asks for. Pure."""

from __future__ import annotations

from typing import Any

from batches.limits import Parameter, ParameterKind
from batches.recipe_check_parameter import NEEDS
from batches.recipe_content import Content

MEASURED = (ParameterKind.MATERIAL, ParameterKind.WEIGH)
TAKEN = (*MEASURED, ParameterKind.EQUIPMENT, ParameterKind.ROOM, ParameterKind.LABEL)


def line_of(content: Content, parameter: Parameter) -> Any:
    """The material, unit, room or label that is to be taken; none where nothing is."""
    lines = getattr(content, NEEDS[parameter.kind]) if parameter.kind in TAKEN else ()
    return next((line for line in lines if line.key == parameter.needs), None)


def what_to_take(content: Content, parameter: Parameter) -> str:
    """Its title, and how much or how many of it where the record says so."""
    line = line_of(content, parameter)
    if line is None:
        return ""
    if parameter.kind in MEASURED and parameter.quantity:
        much = f"{parameter.quantity} {parameter.unit or line.unit}".strip()
        return f"{line.title}, {much}"
    if parameter.kind == ParameterKind.LABEL:
        return f"{line.title}, {line.copies} x"
    return str(line.title)
