"""The one settings file. Every value a site may change comes from the environment, loudly."""

import re
from pathlib import Path
from typing import Any

from csp.constants import NONCE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import env
from ledger.verify import BadNote, good_key_name
from ledger.witness_list import parse_witnesses

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_dotenv(Path(env.text("LOTBOOK_DOTENV", str(BASE_DIR / ".env"))))

# Unreleased work has a number of its own, so that no body claims to come from a released version.
VERSION = re.search(r"(?m)^## (\S+)", (BASE_DIR / "CHANGELOG.md").read_text("utf-8"))[1]  # type: ignore[index]
if not re.fullmatch(r"\d+\.\d+\.\d+(\.dev)?", VERSION):
    raise ImproperlyConfigured(f"CHANGELOG.md must begin with a version, not {VERSION!r}.")

# Where this installation keeps its state: the embedded database, queue, sealed log, blobs.
STATE_DIR = Path(env.text("LOTBOOK_STATE", str(BASE_DIR / ".state")))
if not STATE_DIR.is_absolute():
    raise ImproperlyConfigured("LOTBOOK_STATE must be an absolute path.")

DEMO = env.flag("LOTBOOK_DEMO", default=False)
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", "demo-only-not-a-secret" if DEMO or DEBUG else None)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
HTTPS = env.flag("LOTBOOK_HTTPS", default=False)

# --- The ledger -------------------------------------------------------------------------------
LOTBOOK_ORIGIN = env.text("LOTBOOK_ORIGIN", "demo.lotbook.example" if DEMO else "lotbook.invalid")
# It stands in the first entry for ever, so a bad one must stop the start before there is one. The
# epoch's number is put behind it, in a column of 200 characters and a field of 255 bytes.
if not good_key_name(LOTBOOK_ORIGIN) or len(LOTBOOK_ORIGIN.encode()) > 197:
    raise ImproperlyConfigured(
        f"LOTBOOK_ORIGIN {LOTBOOK_ORIGIN!r} cannot name a log: write a name like"
        " lotbook.hospital.example, without blanks or plus signs, of at most 197 characters."
    )
LOTBOOK_CHECKPOINT_KEY = Path(env.text("LOTBOOK_CHECKPOINT_KEY", str(STATE_DIR / "checkpoint.key")))
# An ML-DSA-44 key beside the Ed25519 one, for records that must hold for thirty years. Optional.
LOTBOOK_CHECKPOINT_KEY_MLDSA = env.text("LOTBOOK_CHECKPOINT_KEY_MLDSA", "")
# The facility's key and certificate that seal printed records (PEM). A demo makes its own.
LOTBOOK_SEAL_KEY = Path(env.text("LOTBOOK_SEAL_KEY", str(STATE_DIR / "seal.pem")))
LOTBOOK_OUTSIDE = Path(env.text("LOTBOOK_OUTSIDE", str(STATE_DIR / "outside" / "seals.sqlite3")))
LOTBOOK_WITNESSES = env.text("LOTBOOK_WITNESSES", "")
try:
    parse_witnesses(LOTBOOK_WITNESSES)
except (BadNote, ValueError) as error:
    raise ImproperlyConfigured(
        f"LOTBOOK_WITNESSES must hold pairs of a witness's key and its address: {error}"
    ) from error
LOTBOOK_TSA_URL = env.text("LOTBOOK_TSA_URL", "")
# The certificates that its time stamps are checked with, one file, PEM or DER.
LOTBOOK_TSA_CERTIFICATES = env.text("LOTBOOK_TSA_CERTIFICATES", "")
LOTBOOK_CLOCK_LIMIT_SECONDS = env.number("LOTBOOK_CLOCK_LIMIT_SECONDS", 2)

# --- Applications -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "batches",
    "equipment",
    "personnel",
    "ledger",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.SignInRequired",
    "personnel.signing_series.SeriesCookie",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.middleware.wrong_method_page",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "personnel.presence.PresenceMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "config.context.site",
            ],
        },
    }
]

