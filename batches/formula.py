"""Formulas and conditions of a recipe: CEL in decimals with units. Leans on two libraries.

The language is the Common Expression Language (cel-python); its numbers are replaced by decimals
with a unit (pint), so 0.1 + 0.2 is 0.3, and litres added to cells are refused. The same formula
with the same values gives the same number on every machine: 28 digits, half to even, compared
before anything is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext
from functools import lru_cache
from typing import Any

ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_EVEN)
LONGEST = 500  # characters
LARGEST = 60  # digits before or after the point: what is beyond was not measured
# Lists and what goes through them: one inside another takes for ever, and no recipe needs them.
UNUSED = frozenset({"list_lit", "map_lit", "member_dot_arg", "member_index", "member_object"})
NAME = re.compile(r"[a-z][a-z0-9_]*")
Value = Decimal | str | bool
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWER = re.compile(r"([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)")
# What laboratories count; to pint they are units without a dimension between them.
COUNTED = (
    "cell", "bead", "TU", "IU", "bag", "vial", "CFU", "copy", "flask", "event", "container",
    "colony", "spot", "drop", "rpm_count",
)  # fmt: skip


MANY = {
    "cells": "cell", "beads": "bead", "bags": "bag", "vials": "vial", "copies": "copy",
    "flasks": "flask", "events": "event", "containers": "container", "colonies": "colony",
    "spots": "spot",
}  # fmt: skip


class FormulaError(ValueError):
    """The formula cannot be read, or not worked out with these values."""


@lru_cache(maxsize=1)
def registry() -> Any:
    """The units: pint's, in decimals, and what laboratories count."""
    import pint

    made: Any = pint.UnitRegistry(non_int_type=Decimal, cache_folder=None, on_redefinition="ignore")
    for name in COUNTED:
        made.define(f"{name} = [{name}]")
    for many, one in MANY.items():
        made.define(f"@alias {one} = {many}")
    return made


@lru_cache(maxsize=512)
def unit(label: str) -> Any:
    """A unit as recipes print it (`10⁶ cells/mL`, `°C`, `%`) as a pint quantity.

    Raises FormulaError where no such unit is known.
    """
    label = "" if label == "pH" else label
    text = label.strip().replace("×", "").replace("·", "*").replace("µ", "u")  # noqa: RUF001
    text = text.replace("μ", "u").replace("°C", "delta_degC").replace("%", "percent")
    text = _POWER.sub(lambda found: "**" + found.group(1).translate(_SUPERSCRIPT), text).strip()
    text = re.sub(r"^(10\*\*-?\d+)\s+", r"\1 * ", text)
    if not text:
        return registry().Quantity(Decimal(1), "")
    try:
        with localcontext(ARITHMETIC):
            found = registry().parse_expression(text)
            if isinstance(found, int | Decimal | float):
                return registry().Quantity(Decimal(str(found)), "")
            return registry().Quantity(Decimal(str(found.magnitude)), found.units)
    except Exception as wrong:
        raise FormulaError(f"The unit “{label}” is not known.") from wrong


def convert(value: Decimal, old: str, new: str) -> Decimal:
    """A value in another unit of the same dimension, unrounded. Raises FormulaError."""
    if old == new:
        return value
    return _Number(value * unit(old)).within(new)


def check(formula: str, names: Iterable[str]) -> list[str]:
    """What is wrong with a formula that may use these `step.parameter` names; nothing: fine."""
    if len(formula) > LONGEST:
        return [f"The formula has more than {LONGEST} characters."]
    try:
        tree = _parsed(formula)
    except FormulaError as wrong:
        return [str(wrong)]
    known = set(names)
    return [f"“{name}” is asked in no step before this one." for name in _used(tree) - known]


def names(formula: str) -> set[str]:
    """The `step.parameter` names that a formula reads."""
    return _used(_parsed(formula))


