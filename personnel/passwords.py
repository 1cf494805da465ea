"""Asks for a new password at the console, or takes it from the environment."""

from __future__ import annotations

import getpass
import os

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError


def ask_password(*, interactive: bool) -> str:
    """A password good enough for an account, or CommandError with what is missing."""
    password = os.environ.get("DJANGO_SUPERUSER_PASSWORD", "")
    if interactive and not password:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password (again): "):
            raise CommandError("The two passwords differ. Run the command again.")
    if not password:
        raise CommandError("Set DJANGO_SUPERUSER_PASSWORD, or leave --noinput away.")
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return password
