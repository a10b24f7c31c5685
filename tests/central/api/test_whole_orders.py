"""Orders of several messages in lists, and orders repeated that may not wait."""

from datetime import timedelta

import pytest
from django.test import Client

from central.models import ChargePointStatus, Command
from central.models.command import CommandState
from central.selectors.figures import problems
from tests.support.handlers import NOW
from tests.support.orders import placed
from tests.support.world import staff

KEYS = [{"name": name, "value": "1"} for name in "AB"]


@pytest.fixture
def operator(organization):
    return staff(organization, "operator")


@pytest.fixture
def client(operator):
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def half_refused(charge_point):
    """Two messages, of which the first was accepted and the second refused; and one that is alone."""
    ChargePointStatus.objects.create(charge_point=charge_point, ocpp_version="1.6")
    first = placed(charge_point, "configuration_set", variables=KEYS)
    assert first.parts.count() == 1
    Command.objects.filter(pk=first.pk).update(state=CommandState.ACCEPTED, whole=CommandState.REJECTED)
    first.parts.update(state=CommandState.REJECTED)
    alone = placed(charge_point, "clear_cache")
    Command.objects.filter(pk=alone.pk).update(state=CommandState.ACCEPTED)
    return first, alone


def test_lists_by_state_speak_of_the_whole_order(client, half_refused):
    first, alone = half_refused

    def found(state):
        answer = client.get("/api/commands/", {"state": state})
        return [(each["uid"], each["state"]) for each in answer.json()["results"]]

    assert found("rejected") == [(str(first.uid), "rejected")]
    assert found("accepted") == [(str(alone.uid), "accepted")]
    assert client.get("/api/commands/", {"state": "lost"}).status_code == 400


def test_the_page_of_commands_and_the_figure_that_leads_there_agree(client, operator, half_refused):
    first, alone = half_refused
    pages = {
        state: client.get("/admin/central/command/", {"state": state}).content.decode()
        for state in ("trouble", "rejected", "accepted")
    }
    address = "/admin/central/command/{}/change/"
    for state, text in pages.items():
        assert (address.format(first.pk) in text) == (state != "accepted"), state
        assert (address.format(alone.pk) in text) == (state == "accepted"), state
        assert address.format(first.parts.get().pk) not in text
    assert problems(operator, NOW).failed_commands == 1


@pytest.mark.parametrize("order", ["clear_cache", "reserve"])
def test_a_repeat_that_may_not_wait_is_refused_where_nobody_hears_it(client, charge_point, order):
    params = {"id_tag": "AB12", "expires_at": "2099-01-01T10:00:00Z"} if order == "reserve" else {}
    command = placed(charge_point, order, **params)
    Command.objects.update(state=CommandState.TIMED_OUT, finished_at=NOW)
    url = f"/api/commands/{command.uid}/retry/"
    answer = client.post(f"{url}?queue=false")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_connected")
    assert Command.objects.count() == 1
    ChargePointStatus.objects.create(
        charge_point=charge_point, ocpp_version="1.6", connection_id="0" * 31 + "1"
    )
    assert client.post(f"{url}?queue=false").status_code == 202
    again = Command.objects.latest("pk")
    assert again.expires_at - again.created_at == timedelta(seconds=30), "no longer than its answer may take"
