"""The first minute: which Python is taken, what is said where none fits, what .env holds."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("SECRET_KEY", "REGISTRY_SECRET_KEY", "API_JWT_KEY", "CREDENTIAL_PEPPER", "TOKEN_HMAC_SECRET")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with nothing but the set-up scripts and empty locks."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "requirements-dev.txt").write_text("")
    return tmp_path


def bootstrap(clone: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(clone / "scripts" / "bootstrap"), *arguments]
    return subprocess.run(
        command, env=os.environ | env, capture_output=True, text=True, check=False, timeout=100
    )


def fake_python(clone: Path, script: str) -> str:
    """An executable that answers as some other Python would."""
    path = clone / "fake-python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_an_old_python_is_told_in_one_line(clone):
    old = fake_python(clone, 'case "$2" in *print*) echo 3.9;; *) exit 1;; esac')
    answer = bootstrap(clone, PYTHON=old)
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == ["Python 3.11 or newer is needed, found 3.9."]


def test_a_python_without_venv_is_told_in_one_line(clone):
    bare = fake_python(clone, 'case "$2" in *print*) echo 3.12;; *venv*) exit 1;; esac')
    answer = bootstrap(clone, PYTHON=bare)
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [
        "Python 3.12 is here without its venv module (Debian: apt install python3-venv)."
    ]


def test_no_python_is_told_in_one_line(clone):
    answer = bootstrap(clone, PYTHON="/nowhere/python")
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == ["Python 3.11 or newer is needed, found none."]


@pytest.mark.slow
def test_it_makes_the_environment_and_writes_env_once(clone):
    first = bootstrap(clone, "--env", PYTHON=sys.executable)
    assert first.returncode == 0, first.stderr
    env_file = clone / ".env"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    content = env_file.read_text()

    second = bootstrap(clone, "--env", PYTHON=sys.executable)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert env_file.read_text() == content


def test_env_holds_secrets_of_its_own_and_development_switches(clone, monkeypatch):
    script = "import bootstrap; bootstrap.write_env()"
    subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(clone / "scripts")},
        check=True,
        capture_output=True,
    )
    values: dict[str, str] = {}
    monkeypatch.setattr(environ.Env, "ENVIRON", values)
    environ.Env.read_env(clone / ".env")
    assert len({values[name] for name in SECRETS}) == len(SECRETS)
    assert all(len(values[name]) == 64 for name in SECRETS)
    Fernet(values["FIELD_ENCRYPTION_KEYS"])
    assert values["HOST"] == "127.0.0.1"
    assert values["REGISTRY_OPEN_REGISTRATION"] == "true"
