"""`manage.py open_account --role ...`: opens somebody's account by a command of the ledger."""

from __future__ import annotations

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from ledger.event import Refused
from personnel import commands
from personnel.roles import ROLES, label


class Command(BaseCommand):
    help = "Open an account in one role. It is on the trail; its names and password are not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", required=True, choices=ROLES, help="What the person may do.")
        self.add_common_arguments(parser)

    def add_common_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", help="The sign-in name; never given twice.")
        parser.add_argument("--printed-name", default="", help="The name as it shall be printed.")
        parser.add_argument(
            "--noinput",
            "--no-input",
            action="store_false",
            dest="interactive",
            help="Ask nothing: the password comes from DJANGO_SUPERUSER_PASSWORD.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.open(options["role"], options)

    def open(self, role: str, options: dict[str, Any]) -> None:
        username = options["username"] or _ask_name(interactive=options["interactive"])
        password = ask_password(interactive=options["interactive"])
        account, person = commands.new_id("a"), commands.new_id("p")
        try:
            commands.open_account(
                account=account,
                person=person,
                role=role,
                username=username,
                printed_name=options["printed_name"],
                verifier=make_password(password),
                actor=commands.console(),
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"Account {account} is open for {person} as {label(role)}.")


def _ask_name(*, interactive: bool) -> str:
    name = input("Sign-in name: ").strip() if interactive else ""
    if not name:
        raise CommandError("Give the sign-in name with --username.")
    return name


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
