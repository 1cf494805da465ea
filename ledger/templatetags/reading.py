"""Small words for templates: names of types and roles as people read them, short hashes."""

import re

from django import template

from ledger import ports
from ledger.forms import in_words, type_label
from ledger.reading import amount

register = template.Library()
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
register.filter("with_unit", amount)
register.filter("type_label", type_label)
register.filter("in_words", in_words)
register.filter("role_name", ports.role_name)


@register.filter
def has_number(stream_id: str) -> bool:
    """Whether people know a record by its id: CF-02 they do, a session's random one they do not."""
    return not _UUID.fullmatch(stream_id)


@register.filter
def short_hash(value: str) -> str:
    """The first and last characters of a hash, enough to compare by eye."""
    return value if len(value) <= 20 else f"{value[:10]}…{value[-6:]}"
