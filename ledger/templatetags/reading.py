"""Small words for templates: names of types and roles as people read them, short hashes."""

from django import template

from ledger.forms import type_label

register = template.Library()
register.filter("type_label", type_label)


@register.filter
def in_words(value: str) -> str:
    """`system_administrator` as people read it."""
    return value.replace("_", " ")


@register.filter
def short_hash(value: str) -> str:
    """The first and last characters of a hash, enough to compare by eye."""
    return value if len(value) <= 20 else f"{value[:10]}…{value[-6:]}"
