"""Small words for templates: names of types and roles as people read them, short hashes."""

from django import template

from ledger import ports
from ledger.forms import in_words, type_label

register = template.Library()
register.filter("type_label", type_label)
register.filter("in_words", in_words)
register.filter("role_name", ports.role_name)


@register.filter
def short_hash(value: str) -> str:
    """The first and last characters of a hash, enough to compare by eye."""
    return value if len(value) <= 20 else f"{value[:10]}…{value[-6:]}"
