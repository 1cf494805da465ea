"""Small words for the pages of materials."""

from __future__ import annotations

from django import template

from batches import material_kit_queries as kits
from batches.material_kit_queries import Need

register = template.Library()


@register.filter
def kit_word(need: Need) -> str:
    """How what a batch needs stands, in a word."""
    return kits.told(need)[0]
