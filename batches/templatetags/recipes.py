"""Small words for the pages of master batch records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext

from batches.limits import Range
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
def given(range_: Range) -> bool:
    """Whether a range bounds anything."""
    return range_ != Range()


@register.filter
def at_key(values: Mapping[Any, Any], key: Any) -> Any:
    """What stands in a table under a key."""
    return values.get(key)
