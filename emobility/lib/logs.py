"""Logging: structured events on the console and in rotating files, with secrets masked."""

import logging
import logging.handlers
import re
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog

from emobility.lib.addresses import public_address

SECRET_KEYS = re.compile(r"(authorization|password|credential|secret|token|pepper|api_?key)", re.IGNORECASE)
HARMLESS_KEYS = frozenset({"token_expires_at", "token_type", "id_token_type", "credentials_role"})
MASK = "***"
QUIET = ("celery", "daphne", "django.channels.server", "django_structlog", "httpx2", "kombu", "uvicorn")
"""Loggers of libraries whose usual lines tell an operator nothing."""


IN_TEXT = (
    (re.compile(r"\b(bearer|basic|enrolment)\s+[\w+/=.~-]{8,}", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"\b(token)\s+(?=\S*\d)[\w+/=.~-]{16,}", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"(?<![\w-])eyJ[\w-]{5,}+\.[\w-]++\.[\w-]*"), MASK),
    (re.compile(r"\bticket\.[\w-]{20,}"), "ticket.***"),
    (re.compile(r"(://)[^/\s:@]*:[^/\s@]+@"), r"\1***@"),
    (
        re.compile(
            r"((?<![\w-])(?=[\w-]*?(?:password|secret|token|api[_-]?key|signature|credential|sessionid))"
            r"[\w-]++[\"']?\s*[=:]\s*)"
            r"(?:\"[^\"]+\"|'[^']+'|[^&\s,;}\"']+)",
            re.IGNORECASE,
        ),
        r"\1***",
    ),
)
"""Secrets inside of texts: headers, tokens by their form, addresses with a login, `name=value`.

Strangers write into the log, the path of a request for one: each of these reads a text once, however long, so
words are looked at from their beginning only and never taken back (`++`).
"""


def _public(value: Any) -> Any:
    return public_address(value) if isinstance(value, str) and "/" in value else value


def mask_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what names or looks like a secret, and what makes an address a key; no line helps to log in."""
    for key in list(event):
        if not key.startswith("_"):
            event[key] = MASK if _is_secret(key, event[key]) else scrubbed(_public(event[key]))
    return event


def scrubbed(value: Any) -> Any:
    """The same without secrets: values of keys that name one, and what looks like one inside of texts."""
    if isinstance(value, str):
        for pattern, instead in IN_TEXT:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {key: MASK if _is_secret(str(key), part) else scrubbed(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(part) for part in value]
    return value


def _is_secret(key: str, value: Any) -> bool:
    return key not in HARMLESS_KEYS and key != "event" and bool(value) and bool(SECRET_KEYS.search(key))


def _shared_processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        mask_secrets,
    ]


def render_line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    """`2025-12-11 10:00:00 | INFO | text key=value`: the line people and log shippers read."""
    stamp, level = event.pop("timestamp", ""), str(event.pop("level", "info")).upper()
    text, error = event.pop("event", ""), event.pop("exception", "")
    event.pop("logger", None)
    pairs = "".join(f" {key}={value!r}" for key, value in event.items() if not key.startswith("_"))
    return f"{stamp} | {level} | {text}{pairs}" + (f"\n{error}" if error else "")


def _file_handler(directory: Path, name: str) -> dict[str, Any]:
    return {
        "class": "emobility.lib.logs.LazyRotatingFileHandler",
        "filename": str(directory / name),
        "maxBytes": 10 * 1024 * 1024,
        "backupCount": 5,
        "encoding": "utf-8",
        "delay": True,
        "formatter": "file",
    }


class LazyRotatingFileHandler(logging.handlers.RotatingFileHandler):
    """A rotating file whose folder is made when the first line is written."""

    def _open(self) -> Any:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()


class Brief(logging.Filter):
    """For a library that logs the same trouble, with its traceback, each second: one line each `seconds`."""

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__()
        self._seconds, self._told_at = seconds, -seconds

    def filter(self, record: logging.LogRecord) -> bool:
        """False where the trouble was told just before; the error itself instead of its traceback."""
        if time.monotonic() - self._told_at < self._seconds:
            return False
        self._told_at = time.monotonic()
        if record.exc_info and record.exc_info[1]:
            record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]!r}"[:300], ()
            record.exc_info = record.exc_text = None
        return True


def logging_config(*, level: str, registry_level: str, directory: Path, json: bool) -> dict[str, Any]:
    """The dictConfig of all processes: console, `registry.log` and `platform.log` under `directory`."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"brief": {"()": "emobility.lib.logs.Brief"}},
        "formatters": {"console": _formatter(json), "file": _formatter(json)},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "console"},
            "platform": _file_handler(directory, "platform.log"),
            "registry": _file_handler(directory, "registry.log"),
        },
        "root": {"level": level, "handlers": ["console", "platform"]},
        "loggers": {
            "registry": {"level": registry_level, "handlers": ["registry"], "propagate": True},
            # Django's own handlers would say everything twice.
            "django": {"level": "INFO", "handlers": [], "propagate": True},
            # While Redis is away, the channel layer says so each second.
            "channels_redis.pubsub": {"filters": ["brief"]},
        }
        | {name: {"level": "WARNING"} for name in QUIET},
    }


def _formatter(json: bool) -> dict[str, Any]:
    renderer: Any = structlog.processors.JSONRenderer() if json else render_line
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            # Once more: a traceback is a text from here on.
            mask_secrets,
            renderer,
        ],
        "foreign_pre_chain": _shared_processors(),
    }
