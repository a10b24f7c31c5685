"""Health, status and metrics: who is told what, what several processes count, what alerts name."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from django.db import DatabaseError, connection
from django.test import Client

from central.models import Command
from emobility.lib import metrics
from registry.api import checks, probes
from registry.models import Heartbeat, Organization
from registry.tasks import heartbeat, scheduler_lives
from tests.support.world import furnish, staff

ROOT = Path(__file__).resolve().parents[3]
MONITORING = ROOT / "docs" / "monitoring"


@pytest.fixture(autouse=True)
def _fresh():
    checks.states_forget()
    metrics.facts_forget()


@pytest.fixture
def own(db):
    return Organization.objects.create(name="Amber", slug="amber", is_default=True)


def scrape(client, path="/metrics", **headers):
    return client.get(path, headers=headers or None)


def value(text, name, **labels):
    """The sample of a metric in the text format."""
    wanted = ",".join(f'{key}="{labels[key]}"' for key in sorted(labels))
    for line in text.splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if found and found[1] == name and ",".join(sorted((found[2] or "").split(","))) == wanted:
            return float(found[3])
    return None


def test_alive_asks_nobody(client):
    assert client.get("/healthz").json() == {"status": "alive"}


def test_ready_needs_a_migrated_database(client, db, monkeypatch):
    assert client.get("/readyz").json() == {"status": "ready"}
    monkeypatch.setattr(probes, "database_is_migrated", lambda: False)
    assert client.get("/readyz").status_code == 503
    monkeypatch.setattr(probes, "database_answers", lambda: False)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "no database"})


def test_status_tells_each_part_with_its_age_to_those_who_may(client, own):
    Heartbeat.objects.create(name="worker", at=datetime.now(UTC) - timedelta(minutes=5))
    assert client.get("/api/status").status_code == 401
    client.force_login(staff(own, "partner"))
    assert client.get("/api/status").status_code == 403
    client.force_login(staff(own, "viewer"))
    told = client.get("/api/status").json()
    assert told["status"] == "degraded"
    assert set(told["parts"]) == {"database", "layer", "broker", "worker", "beat", "disk"}
    assert told["parts"]["database"]["state"] == "ok"
    assert told["parts"]["worker"]["state"] == "late"
    assert told["parts"]["worker"]["age_seconds"] >= 300
    assert told["parts"]["beat"] == {"state": "unknown", "age_seconds": None, "detail": "never seen"}
    assert told["parts"]["broker"]["state"] == "ok"


def test_worker_and_scheduler_prove_themselves(client, own, celery_eager):
    heartbeat.apply_async()
    scheduler_lives()
    client.force_login(staff(own, "viewer"))
    parts = client.get("/api/status").json()["parts"]
    assert (parts["worker"]["state"], parts["beat"]["state"]) == ("ok", "ok")


def test_a_part_that_hangs_or_fails_is_down_and_keeps_nobody_waiting(own, monkeypatch):
    def fails():
        raise OSError("amqp://user:secret@host")

    monkeypatch.setattr(checks, "_broker", fails)
    told = checks.states(datetime.now(UTC))["broker"]
    assert (told.state, told.detail) == ("down", "")


@pytest.mark.parametrize("path", ["/metrics", "/api/metrics"])
def test_metrics_are_for_who_shows_the_token_or_is_named(client, db, settings, path):
    assert scrape(client, path).status_code == 200
    settings.DEVELOPMENT = False
    assert scrape(client, path).status_code == 401
    settings.METRICS_TOKEN = "a-long-scrape-token"
    assert scrape(client, path, authorization="Bearer wrong").status_code == 401
    assert scrape(client, path, authorization="Bearer a-long-scrape-token").status_code == 200
    settings.METRICS_ALLOW = ["10.0.0.0/8"]
    assert client.get(path, REMOTE_ADDR="10.1.2.3").status_code == 200
    assert client.get(path, REMOTE_ADDR="11.1.2.3").status_code == 401


def test_facts_of_the_database_are_counted_at_a_scrape_in_few_queries(
    client, own, django_assert_max_num_queries
):
    furnish(own, "AMBER", 3)
    Command.objects.update(state="queued", created_at=datetime.now(UTC) - timedelta(seconds=90))
    with django_assert_max_num_queries(22):
        text = scrape(client).content.decode()
    assert value(text, "emobility_commands_waiting", state="queued") == Command.objects.count()
    assert value(text, "emobility_command_queue_age_seconds", state="queued") >= 90
    assert value(text, "emobility_database_up") == 1
    assert "emobility_charge_points{" in text
    with django_assert_max_num_queries(0):
        scrape(client)


def test_without_a_database_the_counters_are_told_all_the_same(client, db, monkeypatch):
    def fails():
        raise DatabaseError("away")

    monkeypatch.setattr(metrics, "_facts", [fails])
    monkeypatch.setattr(connection, "close", lambda: None)
    answer = scrape(client)
    assert (answer.status_code, value(answer.content.decode(), "emobility_database_up")) == (200, 0)


CHILD = """
from emobility.lib.metrics import tally
from central.ocpp.figures import MESSAGES
from central.consumers.live_socket import OPEN
tally.add(MESSAGES, [("1.6", "Heartbeat", "ok")] * 5)
tally.flush()
OPEN.labels("dashboard").inc(3)
if {wait}:
    print("ready", flush=True)
    input()
