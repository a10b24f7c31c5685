"""Orders with rows of their own are repeated by one click: placed anew with what was asked, rows and all."""

import pytest
from django.test import Client

from central.models import (
    ChargePointStatus,
    ChargingProfile,
    Command,
    DisplayMessage,
    FirmwareJob,
    LogJob,
    PasswordRotation,
    Reservation,
)
from central.models.command import CommandState
from tests.support.handlers import NOW
from tests.support.orders import built, placed
from tests.support.world import staff

LIMIT = {"startPeriod": 0, "limit": 16.0}
PLAIN = {"chargingRateUnit": "A", "chargingSchedulePeriod": [LIMIT]}
ASKED = [
    ("reserve", {"id_tag": "AB12", "expires_at": "2099-01-01T10:00:00Z"}, Reservation),
    ("profile_set", {"purpose": "TxDefaultProfile", "evse_number": 1, "schedules": [PLAIN]}, ChargingProfile),
    ("firmware_update", {"location": "https://files.example/fw.bin"}, FirmwareJob),
    ("log_get", {"log": "DiagnosticsLog", "location": "https://files.example/up"}, LogJob),
    ("diagnostics_get", {"location": "https://files.example/up"}, LogJob),
    ("password_rotate", {}, PasswordRotation),
    ("display_message_set", {"text": "Hello"}, DisplayMessage),
]


@pytest.fixture
def api(organization):
    client = Client()
    client.force_login(staff(organization, "admin"))
    return client


@pytest.mark.parametrize("page", [False, True])
@pytest.mark.parametrize(("order", "params", "model"), ASKED, ids=[each[0] for each in ASKED])
def test_it_is_placed_anew_with_what_was_asked(order, params, model, page, api, charge_point):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version="2.1")
    command = placed(charge_point, order, **params)
    Command.objects.update(state=CommandState.EXPIRED, finished_at=NOW)
    model.objects.update(state="failed")
    if page:
        answer = api.post(f"/admin/central/command/{command.pk}/do/retry/")
        assert answer.status_code == 302
    else:
        answer = api.post(f"/api/commands/{command.uid}/retry/")
        assert answer.status_code == 202, answer.content
    again = Command.objects.latest("pk")
    assert (again.retry_of, again.order) == (command, order)
    rows = model.objects.order_by("pk")
    assert [row.command_id for row in rows] == [command.pk, again.pk]


def test_the_password_of_an_address_is_repeated_and_never_shown(api, charge_point):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version="2.1")
    location = "https://me:hunter2@files.example/fw.bin"
    command = placed(charge_point, "firmware_update", location=location)
    Command.objects.update(state=CommandState.EXPIRED, finished_at=NOW)
    answer = api.post(f"/api/commands/{command.uid}/retry/")
    assert answer.status_code == 202
    again = Command.objects.latest("pk")
    assert built("2.1", again)[1]["firmware"]["location"] == location
    assert "hunter2" not in api.get(f"/api/commands/{again.uid}/").content.decode()


def test_a_new_password_of_the_caller_s_own_is_not_kept_and_says_so(api, charge_point):
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version="2.1")
    params = {"slot": 1, "url": "wss://other.example/ocpp", "security_profile": 2, "identity": "X"}
    params |= {"interface": "Wired0", "message_timeout": 30, "ocpp_version": "2.0.1"}
    command = placed(charge_point, "network_profile", basic_auth_password="a" * 16, **params)
    Command.objects.update(state=CommandState.EXPIRED, finished_at=NOW)
    answer = api.post(f"/api/commands/{command.uid}/retry/")
    assert (answer.status_code, "anew" in answer.json()["detail"]) == (409, True)
