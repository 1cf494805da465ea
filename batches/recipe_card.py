"""The operator's card of a step that no batch has reached: for the preview and the dry run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batches import wording
from batches.recipe_content import Content, Step
from batches.record import StepRecord
from batches.record_shape import ParameterTold, StepTold
from batches.step_forms import StepForm
from batches.step_help import what_to_take


def shown(step: Step, content: Content, typed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the templates of the operator's card need, as if the step were due now."""
    at = StepTold(
        step=step,
        part="",
        record=StepRecord(),
        parameters=[ParameterTold(one) for one in step.parameters],
        instruction=wording.fill(step.instruction, {}, content),
        turn=True,
    )
    helps = {one.key: what_to_take(content, one) for one in step.parameters}
    return {"at": at, "card": StepForm(at, content, typed), "content": content, "helps": helps}
