"""A master batch record: its steps with limits, drafted by one person, approved by another. Pure.

One stream holds one version of one recipe: a version that was approved never changes.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

from batches.limits import Parameter, Range
from ledger.event import Refused, event_type
from ledger.event import marked as _

_NUMBER = re.compile(r"[A-Z][A-Z0-9-]{1,19}")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do: the instruction, what is read, who performs and who verifies it."""

    number: int
    title: str
    instruction: str
    performs: str
    verifies: str = ""  # the role of the second person; none where the step needs none
    parameters: list[Parameter]


@dataclass(frozen=True, kw_only=True)
class UnitProcedure:
    """Steps that belong together (ISA-88)."""

    title: str
    steps: list[Step]


@event_type(
    "batches.recipe_drafted",
    1,
    sentence="Version {version} of the master batch record {recipe} ({title}) was drafted.",
    owner="batches",
    retention="batch",
)
class RecipeDrafted:
    recipe: str
    version: int
    title: str
    product: str
    unit_procedures: list[UnitProcedure]
    content_sha256: str
    author: str


@event_type(
    "batches.recipe_approved",
    1,
    sentence="Version {version} of the master batch record {recipe} was approved for use.",
    owner="batches",
    retention="batch",
)
class RecipeApproved:
    recipe: str
    version: int
    content_sha256: str


@dataclass(frozen=True, kw_only=True)
class Recipe:
    recipe: str = ""
    version: int = 0
    title: str = ""
    product: str = ""
    unit_procedures: tuple[UnitProcedure, ...] = ()
    content_sha256: str = ""
    author: str = ""
    approved: bool = False

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for part in self.unit_procedures for step in part.steps)

    def step(self, number: int) -> Step | None:
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None


INITIAL = Recipe()


def stream_id(recipe: str, version: int) -> str:
    """Where this version of the recipe is told."""
    return f"{recipe}.{version}"


def evolve(state: Recipe, event: Any) -> Recipe:
    match event:
        case RecipeDrafted():
            return Recipe(
                recipe=event.recipe,
                version=event.version,
                title=event.title,
                product=event.product,
                unit_procedures=tuple(event.unit_procedures),
                content_sha256=event.content_sha256,
                author=event.author,
            )
        case RecipeApproved():
            return replace(state, approved=True)
    raise ValueError(f"A recipe does not know the event {type(event).__name__}.")


def content_sha256(title: str, product: str, unit_procedures: list[UnitProcedure]) -> str:
    """The hash that a batch and an approval name: it binds them to every word and limit."""
    content = {
        "title": title,
        "product": product,
        "unit_procedures": [asdict(part) for part in unit_procedures],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


def draft(
    state: Recipe,
    *,
    recipe: str,
    version: int,
    title: str,
    product: str,
    unit_procedures: list[UnitProcedure],
    author: str,
) -> list[RecipeDrafted]:
    if state.recipe:
        raise Refused(
            _("Version {version} of {recipe} is written already. Draft the next version."),
            version=version,
            recipe=recipe,
            code="already_drafted",
        )
    if not _NUMBER.fullmatch(recipe) or version < 1:
        raise Refused(
            _("Number the recipe in capital letters, digits and hyphens, as MBR-019."),
            code="recipe_number",
        )
    if not title.strip() or not product.strip():
        raise Refused(_("Give the recipe a title and a product."), code="missing")
    _check(unit_procedures)
    digest = content_sha256(title, product, unit_procedures)
    return [
        RecipeDrafted(
            recipe=recipe,
            version=version,
            title=title,
            product=product,
            unit_procedures=unit_procedures,
            content_sha256=digest,
            author=author,
        )
    ]


def approve(state: Recipe, *, recipe: str, version: int, person: str) -> list[RecipeApproved]:
    if not state.recipe:
        raise Refused(
            _("There is no version {version} of {recipe} to approve."),
            version=version,
            recipe=recipe,
            code="no_recipe",
        )
    if state.approved:
        raise Refused(
            _("Version {version} of {recipe} is approved already."),
            version=version,
            recipe=recipe,
            code="already_approved",
        )
    if person == state.author:
        raise Refused(
            _("You drafted this recipe, so somebody else has to approve it."), code="same_person"
        )
    return [RecipeApproved(recipe=recipe, version=version, content_sha256=state.content_sha256)]


def _check(unit_procedures: list[UnitProcedure]) -> None:
    """Steps are numbered from one without a gap, and every range can hold its target."""
    steps = [step for part in unit_procedures for step in part.steps]
    if not steps or [step.number for step in steps] != list(range(1, len(steps) + 1)):
        raise Refused(_("Number the steps from 1 on, without a gap."), code="step_numbers")
    for step in steps:
        if not step.title or not step.instruction or not step.performs:
            raise Refused(
                _("Step {step} needs a title, an instruction and who performs it."),
                step=step.number,
                code="step_incomplete",
            )
        keys = [parameter.key for parameter in step.parameters]
        if len(set(keys)) != len(keys):
            raise Refused(
                _("Step {step} asks for one parameter twice."), step=step.number, code="twice"
            )
        for parameter in step.parameters:
            _check_limits(step, parameter)


def _check_limits(step: Step, parameter: Parameter) -> None:
    inside = parameter.normal.holds(parameter.target)
    if not inside or not _contains(parameter.acceptance, parameter.normal):
        raise Refused(
            _(
                "Step {step}, {label}: the target lies in the normal operating range, and that"
                " range in the acceptance criterion. Mend the limits."
            ),
            step=step.number,
            label=parameter.label,
            code="limits",
        )


def _contains(outer: Range, inner: Range) -> bool:
    low = outer.low is None or (inner.low is not None and inner.low >= outer.low)
    high = outer.high is None or (inner.high is not None and inner.high <= outer.high)
    return low and high and outer != Range()
