"""Every address of the installation, taken from the resolver, and what a request left behind."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Rows that say nothing about what was done: who is signed in at which browser, and the framework's
# own lists. The order in which events are sealed is the sealer's.
NO_RECORD = {"django_session", "ledger_pending", "sqlite_sequence", "django_content_type"}
_PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One address, with sample values in its places."""

    name: str
    path: str


def routes(samples: dict[str, str]) -> list[Route]:
    """Every address that the resolver knows.

    Samples are by page and place (`personnel:act name`), room and place (`batches:number`), place
    or kind of place.
    """
    from django.urls import get_resolver

    return sorted(_walk(get_resolver().url_patterns, "/", "", samples), key=lambda r: r.path)


def _walk(patterns: Any, above: str, space: str, samples: dict[str, str]) -> Iterator[Route]:
    for pattern in patterns:
        page = "" if hasattr(pattern, "url_patterns") else f"{space}{pattern.name} "
        path = above + _filled(str(pattern.pattern), samples, (page, space, ""))
        if hasattr(pattern, "url_patterns"):
            name = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, path, name, samples)
        else:
            yield Route(f"{space}{pattern.name or path}", path)


def _filled(route: str, samples: dict[str, str], scopes: tuple[str, ...]) -> str:
    if route.startswith("^") or "(?P" in route:  # the admin site's regular expressions
        route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).strip("^$")

    def value(place: re.Match[str]) -> str:
        names = [f"{scope}{place[2]}" for scope in scopes] + [place[1] or ""]
        return next((samples[name] for name in names if name in samples), "x-1")

    return _PLACE.sub(value, route)


def content() -> dict[str, str]:
    """A digest of each table's rows, read over the application's own connection."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in NO_RECORD:
                cursor.execute(f'SELECT * FROM "{table}"')
                rows = sorted(repr(row) for row in cursor.fetchall())
                found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """The tables that are not what they were."""
    return {table for table in after if before.get(table) != after[table]}
