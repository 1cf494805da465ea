"""Gives an account another password by a command of the ledger: that it changed is on the trail."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError

from ledger.event import Refused
from personnel import commands
from personnel.management.commands.open_account import ask_password
from personnel.models import Account


class Command(BaseCommand):
    help = "Change the password of an account. That it changed is on the trail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="The sign-in name.")
        parser.add_argument("--reason", required=True, help="Why, in a few words.")
        parser.add_argument(
            "--noinput",
            "--no-input",
            action="store_false",
            dest="interactive",
            help="Ask nothing: the password comes from DJANGO_SUPERUSER_PASSWORD.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        row = Account.objects.filter(username=options["username"]).first()
        if row is None:
            raise CommandError("No account has that sign-in name.")
        password = ask_password(interactive=options["interactive"])
        try:
            commands.change_password(
                account=row.pk,
                verifier=make_password(password),
                reason=options["reason"],
                actor=commands.console(),
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"The password of account {row.pk} is changed.")
