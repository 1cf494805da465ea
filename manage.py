#!/usr/bin/env python3
"""Django's door: on a fresh checkout it makes .venv from a lock, then runs itself again inside.

What it imports before that (config.installation, config.demo) uses the standard library alone.
"""

import os
import sys

from config import demo, installation, workbench


def main() -> None:
    """Hand over to the demo's supervisor, to a developer's command, or to Django."""
    command, arguments = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if command == "demo":  # it answers on its port while it installs what is missing
        sys.exit(demo.main(arguments))
    installation.enter(command, sys.argv)
    if command in workbench.COMMANDS:
        sys.exit(workbench.COMMANDS[command](arguments))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    if command in {"", "help"} and not arguments:
        print(
            "Without settings: demo [--port N], install, test, bench NAME [--quick], lock."
            " With settings:"
        )
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
