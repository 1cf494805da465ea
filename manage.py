#!/usr/bin/env python3
"""Django's door: on a fresh checkout it makes .venv from a lock, then runs itself again inside.

What it imports before that (config.installation, config.demo) uses the standard library alone.
"""

import os
import sys

from config import installation


def main() -> None:
    """Hand over to the demo's supervisor, to pytest, or to Django."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "demo" and not {"-h", "--help"} & set(sys.argv[2:]):
        from config import demo

        sys.exit(demo.main(sys.argv[2:]))  # installs what is missing while it answers /health/
    installation.enter(command, sys.argv)
    if command == "test":
        installation.run_tests(sys.argv[2:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
