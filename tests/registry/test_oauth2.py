"""The optional OAuth2 server: client credentials act as a service account; off, it is not there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.migrated import copy_migrated
from tests.support.registry import central_face

pytest.importorskip("oauth2_provider")
ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = """
import base64, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth import get_user_model
from django.test import Client
from oauth2_provider.models import Application
from registry.models import Organization
from tests.support.machines import machine
account = machine(Organization.objects.create(name="Amber", slug="amber"), scopes=["see"])
kind = {"client_type": "confidential", "authorization_grant_type": "client-credentials"}
app = Application(user_id=account.pk, **kind)
secret = app.client_secret
app.save()
client = Client(HTTP_HOST="localhost")
def ask(password):
    basic = base64.b64encode(f"{app.client_id}:{password}".encode()).decode()
    headers = {"authorization": f"Basic {basic}"}
    return client.post("/api/oauth2/token/", {"grant_type": "client_credentials"}, headers=headers)
def see(path, token):
    return client.get(path, headers={"authorization": f"Bearer {token}"}).status_code
token = ask(secret).json()["access_token"]
points, commands = "/api/charge-points/", "/api/commands/"
said = [see(points, token), see(commands, token), see(points, "nonsense")]
type(account).objects.filter(pk=account.pk).update(is_active=False)
said.append(see("/api/charge-points/", token))
said += [ask("wrong").status_code for _ in range(7)]
print("SAID", said)
"""


def test_a_client_gets_a_token_that_may_what_its_account_may(tmp_path):
    database = tmp_path / "oauth2.sqlite3"
    copy_migrated(database)
    environment = os.environ | {
        "ENV_FILE": os.devnull,
        "DEBUG": "true",
        "HOST": "127.0.0.1",
        "OAUTH2_ENABLED": "true",
        "DATABASE_URL": f"sqlite:///{database}",
        "VAR_DIR": str(tmp_path),
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "emobility.settings",
    }
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert "SAID [200, 403, 401, 401, 401, 401, 401, 401, 401, 429, 429]" in run.stdout, run.stderr[-2000:]


def test_it_is_not_there_unless_it_is_switched_on(db):
    assert central_face().post("/api/oauth2/token/", {}).status_code == 404
