"""Django settings: what differs between installations comes from the environment (docs/running.md)."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from emobility import env
from emobility.lib.logs import logging_config
from emobility.messaging import broker_options, caches, channel_layers
from emobility.settings_access import *  # noqa: F403
from emobility.settings_access import API_AUTHENTICATION, OAUTH2_APPS
from emobility.settings_openapi import OPENAPI
from emobility.settings_subjects import *  # noqa: F403
from emobility.settings_subjects import MAP_IMAGE_HOSTS
from emobility.unfold import UNFOLD as UNFOLD

BASE_DIR = env.BASE_DIR
VERSION = "2.0.0"
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

# --- where and how it answers -------------------------------------------------------------------
DEBUG = env.boolean("DEBUG", default=False)
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, maximum=65535)
REGISTRY_API_PORT = env.integer("REGISTRY_API_PORT", 8080, maximum=65535)
OCPP_WEBSOCKET_HOST = env.text("OCPP_WEBSOCKET_HOST")
OCPP_WEBSOCKET_PORT = env.integer("OCPP_WEBSOCKET_PORT", 0, maximum=65535)
SSL_KEYFILE, SSL_CERTFILE = env.text("SSL_KEYFILE"), env.text("SSL_CERTFILE")
REGISTRY_TLS_ENABLED = env.boolean("REGISTRY_TLS_ENABLED", default=False)
REGISTRY_TLS_CERT_FILE = env.text("REGISTRY_TLS_CERT_FILE")
REGISTRY_TLS_KEY_FILE = env.text("REGISTRY_TLS_KEY_FILE")
FACE = env.text("FACE")
FACE_TABLE = env.items("FACE_TABLE", f"{REGISTRY_API_PORT}=registry,{PORT}=central")
TRUSTED_PROXIES = env.items("TRUSTED_PROXIES")
OCPP_PATH_PREFIX = env.text("OCPP_PATH_PREFIX", "ocpp").strip("/")


def is_loopback(host: str) -> bool:
    """True where nobody but this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


LOOPBACK = is_loopback(HOST) and (not OCPP_WEBSOCKET_HOST or is_loopback(OCPP_WEBSOCKET_HOST))
DEVELOPMENT = DEBUG and LOOPBACK
if DEBUG and not LOOPBACK:
    raise ImproperlyConfigured(f"DEBUG=true is for loopback addresses only, not for HOST={HOST}.")


def development_switch(name: str) -> bool:
    """A switch that opens something: refused unless DEBUG is on and the server listens on loopback."""
    value = env.boolean(name, default=False)
    if value and not DEVELOPMENT:
        raise ImproperlyConfigured(f"{name}=true is for development only (DEBUG=true on a loopback HOST).")
    return value


REGISTRY_OPEN_REGISTRATION = development_switch("REGISTRY_OPEN_REGISTRATION")
CENTRAL_ALLOW_UNREGISTERED = development_switch("CENTRAL_ALLOW_UNREGISTERED")
OCPP_ALLOW_PROFILE_0 = development_switch("OCPP_ALLOW_PROFILE_0")
OCPI_OPEN_REGISTRATION = development_switch("OCPI_OPEN_REGISTRATION")

# --- secrets --------------------------------------------------------------------------------------
SECRET_KEY = env.secret("SECRET_KEY", development=DEVELOPMENT)
REGISTRY_SECRET_KEY = env.secret("REGISTRY_SECRET_KEY", development=DEVELOPMENT)
REGISTRY_PREVIOUS_SECRET_KEYS = env.items("REGISTRY_PREVIOUS_SECRET_KEYS")
CENTRAL_REGISTRY_SECRET_KEY = env.secret(
    "CENTRAL_REGISTRY_SECRET_KEY", development=DEVELOPMENT, default=REGISTRY_SECRET_KEY
)
API_JWT_KEY = env.secret("API_JWT_KEY", development=DEVELOPMENT)
CREDENTIAL_PEPPER = env.secret("CREDENTIAL_PEPPER", development=DEVELOPMENT)
FIELD_ENCRYPTION_KEYS = env.fernet_keys("FIELD_ENCRYPTION_KEYS", development=DEVELOPMENT)
TOKEN_HMAC_SECRET = env.text("TOKEN_HMAC_SECRET")
if len({SECRET_KEY, REGISTRY_SECRET_KEY, API_JWT_KEY}) < 3:
    raise ImproperlyConfigured(
        "SECRET_KEY, REGISTRY_SECRET_KEY and API_JWT_KEY must be three different secrets."
    )

