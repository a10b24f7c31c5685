"""`POST /api/diagnostics/upload` and log orders without an address: the charge point is given one of ours."""

import pytest
from django.test import Client

from central.models import Command, LogUpload
from central.services.transfers import location_of
from tests.support.world import staff

PUBLIC = "https://central.example"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/diagnostics/upload", {"charger_id": "{cp}"}),
        ("/api/commands/", {"charge_point": "{cp}", "order": "log_get", "params": {"log": "DiagnosticsLog"}}),
    ],
)
def test_without_an_address_the_file_comes_to_a_one_time_address_of_ours(charge_point, settings, path, body):
    settings.FILES_PUBLIC_URL = PUBLIC
    client = Client()
    client.force_login(staff(charge_point.organization, "operator"))
    asked = {key: charge_point.cp_id if value == "{cp}" else value for key, value in body.items()}
    answer = client.post(path, asked, content_type="application/json")
    assert answer.status_code == 202, answer.content
    location = location_of(Command.objects.get().params)
    assert location.startswith(f"{PUBLIC}/files/logs/")
    brought = Client().put(location.removeprefix(PUBLIC), b"what happened", content_type="text/plain")
    assert brought.status_code in {200, 201, 204}
    assert LogUpload.objects.get().size == len(b"what happened")
