"""gunicorn's settings: its ASGI worker."""

import os
from typing import Any

worker_class = "asgi"
workers = int(os.environ.get("WEB_WORKERS", "1"))
graceful_timeout = 30  # a stop lets an export or a form under way come to its end
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """The application is loaded: tell a supervisor that waits for it (see config.demo)."""
    waiting = os.environ.get("LOTBOOK_READY_FD")
    if waiting is not None:
        os.write(int(waiting), b"ready")