# --- Registry -------------------------------------------------------------------------------------
REGISTRY_TOKEN_EXPIRATION_HOURS = env.integer("REGISTRY_TOKEN_EXPIRATION_HOURS", 24, minimum=1, maximum=168)
REGISTRY_REQUIRE_CERTIFICATE = env.boolean("REGISTRY_REQUIRE_CERTIFICATE", default=False)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
REGISTRY_LOG_LEVEL = env.choice("REGISTRY_LOG_LEVEL", "INFO", LEVELS)
LOG_LEVEL = env.choice("LOG_LEVEL", REGISTRY_LOG_LEVEL, LEVELS)

# --- OCPP -----------------------------------------------------------------------------------------
OCPP_HEARTBEAT_INTERVAL = env.integer("OCPP_HEARTBEAT_INTERVAL", 300, minimum=1)
OCPP_COMMAND_TIMEOUT = env.integer("OCPP_COMMAND_TIMEOUT", 30, minimum=1)
OCPP_COMMAND_QUEUE_LIMIT = env.integer("OCPP_COMMAND_QUEUE_LIMIT", 20, minimum=1)
OCPP_MAX_MESSAGE_BYTES = env.integer("OCPP_MAX_MESSAGE_BYTES", 4 * 1024 * 1024, minimum=65536)
OCPP_ALLOW_PLAINTEXT = env.boolean("OCPP_ALLOW_PLAINTEXT", default=DEVELOPMENT)

# --- OCPI: the default organisation -----------------------------------------------------------------
OCPI_BASE_URL = env.text("OCPI_BASE_URL", f"http://{HOST}:{PORT}" if DEVELOPMENT else "").rstrip("/")
OCPI_PARTY_ID = env.capitals("OCPI_PARTY_ID", "EMP", 3)
OCPI_COUNTRY_CODE = env.capitals("OCPI_COUNTRY_CODE", "DE", 2)
OCPI_BUSINESS_NAME = env.text("OCPI_BUSINESS_NAME", "E-Mobility Platform")
OCPI_BUSINESS_WEBSITE = env.text("OCPI_BUSINESS_WEBSITE")
OCPI_LEGACY_STATUS_CODES = env.boolean("OCPI_LEGACY_STATUS_CODES", default=False)
OCPI_AUTHORIZE_TIME_LIMIT = env.integer("OCPI_AUTHORIZE_TIME_LIMIT", 5, minimum=1, maximum=20)
OCPI_COMMAND_TIMEOUT = env.integer("OCPI_COMMAND_TIMEOUT", 60, minimum=30, maximum=600)
OCPI_TOKEN_GRACE_MINUTES = env.integer("OCPI_TOKEN_GRACE_MINUTES", 60, minimum=1, maximum=7 * 24 * 60)
OCPI_TOKEN_ROTATION_DAYS = env.integer("OCPI_TOKEN_ROTATION_DAYS", 30, minimum=0, maximum=3650)
OCPI_PARTNER_REQUESTS_PER_MINUTE = env.integer("OCPI_PARTNER_REQUESTS_PER_MINUTE", 6000, minimum=0)
EGRESS_ALLOW_HOSTS = env.items("EGRESS_ALLOW_HOSTS")
EGRESS_ALLOW_HTTP = development_switch("EGRESS_ALLOW_HTTP")

