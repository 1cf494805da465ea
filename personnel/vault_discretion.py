"""A fault on a page of the vault says where it happened and never what was typed there."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse

View = Callable[..., HttpResponse]


class VaultFault(Exception):
    """Something of ours broke while somebody's name was on its way; the name is not repeated."""


def discreet(view: View) -> View:
    """Keep what an exception quotes out of the log: a parser's message holds what it could not
    read, and here that may be a name."""

    @wraps(view)
    def answer(*args: Any, **given: Any) -> HttpResponse:
        try:
            return view(*args, **given)
        except (Http404, PermissionDenied, SuspiciousOperation):
            raise
        except Exception as error:  # noqa: BLE001 - raised again below, without its words
            kind, place = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}, in {place.name}"
        raise VaultFault(f"{kind} in {where}. What it said is withheld.")

    return answer
