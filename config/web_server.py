"""gunicorn's settings: its ASGI worker."""

import os
from pathlib import Path
from typing import Any

worker_class = "asgi"
workers = int(os.environ.get("WEB_WORKERS", "1"))
graceful_timeout = 30  # a stop lets an export or a form under way come to its end
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """The application is loaded: tell a supervisor that waits for it (see config.demo)."""
    _read_ahead()
    waiting = os.environ.get("LOTBOOK_READY_FD")
    if waiting is not None:
        os.write(int(waiting), b"ready")


def _read_ahead() -> None:
    """Addresses and templates, about a second's work that the first visitor would wait for."""
    from django.conf import settings
    from django.template.loader import get_template
    from django.urls import resolve

    resolve("/")
    for folder in settings.TEMPLATES[0]["DIRS"]:
        for file in sorted(Path(folder).rglob("*.html")):
            get_template(file.relative_to(folder).as_posix())
