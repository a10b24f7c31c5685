"""The production shape: docker-compose.yml is accepted, requires its secrets, watches the health of all."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SECRETS = (
    "API_JWT_KEY",
    "CREDENTIAL_PEPPER",
    "FIELD_ENCRYPTION_KEYS",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "REGISTRY_SECRET_KEY",
    "SECRET_KEY",
    "TOKEN_HMAC_SECRET",
)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text())["services"])


def config(env_file: Path) -> subprocess.CompletedProcess[str]:
    """Debian's docker-compose, with nothing but the variables of `env_file`."""
    tool = shutil.which("docker-compose")
    if tool is None:
        pytest.skip("needs docker-compose")
    command = [tool, "--env-file", str(env_file), "--file", str(COMPOSE), "config", "--quiet"]
    env = {"PATH": os.environ["PATH"], "COMPOSE_PROFILES": "demo"}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_docker_compose_accepts_it(tmp_path):
    env_file = tmp_path / "env"
    env_file.write_text("".join(f"{name}=x\n" for name in SECRETS))
    answer = config(env_file)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("absent", SECRETS)
def test_each_secret_is_required(tmp_path, absent):
    env_file = tmp_path / "env"
    env_file.write_text("".join(f"{name}=x\n" for name in SECRETS if name != absent))
    answer = config(env_file)
    assert answer.returncode != 0
    assert absent in answer.stderr or "make one with" in answer.stderr


def test_it_names_the_parts_of_the_documents(services):
    expected = {"ev-registry", "ev-central", "worker", "beat", "postgres", "redis", "proxy"}
    assert expected <= services.keys()


def test_charge_points_belong_to_the_demo(services):
    charge_points = {name for name in services if name.startswith("ev-cp-")}
    assert charge_points == {"ev-cp-m-1", "ev-cp-e-1", "ev-cp-m-2", "ev-cp-e-2"}
    assert {tuple(services[name]["profiles"]) for name in charge_points} == {("demo",)}


def test_every_part_that_stays_has_a_health_check(services):
    silent = {name for name, service in services.items() if "healthcheck" not in service}
    assert silent == set()


def test_nothing_but_the_proxy_is_reachable_from_outside(services):
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def test_certificates_are_mounted_read_only(services):
    for name in ("ev-registry", "ev-central", "proxy"):
        assert "./certs:/certs:ro" in services[name]["volumes"]


def test_redis_keeps_what_it_is_given(services):
    command = " ".join(services["redis"]["command"])
    assert "--requirepass" in command
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_the_image_holds_what_it_runs():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    product = {
        "manage.py",
        "requirements.txt",
        "emobility",
        "registry",
        "central",
        "billing",
        "ocpi",
        "templates",
    }
    assert product | {"static", "deploy/healthcheck.py"} <= kept


def test_no_secret_has_a_default():
    text = COMPOSE.read_text()
    for name in SECRETS:
        assert set(re.findall(rf"\${{{name}(.)", text)) == {":"}
        assert f"${{{name}:-" not in text
