"""Small words about people for templates."""

from django import template

register = template.Library()


@register.filter
def named(names: dict[str, str], person: str) -> str:
    """A person's printed name where one is known, else the pseudonym."""
    return names.get(person, person)
