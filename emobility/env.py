"""Reads the environment and `.env`: typed values, one clear sentence where a value is wrong."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
SAMPLE_SECRETS = (
    "your-secret-key-change-in-production",
    "production-secret-key-here",
    "your-secure-hmac-secret",
    "your-secret-key",
    "dev-secret",
    "changeme",
    "change-me",
)
T = TypeVar("T")

_env = environ.Env()


def load_dotenv() -> None:
    """Read the file named by ENV_FILE, else `.env` beside manage.py; the environment wins over it."""
    path = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
    if not path.is_file():
        return
    try:
        environ.Env.read_env(path, overwrite=False)
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{path.name} cannot be read: {error}.") from error


def _typed(name: str, read: Callable[[], T], wanted: str) -> T:
    try:
        return read()
    except (ValueError, TypeError, ImproperlyConfigured) as error:
        shown = "" if "://" in os.environ.get(name, "") else f", not {os.environ.get(name)!r}"
        raise ImproperlyConfigured(f"{name} must be {wanted}{shown}.") from error


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of the words `allowed`, in any case."""
    value = text(name, default).upper()
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def text(name: str, default: str = "") -> str:
    """The value of `name`, or what the file named by `name`_FILE holds (container secrets)."""
    secret_file = os.environ.get(f"{name}_FILE", "")
    if name not in os.environ and secret_file:
        try:
            return Path(secret_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {secret_file} cannot be read.") from error
    return os.environ.get(name, default).strip()


def boolean(name: str, default: bool) -> bool:
    """true/false, yes/no, on/off, 1/0 in any case; empty means the default."""
    value = os.environ.get(name, "").strip().lower()
    if value in {"", "none"}:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def integer(name: str, default: int, minimum: int = 0, maximum: int = 2**31) -> int:
    """A whole number between `minimum` and `maximum`."""
    if not os.environ.get(name, "").strip():
        return default
    wanted = f"a whole number from {minimum} to {maximum}"
    value = _typed(name, lambda: int(os.environ[name]), wanted)
    if not minimum <= value <= maximum:
        raise ImproperlyConfigured(f"{name} must be {wanted}, not {value}.")
    return value


def number(name: str, default: float, minimum: float = 0.0) -> float:
    """A decimal number of at least `minimum`."""
    if not os.environ.get(name, "").strip():
        return default
    value = _typed(name, lambda: float(os.environ[name]), "a number")
    if not value >= minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {value}.")
    return value


def items(name: str, default: str = "") -> list[str]:
    """A comma separated list without empty entries."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def hosts(name: str, default: str, *, development: bool) -> list[str]:
    """Names under which the platform answers; any name at all (`*`) is refused outside development."""
    names = items(name, default)
    if "*" in names and not development:
        raise ImproperlyConfigured(f"{name} must name the hosts; * is for development only.")
    return names


def fernet_keys(name: str, *, development: bool) -> list[str]:
    """Fernet keys, newest first; none only in development."""
    keys = items(name)
    if not keys and not development:
        raise ImproperlyConfigured(f"{name} is not set (one or more Fernet keys, newest first).")
    try:
        return [key for key in keys if Fernet(key)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be Fernet keys (32 bytes, url-safe base64).") from error


def redis_url(name: str) -> str:
    """The address of a Redis, or nothing."""
    value = text(name)
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(f"{name} must begin with redis:// or rediss://.")
    return value


def capitals(name: str, default: str, length: int) -> str:
    """A code of `length` letters or digits, as capitals (OCPI's country code and party id)."""
    value = text(name, default).upper()
    if len(value) != length or not (value.isascii() and value.isalnum()):
        raise ImproperlyConfigured(f"{name} must be {length} letters or digits, not {value!r}.")
    return value


def make_folder(path: Path) -> None:
    """Make a folder that the process writes to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ImproperlyConfigured(f"the folder {path} cannot be made: {reason}.") from error


def database_url(default: str) -> str:
    """DATABASE_URL or its other name REGISTRY_DB_PATH (a file or a URL); two different values are refused."""
    url, path = text("DATABASE_URL"), text("REGISTRY_DB_PATH")
    if path and "://" not in path:
        path = f"sqlite:///{path}" if not path.startswith("/") else f"sqlite:////{path.lstrip('/')}"
    if url and path and url != path:
        raise ImproperlyConfigured(
            "DATABASE_URL and REGISTRY_DB_PATH name two different databases; they mean the same thing."
        )
    return url or path or default


def database(url: str) -> dict[str, object]:
    """Django's settings of one database URL (sqlite or postgres)."""
    config = dict(_typed("DATABASE_URL", lambda: environ.Env.db_url_config(url), "a database URL"))
    engine = str(config.get("ENGINE", ""))
    if engine.endswith("sqlite3"):
        make_folder(Path(str(config["NAME"])).parent)
        return config | {"OPTIONS": sqlite_options()}
    if engine.endswith("postgresql"):
        return config | {"CONN_HEALTH_CHECKS": True, "OPTIONS": {"pool": pool_options()}}
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///.")


def sqlite_options() -> dict[str, object]:
    """WAL and immediate transactions: without them concurrent writers get 'database is locked'."""
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;",
    }


def pool_options() -> dict[str, object]:
    """A psycopg pool: under ASGI, connections per thread would exhaust the server."""
    return {
        "min_size": 1,
        "max_size": integer("DATABASE_POOL_SIZE", 10, minimum=2, maximum=200),
        "timeout": 10,
        # Attempts stand ever further apart, up to minutes: given up before the waiting ends, the next one who
        # asks begins anew, so that a database that was away for long is found again within seconds (F2).
        "reconnect_timeout": 8,
    }


def secret(name: str, *, development: bool, default: str = "", least: int = 32) -> str:
    """A secret of at least `least` characters; short and sample values are refused outside development."""
    value = text(name) or default
    if development:
        return value or f"development-only-{name.lower()}-0123456789abcdef"
    if not value:
        raise ImproperlyConfigured(f"{name} is not set; make one with: openssl rand -hex 32")
    if len(value) < least or value.lower() in SAMPLE_SECRETS or value.startswith("development-only-"):
        raise ImproperlyConfigured(f"{name} is too short or a sample; make one with: openssl rand -hex 32")
    return value