def number(formula: str, values: Mapping[str, tuple[Value, str]], into: str) -> Decimal:
    """Work a formula out. `values`: name to (value, unit label); the result is in the unit `into`.

    Raises FormulaError where a value is missing, units do not fit, or a divisor is zero.
    """
    found = _worked_out(formula, values)
    if not isinstance(found, _Number):
        raise FormulaError("The formula gives no number.")
    try:
        return found.within(into)
    except ArithmeticError as wrong:
        raise FormulaError("The formula divides by zero or leaves the numbers.") from wrong


def holds(condition: str, values: Mapping[str, tuple[Value, str]]) -> bool:
    """Whether a condition is true of these values. Raises FormulaError where one is missing."""
    found = _worked_out(condition, values)
    if isinstance(found, _Number):
        raise FormulaError("The condition gives a number, not yes or no.")
    return bool(found)


def _worked_out(formula: str, values: Mapping[str, tuple[Value, str]]) -> Any:
    import celpy
    from celpy.evaluation import CELEvalError

    tree = _parsed(formula)
    missing = sorted(_used(tree) - set(values))
    if missing:
        raise FormulaError(f"{missing[0]} is not on record yet.")
    context: dict[str, Any] = {}
    for name in _used(tree):
        step, _dot, key = name.partition(".")
        held = context.setdefault(step, celpy.celtypes.MapType())
        held[celpy.celtypes.StringType(key)] = _typed(*values[name])
    runner = _environment().program(tree, functions=FUNCTIONS)
    try:
        with localcontext(ARITHMETIC):
            return runner.evaluate(context)
    except CELEvalError as wrong:
        raise FormulaError(_why(wrong)) from wrong
    except RecursionError as wrong:
        raise FormulaError("The formula has too many brackets, one inside another.") from wrong
    except (ArithmeticError, InvalidOperation) as wrong:
        raise FormulaError("The formula divides by zero or leaves the numbers.") from wrong


def _why(wrong: Exception) -> str:
    cause: BaseException | None = wrong
    while cause is not None:
        if isinstance(cause, FormulaError):
            return str(cause)
        for part in cause.args:
            if isinstance(part, FormulaError):
                return str(part)
            if isinstance(part, tuple) and part and isinstance(part[0], str) and "unit" in part[0]:
                return part[0]
        cause = cause.__cause__ or cause.__context__
    return "The formula cannot be worked out with these values."


def _typed(value: Value, label: str) -> Any:
    import celpy

    if isinstance(value, bool):
        return celpy.celtypes.BoolType(value)
    if isinstance(value, str):
        return celpy.celtypes.StringType(value)
    return _Number(value * unit(label))


class _Number:
    """A decimal with its unit, as the expression language handles it."""

    def __init__(self, quantity: Any) -> None:
        self.quantity = quantity

    def within(self, label: str) -> Decimal:
        """The plain number of so many of this unit."""
        wanted = unit(label)
        with localcontext(ARITHMETIC):
            if not self.quantity.is_compatible_with(wanted.units):
                raise FormulaError(f"The formula's unit is {self.quantity.units:~P}, not {label}.")
            ratio = self.quantity.to(wanted.units).magnitude / wanted.magnitude
            return _tidy(Decimal(ratio))

    def _with(self, other: Any, doing: Callable[[Any, Any], Any]) -> Any:
        if not isinstance(other, _Number):
            raise FormulaError("A number is combined with what is none.")
        try:
            return doing(self.quantity, other.quantity)
        except ArithmeticError:
            raise FormulaError("The formula divides by zero.") from None
        except Exception as wrong:
            raise FormulaError(f"The units do not fit: {wrong}") from wrong

    def __add__(self, other: Any) -> _Number:
        return _Number(self._with(other, lambda a, b: a + b))

    def __sub__(self, other: Any) -> _Number:
        return _Number(self._with(other, lambda a, b: a - b))

    def __mul__(self, other: Any) -> _Number:
        return _Number(self._with(other, lambda a, b: a * b))

    def __truediv__(self, other: Any) -> _Number:
        return _Number(self._with(other, lambda a, b: a / b))

    def __neg__(self) -> _Number:
        return _Number(-self.quantity)

    def __lt__(self, other: Any) -> bool:
        return bool(self._with(other, lambda a, b: a < b))

    def __le__(self, other: Any) -> bool:
        return bool(self._with(other, lambda a, b: a <= b))

    def __gt__(self, other: Any) -> bool:
        return bool(self._with(other, lambda a, b: a > b))

    def __ge__(self, other: Any) -> bool:
        return bool(self._with(other, lambda a, b: a >= b))

    def __eq__(self, other: object) -> bool:
        return bool(self._with(other, lambda a, b: a == b))

    def __hash__(self) -> int:
        return hash(self.quantity)


