"""The environment of a test process, set before Django reads its settings (a plugin of pytest).

Nothing of the installation is used: no `.env`, no database, no Redis keys of its own. A database and a Redis
are named by TEST_DATABASE_URL and TEST_REDIS_URL; without them SQLite and the in-memory layer serve.
"""

import atexit
import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path

RUN = "EMOBILITY_TEST_RUN"
SETTINGS = Path(__file__).resolve().parents[2] / "emobility" / "settings.py"
READS = re.compile(
    r'\b(?:env\.(?:text|boolean|choice|integer|number|items|secret)|development_switch)\(\s*"([A-Z_0-9]+)"'
)
"""How the code asks the environment for a setting."""
FOREIGN = frozenset(READS.findall(SETTINGS.read_text(encoding="utf-8"))) | {
    "DATABASE_URL",
    "DATABASE_POOL_SIZE",
}
FOREIGN_PREFIXES = (
    "REGISTRY_",
    "CENTRAL_",
    "CP_MONITOR_",
    "OCPP_",
    "OCPI_",
    "CELERY_",
    "EGRESS_",
    "EVENTS_",
    "EXPORT_",
    "FILES_",
    "OAUTH2_",
    "AWS_",
    "BILLING_",
    "HTTP_MAX_",
    "ISO15118_",
    "MAP_",
    "METRICS_",
    "SENTRY_",
    "STATUS_",
    "LARAVEL_",
    "MQTT_",
    "SESSION_EVENT_",
    "WEBHOOK_",
)


def _folder() -> Path:
    """The folder of this run, shared by the workers of pytest-xdist; each worker has its own part of it."""
    if RUN not in os.environ:
        os.environ[RUN] = tempfile.mkdtemp(prefix="emobility-test-")
        atexit.register(shutil.rmtree, os.environ[RUN], ignore_errors=True)
    folder = Path(os.environ[RUN]) / os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder.mkdir(exist_ok=True)
    return folder


def is_foreign(name: str) -> bool:
    """True for a variable that belongs to the installation and must not reach the tests."""
    known = name in FOREIGN or name.removesuffix("_FILE") in FOREIGN
    return known or name.startswith(FOREIGN_PREFIXES)


def _clear() -> None:
    for name in filter(is_foreign, list(os.environ)):
        del os.environ[name]
    # The settings name the folder for children; workers of pytest-xdist have each their own.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)


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


_prepare()