# --- Databases --------------------------------------------------------------------------------
# Four aliases, four PostgreSQL roles: what a process may do is what its role may do. On SQLite
# all four are one file, and an authorizer on each connection stands in for the roles.
DB = env.choice("DB", ("sqlite", "postgres"), "sqlite")
DB_ROLE_PREFIX = env.text("DB_ROLE_PREFIX", "lotbook")
ATOMIC_REQUESTS = False  # a refusal must survive the rollback of what it refused


def _sqlite(alias: str) -> dict[str, Any]:
    return {
        "ENGINE": "ledger.sqlite",
        "NAME": env.text("DB_NAME", str(STATE_DIR / "lotbook.sqlite3")),
        "OPTIONS": {"role": alias},
    }


def _postgres(alias: str, role: str, variable: str) -> dict[str, Any]:
    options: dict[str, Any] = {"application_name": f"lotbook {alias}"}
    if alias == "migrator":
        options["assume_role"] = f"{DB_ROLE_PREFIX}_owner"
    needed = alias == "default"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": env.text("DB_NAME"),
        "HOST": env.text("DB_HOST", "localhost"),
        "PORT": env.text("DB_PORT", "5432"),
        "USER": env.text(f"{variable}_USER", f"{DB_ROLE_PREFIX}_{role}"),
        # Only the web process's own password must be present everywhere: the sealer's and the
        # migrator's belong to their own processes.
        "PASSWORD": env.secret(f"{variable}_PASSWORD", None if needed else ""),
        # No connection outlives its request: under ASGI each request has a thread of its own, and
        # a kept connection would stay open with nobody to use it.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


if DB == "postgres":
    DATABASES = {
        "default": _postgres("default", "app", "DB"),
        "migrator": _postgres("migrator", "migrator", "DB_MIGRATOR"),
        "sealer": _postgres("sealer", "sealer", "DB_SEALER"),
        "auditor": _postgres("auditor", "auditor", "DB_AUDITOR"),
    }
else:
    DATABASES = {alias: _sqlite(alias) for alias in ("default", "migrator", "sealer", "auditor")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "personnel.Account"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# A schedule and a lock are GMP parameters: they belong to the site, never to the person.
LOTBOOK_IDLE_MINUTES = env.number("LOTBOOK_IDLE_MINUTES", 15)
LOTBOOK_TERMINALS = env.choice("LOTBOOK_TERMINALS", ("any", "registered"), "any")
# Wraps the keys of the identity vault's subjects: 32 random bytes in URL-safe base64. To replace
# it, put the new one before the old, with a comma between. A demo makes its own.
LOTBOOK_VAULT_KEY = env.secret("LOTBOOK_VAULT_KEY", "")
LOGIN_URL = "personnel:sign_in"
LOGIN_REDIRECT_URL = "ledger:home"
LOGOUT_REDIRECT_URL = "personnel:sign_in"

# The name passkeys are bound to: this installation's host name, without port. Empty: none here.
LOTBOOK_PASSKEY_DOMAIN = env.text("LOTBOOK_PASSKEY_DOMAIN", "localhost" if DEMO or DEBUG else "")

# --- Language, time, files --------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]  # one is offered once its catalogue stands in locale/
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("LOTBOOK_TIME_ZONE", "Europe/Madrid")

STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or DEMO
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# --- Security ---------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
SESSION_ENGINE = "personnel.web_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- API --------------------------------------------------------------------------------------
LOTBOOK_API_REQUESTS = env.number("LOTBOOK_API_REQUESTS", 1200)  # a minute, of one person or device
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "ledger.api.problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Lotbook",
    "VERSION": VERSION,
    "DESCRIPTION": "Commands and queries of batches and equipment; the trail, its proofs, its"
    " health.",
    "SERVE_INCLUDE_SCHEMA": False,
}

# --- Background work --------------------------------------------------------------------------
REDIS_URL = env.secret("REDIS_URL", "")
QUEUE_DIR = STATE_DIR / "queue"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
}
