"""Small words for the pages of master batch records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from batches import wording
from batches.limits import Range
from batches.recipe_blockers import absolute_here
from batches.recipe_content import Content, Picture, Step, pictures_of
from batches.recipe_finding import Finding
from ledger.forms import in_words

register = template.Library()


@register.filter
def named(names: Mapping[str, str], person: str) -> str:
    """A person's printed name, or the pseudonym where there is none."""
    return names.get(person, person)


@register.filter
def said(finding: Finding) -> str:
    """A finding's sentence in the reader's language."""
    return gettext(finding.template).format(**finding.params)


@register.filter
def words(value: str) -> str:
    """A kind or role as people read it: `line_clearance` is line clearance."""
    return in_words(value) if value else ""


@register.filter
def without_values(instruction: str, content: Content) -> str:
    """An instruction where no batch runs: what will stand in it is named by label and step."""
    return wording.fill(instruction, {}, content)


@register.filter
def pictures(step: Step, content: Content) -> list[Picture]:
    """The pictures that stand beside a step's instruction."""
    return pictures_of(step, content)


@register.filter
def nobody_overrides(step: Step) -> str:
    """What blocks the step and nobody overrides there though the house lets them, in words."""
    return "; ".join(gettext(words) for words in absolute_here(step))


@register.filter
def digest(blob: str) -> str:
    """The bare hash in the name of a kept file, as addresses have it."""
    return blob.removeprefix("sha256:")


@register.filter
def given(range_: Range) -> bool:
    """Whether a range bounds anything."""
    return range_ != Range()


@register.filter
def at_key(values: Mapping[Any, Any] | None, key: Any) -> Any:
    """What stands in a table under a key; nothing where there is no table."""
    return values.get(key, "") if values else ""


LEVELS = {
    "unit_procedures": _("unit procedure"),
    "operations": _("operation"),
    "phases": _("phase"),
    "steps": _("step"),
}
LISTS = {
    "materials": _("Bill of materials"),
    "equipment": _("Bill of equipment"),
    "rooms": _("Rooms"),
    "staffing": _("Roles and staffing"),
    "hold_times": _("Hold times"),
    "labels": _("Labels"),
    "yields": _("Expected yields"),
    "pictures": _("Pictures"),
}


@register.filter
def level_name(level: str) -> Any:
    """A level of the procedure as people read it."""
    return LEVELS.get(level, level)


@register.filter
def list_name(name: str) -> Any:
    """A list of the record as people read it."""
    return LISTS.get(name, name)


@register.filter
def translated(text: str) -> str:
    """Words that a pure file holds in English, in the reader's language."""
    return gettext(text)
