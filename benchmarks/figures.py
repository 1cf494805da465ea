"""A figure: what was measured, what it should be, and whether it is. One line each."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """A measured value beside its target; without a target it is there to be read beside others."""

    name: str
    value: float
    target: float | None = None
    at_least: bool = True
    unit: str = ""

    @property
    def held(self) -> bool:
        """Whether the target holds."""
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    def line(self) -> str:
        """`name value target held|short`"""
        value = f"{self.value:.4g}{self.unit}"
        if self.target is None:
            return f"{self.name} {value} - beside"
        sign = ">=" if self.at_least else "<="
        verdict = "held" if self.held else "short"
        return f"{self.name} {value} {sign}{self.target:g}{self.unit} {verdict}"


def say(text: str) -> None:
    """A progress line, on standard error so that the figures stand alone."""
    sys.stderr.write(f"# {text}\n")
    sys.stderr.flush()


def show(figures: Iterable[Figure]) -> int:
    """Print the figures; 1 where one is short."""
    short = 0
    for figure in figures:
        sys.stdout.write(figure.line() + "\n")
        sys.stdout.flush()
        short |= not figure.held
    return int(short)


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, int(share * len(ordered) + 0.999999) - 1))]


def middle_ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the ratios of runs that were made side by side."""
    return median(mine / yours for mine, yours in zip(ours, theirs, strict=True))
