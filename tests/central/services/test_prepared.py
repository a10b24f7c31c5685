"""Queries that are compiled once give what Django's own give, each time with its own values."""

import pytest
from django.db.models import F

from central.models import Connector, IdToken
from central.services.prepared import Prepared
from tests.support.handlers import Bench, token_create

POWERS = Prepared(
    lambda charge_points: (
        Connector.objects.filter(charge_point_id__among=charge_points)
        .order_by("pk")
        .values_list("charge_point_id", "evse__number", "number", "max_power_w")
    )
)
PLACES = Prepared(
    lambda charge_points: (
        Connector.objects.filter(charge_point_id__among=charge_points)
        .annotate(evse_number=F("evse__number"))
        .order_by("pk")
    )
)
TOKENS = Prepared(
    lambda uids, since: IdToken.objects.filter(uid_key__among=uids, created_at__gte=since).order_by("pk")
)


@pytest.fixture
def plugged(charge_point):
    bench = Bench(charge_point, "2.0.1")
    for evse in (1, 2):
        payload = {"evseId": evse, "connectorId": 1, "connectorStatus": "Available"}
        bench.call("StatusNotification", payload | {"timestamp": "2026-03-02T12:00:00Z"})
    return charge_point


def test_tuples_hold_the_columns_in_their_order(plugged):
    for wanted in ([plugged.pk], {plugged.pk, 0}, [0]):
        expected = [(plugged.pk, 1, 1, None), (plugged.pk, 2, 1, None)] if plugged.pk in wanted else []
        assert [tuple(row) for row in POWERS.rows(charge_points=wanted)] == expected


def test_instances_are_those_of_the_database(plugged):
    found = PLACES.rows(charge_points=(plugged.pk,))
    assert found == list(Connector.objects.order_by("pk"))
    assert [row.evse_number for row in found] == [1, 2]
    assert found[0].status_at == Connector.objects.order_by("pk")[0].status_at
    found[0].status = "Faulted"
    found[0].save()
    assert Connector.objects.filter(status="Faulted").count() == 1


def test_each_run_has_its_own_values(organization):
    first, second = token_create(organization, "A'; --"), token_create(organization, "B")
    assert TOKENS.rows(uids=["A'; --"], since=first.created_at) == [first]
    assert TOKENS.rows(uids=["A'; --", "B"], since=second.created_at) == [second]
    assert TOKENS.rows(uids=[], since=first.created_at) == []
