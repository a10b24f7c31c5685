"""The monitor's settings: `CP_MONITOR_*` of the environment."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "CP_MONITOR_"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class ConfigError(Exception):
    """A setting is missing or wrong; the text names it."""


@dataclass(frozen=True, slots=True)
class MonitorConfig:
    """What one monitor needs to know; `health_interval` in seconds, URLs without a slash at the end."""

    cp_id: str
    location: str
    engine_host: str
    engine_port: int
    central_url: str
    registry_url: str
    registry_enabled: bool
    health_interval: float
    log_level: int
    credentials_file: Path
    ca_file: str
    enrolment_token: str

    @property
    def engine_url(self) -> str:
        """Address of the engine's health page."""
        host = f"[{self.engine_host}]" if ":" in self.engine_host else self.engine_host
        return f"http://{host}:{self.engine_port}/health"


def config_from(environment: Mapping[str, str], folder: Path) -> MonitorConfig:
    """Read the settings; credentials go to `folder`/<id>.json unless a file is named. Raises ConfigError."""
    read = _Reader(environment)
    cp_id = read.text("CP_ID")
    if not cp_id:
        raise ConfigError(f"{PREFIX}CP_ID is not set: which charge point is this?")
    central = f"http://{read.text('CENTRAL_HOST', 'localhost')}:{read.port('CENTRAL_PORT', 8000)}"
    return MonitorConfig(
        cp_id=cp_id,
        location=read.text("LOCATION", "Unknown"),
        engine_host=read.text("CP_E_HOST", "localhost"),
        engine_port=read.port("CP_E_PORT", 8001),
        central_url=read.url("CENTRAL_URL", central),
        registry_url=read.url("REGISTRY_URL", "http://localhost:8080"),
        registry_enabled=read.boolean("REGISTRY_ENABLED", default=True),
        health_interval=read.seconds("HEALTH_INTERVAL", 1.0),
        log_level=read.level("LOG_LEVEL", "INFO"),
        credentials_file=Path(read.text("CREDENTIALS_FILE") or folder / f"{file_name(cp_id)}.json"),
        ca_file=read.text("CA_FILE"),
        enrolment_token=read.secret("ENROLMENT_TOKEN"),
    )


def file_name(cp_id: str) -> str:
    """The id as a file name."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in cp_id).lstrip(".")


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str = "") -> str:
        return self._environment.get(PREFIX + name, "").strip() or default

    def secret(self, name: str) -> str:
        named = self.text(f"{name}_FILE")
        if self.text(name) or not named:
            return self.text(name)
        try:
            return Path(named).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{PREFIX}{name}_FILE: {named} cannot be read.") from error

    def url(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        if not value.startswith(("http://", "https://")):
            raise ConfigError(f"{PREFIX}{name} must begin with http:// or https://, not {value!r}.")
        return value

    def port(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not value.isdigit() or not 1 <= int(value) <= 65535:
            raise ConfigError(f"{PREFIX}{name} must be a port from 1 to 65535, not {value!r}.")
        return int(value)

    def seconds(self, name: str, default: float) -> float:
        value = self.text(name, str(default))
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if not 0.0 < seconds < 86_400.0:
            raise ConfigError(f"{PREFIX}{name} must be a number of seconds above 0, not {value!r}.")
        return seconds

    def boolean(self, name: str, *, default: bool) -> bool:
        value = self.text(name, str(default)).lower()
        if value not in {"true", "yes", "on", "1", "false", "no", "off", "0"}:
            raise ConfigError(f"{PREFIX}{name} must be true or false, not {value!r}.")
        return value in {"true", "yes", "on", "1"}

    def level(self, name: str, default: str) -> int:
        value = self.text(name, default).upper()
        if value not in LEVELS:
            raise ConfigError(f"{PREFIX}{name} must be one of {', '.join(LEVELS)}, not {value!r}.")
        return logging.getLevelNamesMapping()[value]