def _tidy(value: Decimal) -> Decimal:
    """Without the zeros that arithmetic leaves behind: 2.50000 is written 2.5."""
    with localcontext(ARITHMETIC):
        plain = +value
    if plain and abs(plain.adjusted()) > LARGEST:
        raise FormulaError("The formula divides by zero or leaves the numbers.")
    text = format(plain, "f")
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _round(value: Any, places: Any) -> _Number:
    step = Decimal(1).scaleb(-int(places.quantity.magnitude))
    held = value.quantity
    rounded = Decimal(held.magnitude).quantize(step, rounding=ROUND_HALF_EVEN)
    return _Number(registry().Quantity(rounded, held.units))


def _least(*values: Any) -> Any:
    return min(values)


def _greatest(*values: Any) -> Any:
    return max(values)


def _quantity(value: Any, label: Any) -> _Number:
    """A constant with its unit: quantity(1.05, "g/mL")."""
    return _Number(value.quantity * unit(str(label)))


FUNCTIONS: dict[str, Any] = {
    "round": _round,
    "min": _least,
    "max": _greatest,
    "quantity": _quantity,
}


@lru_cache(maxsize=1)
def _environment() -> Any:
    import celpy
    from celpy.evaluation import Context as Activated
    from celpy.evaluation import Evaluator

    class Exact(Evaluator):
        """Reads a numeral as a decimal, so that 0.1 is a tenth."""

        def literal(self, tree: Any) -> Any:
            token = tree.children[0]
            if token.type in ("FLOAT_LIT", "INT_LIT"):
                return _Number(registry().Quantity(Decimal(token.value), ""))
            return super().literal(tree)

    class ExactRunner(celpy.InterpretedRunner):
        def evaluate(self, context: Activated) -> Any:
            return Exact(ast=self.ast, activation=self.new_activation()).evaluate(context)

    return celpy.Environment(runner_class=ExactRunner)


@lru_cache(maxsize=512)
def _parsed(formula: str) -> Any:
    from celpy import CELParseError

    try:
        return _plain(_environment().compile(formula))
    except FormulaError:
        raise
    except CELParseError as wrong:
        raise FormulaError(f"The formula cannot be read: {str(wrong)[:120]}") from wrong
    except Exception as wrong:
        raise FormulaError("The formula cannot be read.") from wrong


def _plain(tree: Any) -> Any:
    """The tree, if it is arithmetic and comparison alone."""
    if any(node.data in UNUSED for node in tree.iter_subtrees()):
        raise FormulaError("A formula has no lists and no calls on a value: only arithmetic.")
    return tree


def _used(tree: Any) -> set[str]:
    """The `a.b` names in a parsed formula."""
    found = set()
    for node in tree.iter_subtrees():
        if node.data == "member_dot":
            inner = node.children[0]
            while hasattr(inner, "children") and len(inner.children) == 1:
                inner = inner.children[0]
                if not hasattr(inner, "children"):
                    break
            found.add(f"{inner}.{node.children[1]}")
    return found
