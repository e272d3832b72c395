"""All settings, read from the environment and safe by default; ``.env.example`` explains each.

Without ``DATABASE_URL`` this is the demo: its own PostgreSQL and Valkey below ``VAR_DIR``,
generated secrets, loopback only. With it, production: what is missing or weak stops the start.
"""

import ipaddress
from typing import Any

from config import celery as _celery  # noqa: F401  shared tasks belong to the application made here
from config import delivery, production
from config.appearance import UNFOLD as UNFOLD  # noqa: PLC0414  a setting
from config.embedded.paths import EmbeddedPaths
from config.embedded.secrets import generated_secrets
from config.environment import BASE_DIR, EMBEDDED, VAR_DIR, env
from config.schedule import SCHEDULE

if EMBEDDED:
    PATHS = EmbeddedPaths(VAR_DIR)
    _secrets = generated_secrets(PATHS.secrets)
    SECRET_KEY = _secrets["SECRET_KEY"]
    FIELD_ENCRYPTION_KEYS = _secrets["FIELD_ENCRYPTION_KEYS"].split(",")
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
    CELERY_BROKER_URL = PATHS.valkey_url
    _databases: dict[str, dict[str, Any]] = {
        "default": {**PATHS.database("default")},
        "owner": {**PATHS.database("owner")},
    }
else:
    production.demand(env)
    SECRET_KEY = env.str("SECRET_KEY")
    FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
    CELERY_BROKER_URL = env.str("CELERY_BROKER_URL")
    _databases = {"default": env.db("DATABASE_URL")}
    if env.str("DATABASE_OWNER_URL", default=""):
        _databases["owner"] = env.db("DATABASE_OWNER_URL")

DEBUG = False

# --- Applications -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "wallet",
    "providers",
    "callbacks",
]

# Those from config.middleware leave callbacks alone: there every microsecond is in eBET's way.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.Sessions",
    "config.middleware.Locale",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.Authentication",
    "wallet.audit.Attribution",
    "wallet.admin.timezones.ReaderTimeZone",
    "config.middleware.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.ContentSecurityPolicy",
    "wallet.signin.door.StaffDoor",
    "wallet.admin.export_notices.ExportNotices",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

REST_FRAMEWORK: dict[str, Any] = {
    # Callers are known by signature and network, which the callback views check themselves.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}

# Nothing is loaded from elsewhere, and what is shown is not for trying out.
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # it would take every address for a callback
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"validatorUrl": None, "supportedSubmitMethods": []},
}

# --- Databases ----------------------------------------------------------------------------------

# ``default`` is the limited role that everything runs as; ``owner`` owns the tables and migrates.
DATABASES = {
    alias: {
        **database,
        "CONN_MAX_AGE": None,  # a new connection for every request would cost twenty times as much
        "CONN_HEALTH_CHECKS": True,
        # Statements that the hot path prepares are prepared at their first use.
        "OPTIONS": {"prepare_threshold": 0, **database.get("OPTIONS", {})},
    }
    for alias, database in _databases.items()
}

# --- Background work ----------------------------------------------------------------------------

CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A push belongs to its outbox row until it is done: killing a worker must not lose it.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
# A request hardly waits for a broker that is away; the periodic sweep finds what was not sent.
# The one retry is what replaces a connection that the broker's restart has broken.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_SOFT_TIME_LIMIT = 40
CELERY_TASK_TIME_LIMIT = 50
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE
if CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 2,
        # A killed worker's tasks come back after this many seconds, looked for every 5 seconds;
        # longer than a task may run, or a running one would be handed out twice.
        "visibility_timeout": 60,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
elif CELERY_BROKER_URL.startswith("amqp"):
    # Replicated and always on disk, where the broker is a cluster. Workers notice the kind and
    # prefetch per consumer, as quorum queues demand; a publisher waits until the broker has it.
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}

# --- Languages and time -------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")

# --- Sign-in and transport ----------------------------------------------------------------------

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_HASHERS = [
    "wallet.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
# Whether staff need an authenticator app, from where they may work (from everywhere unless
# listed), and what failed sign-ins close the door for so many minutes.
STAFF_TWO_FACTOR = env.bool("STAFF_TWO_FACTOR", default=not EMBEDDED)
STAFF_ALLOWED_NETWORKS = [
    ipaddress.ip_network(text) for text in env.list("STAFF_ALLOWED_NETWORKS", default=[])
]
STAFF_FAILURES_PER_USER = env.int("STAFF_FAILURES_PER_USER", default=5)
STAFF_FAILURES_PER_ADDRESS = env.int("STAFF_FAILURES_PER_ADDRESS", default=20)
STAFF_LOCKOUT_MINUTES = env.int("STAFF_LOCKOUT_MINUTES", default=15)
SESSION_COOKIE_AGE = 12 * 60 * 60
X_FRAME_OPTIONS = "DENY"

# Whose X-Forwarded-For is believed; nobody's unless listed.
TRUSTED_PROXIES = [ipaddress.ip_network(text) for text in env.list("TRUSTED_PROXIES", default=[])]
# Password guessing: so many failed logins of a player, or from an address, in so many seconds.
LOGIN_FAILURES_PER_PLAYER = env.int("LOGIN_FAILURES_PER_PLAYER", default=10)
LOGIN_FAILURES_PER_ADDRESS = env.int("LOGIN_FAILURES_PER_ADDRESS", default=50)
LOGIN_FAILURE_WINDOW = env.int("LOGIN_FAILURE_WINDOW", default=300)
# How long received callbacks can be looked up. What they moved is in the ledger for ever.
INBOX_RETENTION_DAYS = env.int("INBOX_RETENTION_DAYS", default=90)
# How long sign-ins and sessions are; the database keeps sign-ins for ninety days in any case.
HISTORY_RETENTION_DAYS = env.int("HISTORY_RETENTION_DAYS", default=365)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

if not EMBEDDED:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if _scheme_header := env.str("PROXY_SCHEME_HEADER", default=""):
        SECURE_PROXY_SSL_HEADER = ("HTTP_" + _scheme_header.upper().replace("-", "_"), "https")

# --- Static files -------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = None if EMBEDDED else VAR_DIR / "static"
WHITENOISE_USE_FINDERS = EMBEDDED
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "media"
# Where scheduled exports go besides the list of jobs; nowhere unless there is an address.
if _export_store := env.str("EXPORT_STORE", default=str(VAR_DIR / "delivered") if EMBEDDED else ""):
    STORAGES["exports_delivery"] = delivery.store(
        _export_store,
        endpoint=env.str("EXPORT_STORE_ENDPOINT", default=""),
        region=env.str("EXPORT_STORE_REGION", default=""),
    )

# --- Logging: plain lines on stdout -------------------------------------------------------------

DEFAULT_EXCEPTION_REPORTER_FILTER = "config.error_reports.WhereOnly"
_LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(process)d] %(message)s"},
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "line",
        },
    },
    "root": {"handlers": ["stdout"], "level": "WARNING"},
    "loggers": {
        # Django's own handlers mail administrators and print to stderr; one place is enough.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        **{name: {"level": _LOG_LEVEL} for name in ("config", "wallet", "providers", "callbacks")},
        "celery": {"level": _LOG_LEVEL},
    },
}
