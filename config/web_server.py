"""gunicorn's settings: its ASGI worker, which server-sent events need."""

import os
from typing import Any

worker_class = "asgi"
workers = int(os.environ.get("WEB_WORKERS", "1"))
graceful_timeout = 1  # an open event stream must not hold up a stop; browsers connect again
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """The application is loaded: tell a supervisor that waits for it (see config.demo)."""
    waiting = os.environ.get("LOTBOOK_READY_FD")
    if waiting is not None:
        os.write(int(waiting), b"ready")
