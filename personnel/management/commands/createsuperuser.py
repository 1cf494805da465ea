"""Opens a system administrator's account, by the same command as any account: it is on the trail.

The administrator looks after the installation and holds no role in making or releasing anything.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from personnel.management.commands import open_account
from personnel.roles import SYSTEM_ADMINISTRATOR


class Command(open_account.Command):
    help = "Open a system administrator's account. Recorded on the trail like any other account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_common_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self.open(SYSTEM_ADMINISTRATOR, options)