# --- Django ---------------------------------------------------------------------------------------
ALLOWED_HOSTS = env.hosts(
    "ALLOWED_HOSTS",
    "localhost,127.0.0.1,[::1],ev-registry,ev-central" if DEVELOPMENT else "",
    development=DEVELOPMENT,
)
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS")
INSTALLED_APPS = [
    "daphne",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_structlog",
    "django_celery_beat",
    "emobility",
    "registry",
    "central",
    "billing",
    "ocpi",
    *OAUTH2_APPS,
]
MIDDLEWARE = [
    "registry.proxies.ProxyHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "emobility.faces.FaceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "emobility.request_logs.RequestLogMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
]
ROOT_URLCONF = "emobility.urls"
ASGI_APPLICATION = "emobility.asgi.application"
APPEND_SLASH = False
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
DATABASE_URL = env.database_url(f"sqlite:///{VAR_DIR / 'emobility.sqlite3'}")
DATABASES = {"default": env.database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "registry.User"
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- Redis, channel layer, worker -------------------------------------------------------------------
REDIS_URL = env.redis_url("REDIS_URL")
REDIS_PREFIX = env.text("REDIS_PREFIX", "emobility")
CHANNEL_LAYERS = channel_layers(REDIS_URL, REDIS_PREFIX)
CACHES = caches(REDIS_URL, REDIS_PREFIX)
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL") or REDIS_URL or "filesystem://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(CELERY_BROKER_URL, REDIS_PREFIX, VAR_DIR / "broker")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- REST -----------------------------------------------------------------------------------------
ACCESS_TOKEN_EXPIRE_MINUTES = env.integer("ACCESS_TOKEN_EXPIRE_MINUTES", 30, minimum=1)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": API_AUTHENTICATION,
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "emobility.lib.paging.StableCursorPagination",
    "DEFAULT_SCHEMA_CLASS": "registry.api.schema.DocumentedSchema",
    "EXCEPTION_HANDLER": "emobility.lib.api.exception_handler",
    "NUM_PROXIES": 0,  # the header is read by registry.services.addresses alone
    "PAGE_SIZE": 50,
    "DEFAULT_THROTTLE_RATES": {"token": "20/min", "commands": "60/min"},
}
SIMPLE_JWT = {
    "SIGNING_KEY": API_JWT_KEY,
    "ALGORITHM": "HS256",
    "ISSUER": "emobility",
    "AUDIENCE": "emobility-api",
    "USER_ID_CLAIM": "sub",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=ACCESS_TOKEN_EXPIRE_MINUTES),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=1),
    "LEEWAY": 10,
    "CHECK_USER_IS_ACTIVE": True,
    "CHECK_REVOKE_TOKEN": True,
    "UPDATE_LAST_LOGIN": False,
}
SPECTACULAR_SETTINGS = OPENAPI | {"VERSION": VERSION}
DOCS_PUBLIC = env.boolean("DOCS_PUBLIC", default=DEVELOPMENT)
# --- security -------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=not DEVELOPMENT)
SECURE_REDIRECT_EXEMPT = [r"^$", r"^health$", r"^api/health$", r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else env.integer("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEVELOPMENT
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # unfold's Alpine evaluates expressions: without it a dialog covers the login button.
        "script-src": ["'self'", "'unsafe-eval'", "'unsafe-inline'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", *MAP_IMAGE_HOSTS],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'", "ws:", "wss:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
    }
}

# --- logs -----------------------------------------------------------------------------------------
LOG_DIR = Path(env.text("LOG_DIR", str(VAR_DIR / "log")))
LOG_FILE = env.text("LOG_FILE")
LOGGING = logging_config(
    level=LOG_LEVEL,
    registry_level=REGISTRY_LOG_LEVEL,
    directory=LOG_DIR,
    json=env.boolean("LOG_JSON", not DEBUG),
)
