"""The web process's entry: `gunicorn -c python:config.web_server config.asgi:application`."""

import os
from pathlib import Path

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.template.loader import get_template
from django.urls import resolve


def read_ahead() -> None:
    """Addresses and templates, about a second's work that the first visitor would wait for."""
    resolve("/")
    for folder in map(Path, settings.TEMPLATES[0]["DIRS"]):
        for file in sorted(folder.rglob("*.html")):
            get_template(file.relative_to(folder).as_posix())


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_asgi_application()
read_ahead()
