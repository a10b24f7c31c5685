"""What no database keeps (a character 0, half of a character) is the caller's fault wherever it stands."""

import json

import pytest
from django.test import Client

from emobility.lib.paging import cursor_encode
from registry.models import ChargePoint, Organization
from tests.support.world import furnish, staff

CASES = [
    ("get", "/api/sites/?ordering=name&cursor={cursor}", None),
    ("get", "/api/chargers/a%00b/", None),
    ("post", "/api/id-tokens/", {"uid": "A1", "charge_points": ["{text}"]}),
    ("post", "/api/id-tokens/", {"uid": "A1", "evses": ["{text}/1"]}),
    ("post", "/api/webhooks/", {"name": "{text}", "url": "https://a.example/", "kinds": ["*"]}),
    ("post", "/api/ocpp/reboot", {"charger_id": "{text}"}),
    ("post", "/api/ocpp/remote/stop", {"transaction_id": "{text}"}),
    ("put", "/api/chargers/{point}/", {"metadata": {"a": "{text}"}}),
]


@pytest.fixture
def world(db):
    own = Organization.objects.create(name="Amber Charging", slug="amber", is_default=True)
    client = Client(raise_request_exception=False)
    client.force_login(staff(own, "admin", is_active=True))
    return client, furnish(own, "AMBER").rows[ChargePoint][0].cp_id


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_it_is_refused_and_no_fault_of_ours(world, text):
    client, point = world
    cursor = cursor_encode(["name", False, text, 1])
    for verb, path, wish in CASES:
        address = path.replace("{cursor}", cursor).replace("{point}", point)
        body = json.dumps(wish).replace("{text}", json.dumps(text)[1:-1]) if wish else ""
        answer = getattr(client, verb)(address, body or None, content_type="application/json")
        assert answer.status_code in {200, 400, 404}, (verb, path, answer.content)