"""


def child(wait):
    code = f"import django; django.setup()\n{CHILD.format(wait=wait)}"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "emobility.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_several_processes_are_counted_together_and_the_dead_hold_no_socket(client, db):
    labels = {"version": "1.6", "action": "Heartbeat", "result": "ok"}
    before = value(scrape(client).content.decode(), "emobility_ocpp_messages_total", **labels) or 0
    with child(wait=True) as living, child(wait=False) as dead:
        assert living.stdout is not None
        assert living.stdout.readline() == "ready\n"
        dead.communicate(timeout=60)
        text = scrape(client).content.decode()
        assert value(text, "emobility_ocpp_messages_total", **labels) == before + 10
        assert value(text, "emobility_live_sockets", kind="dashboard") == 3
        living.communicate("\n", timeout=60)
    text = scrape(client).content.decode()
    assert value(text, "emobility_live_sockets", kind="dashboard") in {None, 0}
    assert value(text, "emobility_ocpp_messages_total", **labels) == before + 10


def test_a_server_that_starts_alone_begins_with_empty_counters(tmp_path):
    old = tmp_path / "counter_4194303.db"
    old.write_bytes(b"")
    metrics.files_clean(tmp_path)
    assert not old.exists()
    others = tmp_path / f"counter_{os.getppid()}.db"
    others.write_bytes(b"")
    old.write_bytes(b"")
    metrics.files_clean(tmp_path)
    assert old.exists()


METRIC = re.compile(r"\bemobility_[a-z_]+")


def named(text):
    return set(METRIC.findall(text))


def test_alerts_have_the_form_of_rules_and_name_metrics_that_exist():
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    for rule in rules:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert named(rule["expr"]) - metrics.NAMES == set()


def test_the_grafana_dashboard_shows_metrics_that_exist_and_leaves_none_out():
    board = json.loads((MONITORING / "grafana.json").read_text())
    shown = named(" ".join(target["expr"] for panel in board["panels"] for target in panel["targets"]))
    assert shown - metrics.NAMES == set()
    unseen = {name for name in metrics.NAMES - shown if not name.endswith(("_bucket", "_count", "_sum"))}
    assert unseen <= {"emobility_database_up"}


def test_a_registry_face_has_the_probes_too(db, settings):
    settings.FACE = "registry"
    assert Client().get("/healthz").status_code == 200
    assert Client().get("/readyz").status_code == 200
