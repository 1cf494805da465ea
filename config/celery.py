"""Background work: Redis at a facility, files in the state folder when embedded.

Messages only wake followers, which read on from their own cursors; a lost one delays, no more.
"""

import os
from importlib import import_module, util
from typing import Any

import django
from celery import Celery
from django.apps import apps
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("lotbook")


def _queue() -> dict[str, Any]:
    """Where messages wait. All paths absolute: kombu's defaults lie in the working directory."""
    if settings.REDIS_URL:
        return {"broker_url": settings.REDIS_URL}
    folders = {name: settings.QUEUE_DIR / name for name in ("messages", "control", "processed")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    options = {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        "control_folder": str(folders["control"]),
        "processed_folder": str(folders["processed"]),
        "store_processed": False,
    }
    return {"broker_url": "filesystem://", "broker_transport_options": options}


def _schedule() -> dict[str, dict[str, Any]]:
    """Every room's schedule. It stands in code: a schedule is a GMP parameter."""
    found: dict[str, dict[str, Any]] = {}
    for room in (name for name in settings.INSTALLED_APPS if "." not in name):
        if util.find_spec(f"{room}.tasks"):
            found |= getattr(import_module(f"{room}.tasks"), "BEAT_SCHEDULE", {})
    # A wake-up that was not heard before the next one is worth nothing any more.
    return {
        name: {"options": {"expires": entry["schedule"]}, **entry} for name, entry in found.items()
    }


if not apps.ready:
    django.setup()
settings.QUEUE_DIR.mkdir(parents=True, exist_ok=True)  # beat keeps its place there
app.conf.update(
    **_queue(),
    beat_schedule=_schedule(),
    beat_schedule_filename=str(settings.QUEUE_DIR / "beat-schedule"),
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    task_serializer="json",
    timezone="UTC",
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
)
app.autodiscover_tasks()
