"""The environment of a test process, set before Django reads its settings (a plugin of pytest).

Nothing of the installation is used: no `.env`, no database, no Redis keys of its own. A database and a Redis
are named by TEST_DATABASE_URL and TEST_REDIS_URL; without them SQLite and the in-memory layer serve.
"""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

RUN = "EMOBILITY_TEST_RUN"
FOREIGN = ("REGISTRY_", "CENTRAL_", "CP_MONITOR_", "OCPP_", "OCPI_", "CELERY_", "EGRESS_", "SSL_", "SECURE_")
FOREIGN_NAMES = frozenset(
    {
        "ACCESS_TOKEN_EXPIRE_MINUTES",
        "ALLOWED_HOSTS",
        "API_JWT_KEY",
        "CREDENTIAL_PEPPER",
        "CSRF_TRUSTED_ORIGINS",
        "DATABASE_POOL_SIZE",
        "DATABASE_URL",
        "FACE",
        "FACE_TABLE",
        "FIELD_ENCRYPTION_KEYS",
        "LOG_DIR",
        "LOG_FILE",
        "LOG_JSON",
        "LOG_LEVEL",
        "PORT",
        "REDIS_URL",
        "SECRET_KEY",
        "TOKEN_HMAC_SECRET",
        "TRUSTED_PROXIES",
    }
)


def _folder() -> Path:
    """The folder of this run, shared by the workers of pytest-xdist; each worker has its own part of it."""
    if RUN not in os.environ:
        os.environ[RUN] = tempfile.mkdtemp(prefix="emobility-test-")
    folder = Path(os.environ[RUN]) / os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder.mkdir(exist_ok=True)
    return folder


def _clear() -> None:
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name.removesuffix("_FILE") in FOREIGN_NAMES:
            del os.environ[name]


def _prepare() -> None:
    folder = _folder()
    _clear()
    os.environ |= {
        "ENV_FILE": os.devnull,
        "DEBUG": "true",
        "HOST": "127.0.0.1",
        "VAR_DIR": str(folder),
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{folder / 'unused.sqlite3'}",
        "REDIS_URL": os.environ.get("TEST_REDIS_URL", ""),
        "REDIS_PREFIX": f"test-{secrets.token_hex(6)}",
        "LOG_LEVEL": "INFO",
    }


def pytest_unconfigure() -> None:
    """Remove the folder of the run; a worker leaves that to the process that started it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ.pop(RUN, ""), ignore_errors=True)


_prepare()
