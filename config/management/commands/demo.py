"""`manage.py demo`, as listed by `manage.py help`; the work is done by config/demo.py."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config import demo


class Command(BaseCommand):
    help = "Runs the whole system as a demo on this machine (not for GMP): --port, --address."
    requires_system_checks: list[str] = []  # noqa: RUF012 - it prepares what they would check

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("arguments", nargs="*", help="see: python3 manage.py demo --help")

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(demo.main(options["arguments"]))
