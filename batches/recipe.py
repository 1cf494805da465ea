"""A master batch record: its steps with limits, drafted by one person, approved by another. Pure.

One stream holds one version of one recipe: a version that was approved never changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from batches.limits import Parameter, Range
from batches.recipe_content import Content, Header, Step, UnitProcedure
from batches.recipe_json import content_sha256, from_json, to_json
from ledger.event import Refused, event_type, upcasts
from ledger.event import marked as _

_NUMBER = re.compile(r"[A-Z][A-Z0-9-]{1,19}")


@event_type(
    "batches.recipe_drafted",
    2,
    sentence="Version {version} of the master batch record {recipe} ({title}) was drafted.",
    owner="batches",
    retention="batch",
)
class RecipeDrafted:
    recipe: str
    version: int
    title: str
    product: str
    content: dict[str, Any]
    content_sha256: str
    author: str


@upcasts("batches.recipe_drafted", 1)
def with_content(data: dict[str, Any]) -> dict[str, Any]:
    """What had unit procedures of steps has one operation and one phase in each of them."""
    parts = [
        {
            "title": part["title"],
            "operations": [
                {
                    "title": part["title"],
                    "phases": [{"title": part["title"], "steps": part["steps"]}],
                }
            ],
        }
        for part in data["unit_procedures"]
    ]
    header = {"title": data["title"], "product": data["product"]}
    kept = {key: value for key, value in data.items() if key != "unit_procedures"}
    return {**kept, "content": {"header": header, "unit_procedures": parts}}


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


NOTHING = Content(header=Header(title="", product=""), unit_procedures=[])


@dataclass(frozen=True, kw_only=True)
class Recipe:
    recipe: str = ""
    version: int = 0
    content: Content = NOTHING
    content_sha256: str = ""
    author: str = ""
    approved: bool = False

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return self.content.steps

    @property
    def title(self) -> str:
        return self.content.header.title

    @property
    def product(self) -> str:
        return self.content.header.product

    @property
    def unit_procedures(self) -> list[UnitProcedure]:
        return self.content.unit_procedures

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
                content=from_json(event.content),
                content_sha256=event.content_sha256,
                author=event.author,
            )
        case RecipeApproved():
            return replace(state, approved=True)
    raise ValueError(f"A recipe does not know the event {type(event).__name__}.")


def draft(
    state: Recipe,
    *,
    recipe: str,
    version: int,
    content: Content,
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
    header = content.header
    if not header.title.strip() or not header.product.strip():
        raise Refused(_("Give the recipe a title and a product."), code="missing")
    _check(content)
    return [
        RecipeDrafted(
            recipe=recipe,
            version=version,
            title=header.title,
            product=header.product,
            content=to_json(content),
            content_sha256=content_sha256(content),
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


def _check(content: Content) -> None:
    """Steps are numbered from one without a gap, and every range can hold its target."""
    steps = content.steps
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
    target, normal, widest = parameter.target, parameter.normal, parameter.acceptance
    inside = target is None or normal.holds(target)
    if not inside or (widest != Range() and not _contains(widest, normal)):
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
    return low and high
