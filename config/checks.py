"""What `check --deploy` refuses in a facility: settings, keys and files. The checks that ask the
database are in `config.database_checks`."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, register
from django.db import connections
from django.http.request import validate_host

from config import database_checks
from config.database_checks import error, warning

LONGEST_IDLE = 60  # minutes: beyond it, whoever comes by works in the name of who went away
PLACEHOLDERS = ("demo-only", "django-insecure-", "change-me", "test")


@register("lotbook", deploy=True)
def deployment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Everything that can be judged from the settings and the file system."""
    return [
        *_kind_of_installation(),
        *_web(),
        *_people(),
        *_checkpoint_key(),
        *_vault_key(),
        *_queue(),
    ]


@register("lotbook", deploy=True)
def database(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Everything that must be asked of the database, as the role the pages run as."""
    auditor = connections["auditor"] if settings.DATABASES["auditor"].get("PASSWORD") else None
    return database_checks.findings(connections["default"], auditor=auditor)


def _kind_of_installation() -> Iterator[CheckMessage]:
    if settings.DB == "sqlite":
        yield error(
            1,
            "The database is SQLite, which has no roles: it serves a trial, not a facility.",
            "Set DB=postgres and the DB_* variables (docs/operate.md).",
        )
    if settings.DEMO:
        yield error(
            2,
            "The demo is on: it signs people in by a click and tells history on a fixed clock.",
            "Unset LOTBOOK_DEMO.",
        )
    origin = settings.LOTBOOK_ORIGIN
    if origin.startswith("demo."):
        yield error(
            4,
            f"The log's origin {origin} says that it is a demo: its times are not checked.",
            "Set LOTBOOK_ORIGIN to a name of your own, such as lotbook.hospital.example.",
        )
    elif origin.endswith(".invalid") or not origin:
        yield error(
            5,
            "The log has no origin of its own, so its checkpoints cannot be told from another's.",
            "Set LOTBOOK_ORIGIN to a name that only this installation uses, for ever.",
        )


def _web() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield error(6, "DEBUG is on: error pages show settings and data.", "Unset DEBUG.")
    key = settings.SECRET_KEY
    if len(key) < 50 or len(set(key)) < 10 or key.startswith(PLACEHOLDERS):
        yield error(
            7,
            "SECRET_KEY is short or a placeholder: sessions could be forged.",
            "Set SECRET_KEY to 50 or more random characters that nothing else uses.",
        )
    if not _https():
        yield error(
            8,
            "HTTPS is not demanded: passwords and sessions would cross the network in the clear.",
            "Put a TLS proxy in front and set LOTBOOK_HTTPS=1.",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield error(
            9,
            "ALLOWED_HOSTS accepts every host name.",
            "Set ALLOWED_HOSTS to the names people type, separated by commas.",
        )


def _https() -> bool:
    return bool(
        settings.SECURE_SSL_REDIRECT
        and settings.SESSION_COOKIE_SECURE
        and settings.CSRF_COOKIE_SECURE
        and settings.SECURE_HSTS_SECONDS
    )


def _people() -> Iterator[CheckMessage]:
    idle = settings.LOTBOOK_IDLE_MINUTES
    if not 1 <= idle <= LONGEST_IDLE:
        yield error(
            14,
            f"A session locks after {idle} minutes without a touch, which is no lock to rely on.",
            f"Set LOTBOOK_IDLE_MINUTES to 1 to {LONGEST_IDLE}; 15 is usual.",
        )
    domain = settings.LOTBOOK_PASSKEY_DOMAIN
    if domain and not validate_host(domain, settings.ALLOWED_HOSTS):
        yield error(
            15,
            f"Passkeys are bound to {domain}, which is no host name of this installation: none"
            " could be enrolled or used.",
            "Set LOTBOOK_PASSKEY_DOMAIN to the one of ALLOWED_HOSTS that people type, without"
            " scheme and port, or leave it empty.",
        )


def _checkpoint_key() -> Iterator[CheckMessage]:
    path = Path(settings.LOTBOOK_CHECKPOINT_KEY)
    try:
        mode = path.stat().st_mode
    except PermissionError:
        return  # its directory is closed to this process: exactly as it should be
    except OSError:
        if not _seals_here():
            return  # the key is on the sealer's host, and should be nowhere else
        yield error(
            10,
            f"There is no checkpoint key at {path}: nothing can be sealed.",
            "Set LOTBOOK_CHECKPOINT_KEY; run_sealer makes the key when it first seals the log.",
        )
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield error(
            11,
            f"The checkpoint key {path} has mode {stat.filemode(mode)}: others can use it.",
            "Make it readable by the sealer's user only (chmod 600).",
        )
    if os.access(path, os.R_OK):
        yield warning(
            1,
            "The process that ran this check can read the checkpoint key.",
            "Run the sealer as an operating system user of its own; a web process that can"
            " read the key could sign a log of its own making.",
        )


def _seals_here() -> bool:
    """Whether this process was given what the sealer signs in with; SQLite asks nobody."""
    return settings.DB == "sqlite" or bool(settings.DATABASES["sealer"].get("PASSWORD"))


def _vault_key() -> Iterator[CheckMessage]:
    from personnel import vault

    try:
        vault.vault_keys()
    except vault.BadVaultKey as fault:
        if not settings.LOTBOOK_VAULT_KEY and settings.DB != "sqlite" and _seals_here():
            return  # the sealer has no business with who people are
        yield error(
            13,
            f"The identity vault cannot seal nor open anything: {fault}",
            "Set LOTBOOK_VAULT_KEY (or LOTBOOK_VAULT_KEY_FILE) to 32 random bytes in URL-safe"
            " base64, and keep a copy apart from the database's backups.",
        )


def _queue() -> Iterator[CheckMessage]:
    if not settings.REDIS_URL:
        yield warning(
            2,
            "There is no REDIS_URL: background work is passed through files in LOTBOOK_STATE.",
            "Set REDIS_URL; the queue of files is made for a trial on one machine.",
        )
