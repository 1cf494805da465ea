"""The two Django audit packages, on a model of the same size, in a Django of their own."""

import os
from collections.abc import Callable


def _configure(kind: str) -> None:
    import django
    from django.conf import settings

    packages = {"pghistory": ["pgtrigger", "pghistory"], "simple_history": ["simple_history"]}
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "benchmarks",
            *packages.get(kind, []),
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": os.environ["DB_NAME"],
                "HOST": os.environ["DB_HOST"],
                "PORT": os.environ["DB_PORT"],
                "USER": "postgres",
                "PASSWORD": os.environ["DB_ADMIN_PASSWORD"],
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        SECRET_KEY="bench",
        PEER=kind,
    )
    django.setup()


def _tables(kind: str) -> None:
    """Made by the first writer that gets there; the others wait and find them."""
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1)")
        call_command("migrate", run_syncdb=True, verbosity=0)
        if kind == "pghistory":
            call_command("pgtrigger", "install", verbosity=0)
        cursor.execute("SELECT pg_advisory_unlock(1)")


def writer(kind: str) -> Callable[[], object]:
    """A function that saves one new row, recorded by the package."""
    _configure(kind)
    from benchmarks.models import Entry

    _tables(kind)

    def write() -> object:
        made = Entry(unit="CF-02", entry=1, text="Spin 400 g, 10 min, rotor R-3.", actor="p-7f3k2")
        return made.save()

    return write
