"""The environment: typed values, refusals in one clear sentence, secrets that must be real in production."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from emobility import env

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DEBUG": "false",
    "HOST": "127.0.0.1",
    "SECRET_KEY": "s" * 40,
    "REGISTRY_SECRET_KEY": "r" * 40,
    "API_JWT_KEY": "a" * 40,
    "CREDENTIAL_PEPPER": "p" * 40,
    "FIELD_ENCRYPTION_KEYS": "ZGV2ZWxvcG1lbnQtb25seS1rZXktMDEyMzQ1Njc4OWE=",
    "ALLOWED_HOSTS": "example.org",
}


def run_check(**changes: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` under production settings with some of them changed."""
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "VAR_DIR": os.environ["VAR_DIR"]}
    environment |= PRODUCTION | changes
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_production_settings_start() -> None:
    """The values above are enough."""
    assert run_check().returncode == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"PORT": "eighty"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///a.db", "REGISTRY_DB_PATH": "b.db"}, "REGISTRY_DB_PATH"),
        ({"REGISTRY_TOKEN_EXPIRATION_HOURS": "169"}, "REGISTRY_TOKEN_EXPIRATION_HOURS"),
        ({"REGISTRY_SECRET_KEY": "your-secret-key-change-in-production"}, "REGISTRY_SECRET_KEY"),
        ({"REGISTRY_SECRET_KEY": "short"}, "REGISTRY_SECRET_KEY"),
        ({"CENTRAL_REGISTRY_SECRET_KEY": "dev-secret"}, "CENTRAL_REGISTRY_SECRET_KEY"),
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"FIELD_ENCRYPTION_KEYS": ""}, "FIELD_ENCRYPTION_KEYS"),
        ({"FIELD_ENCRYPTION_KEYS": "abc"}, "FIELD_ENCRYPTION_KEYS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"REDIS_URL": "localhost"}, "REDIS_URL"),
        ({"OCPI_COUNTRY_CODE": "Germany"}, "OCPI_COUNTRY_CODE"),
        ({"DATABASE_URL": "sqlite:////proc/nowhere/x.sqlite3"}, "/proc/nowhere"),
        ({"REGISTRY_OPEN_REGISTRATION": "true"}, "REGISTRY_OPEN_REGISTRATION"),
        ({"CENTRAL_ALLOW_UNREGISTERED": "true"}, "CENTRAL_ALLOW_UNREGISTERED"),
        ({"OCPP_ALLOW_PROFILE_0": "true"}, "OCPP_ALLOW_PROFILE_0"),
        ({"EGRESS_ALLOW_HTTP": "true"}, "EGRESS_ALLOW_HTTP"),
        ({"DEBUG": "true", "HOST": "0.0.0.0"}, "HOST"),
        ({"SECRET_KEY": "r" * 40}, "three different"),
    ],
)
def test_wrong_value_ends_in_one_line_that_names_it(changes: dict[str, str], named: str) -> None:
    """No traceback: one line, exit 2."""
    ended = run_check(**changes)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Configuration: ")
    assert len(ended.stderr.strip().splitlines()) == 1
    assert named in ended.stderr


def test_registry_db_path_is_another_name_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement document 000 calls it REGISTRY_DB_PATH, a file or a URL."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("REGISTRY_DB_PATH", "/data/ev_registry.db")
    assert env.database_url("unused") == "sqlite:////data/ev_registry.db"
    monkeypatch.setenv("REGISTRY_DB_PATH", "postgres://user@host/name")
    assert env.database_url("unused") == "postgres://user@host/name"


def test_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`NAME_FILE` is how containers hand secrets over."""
    (tmp_path / "key").write_text("x" * 40 + "\n", encoding="utf-8")
    monkeypatch.delenv("PLATFORM_KEY", raising=False)
    monkeypatch.setenv("PLATFORM_KEY_FILE", str(tmp_path / "key"))
    assert env.secret("PLATFORM_KEY", development=False) == "x" * 40
    monkeypatch.setenv("PLATFORM_KEY_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ImproperlyConfigured, match="PLATFORM_KEY_FILE"):
        env.text("PLATFORM_KEY")


def test_a_wrong_database_url_is_told_without_its_password(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://user:s3cr3t@host:port/name")
    with pytest.raises(ImproperlyConfigured) as caught:
        env.database(env.database_url("sqlite:///x"))
    assert "s3cr3t" not in str(caught.value)


def test_a_dotenv_that_is_no_text_is_told_in_one_sentence(monkeypatch, tmp_path):
    broken = tmp_path / ".env"
    broken.write_bytes(b"PORT=8000\nX=\xff\xfe\n")
    monkeypatch.setenv("ENV_FILE", str(broken))
    with pytest.raises(ImproperlyConfigured, match=r"\.env cannot be read"):
        env.load_dotenv()


def test_a_word_outside_the_list_is_told_with_the_list(monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL must be one of INFO, DEBUG, not 'LOUD'"):
        env.choice("LOG_LEVEL", "INFO", ("INFO", "DEBUG"))


def test_the_settings_of_single_subjects_read_the_dotenv_too(tmp_path):
    """They live in modules of their own, which are imported before the first line of the settings."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("DEBUG=true\nOCPP_RECEIPT_URL=https://pay.example/{id}\n")
    script = "from django.conf import settings; print(settings.OCPP_RECEIPT_URL)"
    environment = {**os.environ, "ENV_FILE": str(dotenv), "DJANGO_SETTINGS_MODULE": "emobility.settings"}
    environment.pop("OCPP_RECEIPT_URL", None)
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert told.stdout.strip() == "https://pay.example/{id}", told.stderr
