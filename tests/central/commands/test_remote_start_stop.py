"""Remote start and stop on the wire: 1.6 §5.11, §5.12; 2.x F01-F03."""

import pytest

from central.models import IdTokenGroup
from central.ocpp.intents import ANSWERS, BUILDERS
from central.ocpp.schemas import validate_request
from central.services.commands import remote_start, remote_stop
from tests.support.handlers import NOW, Bench, token_create


def built(version, command):
    action, payload = BUILDERS[version, command.order](version, command)
    validate_request(version, action, payload)
    return action, payload


def applied(version, command, answer):
    action, payload = built(version, command)
    return ANSWERS[version, action](command, payload, answer, NOW)


def test_a_start_in_1_6(charge_point):
    command = remote_start(charge_point=charge_point, id_tag="TAG-1", evse_number=2, now=NOW)
    assert built("1.6", command) == ("RemoteStartTransaction", {"idTag": "TAG-1", "connectorId": 2})
    anywhere = remote_start(charge_point=charge_point, id_tag="TAG-1", now=NOW)
    assert built("1.6", anywhere)[1] == {"idTag": "TAG-1"}


def test_a_tag_too_long_for_1_6_is_told(charge_point):
    command = remote_start(charge_point=charge_point, id_tag="T" * 21, now=NOW)
    with pytest.raises(ValueError, match="20 characters"):
        built("1.6", command)


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_a_start_in_2(version, organization, charge_point):
    group = IdTokenGroup.objects.create(organization=organization, uid="FLEET")
    token_create(organization, "Tag-1", token_type="eMAID", group=group)
    command = remote_start(charge_point=charge_point, id_tag="TAG-1", evse_number=2, now=NOW)
    assert built(version, command) == (
        "RequestStartTransaction",
        {
            "idToken": {"idToken": "Tag-1", "type": "eMAID"},
            "groupIdToken": {"idToken": "FLEET", "type": "Central"},
            "remoteStartId": command.pk,
            "evseId": 2,
        },
    )


@pytest.mark.parametrize(
    ("version", "action"), [("1.6", "RemoteStopTransaction"), ("2.0.1", "RequestStopTransaction")]
)
def test_a_stop(version, action, charge_point, token):
    bench = Bench(charge_point, version)
    transaction = bench.begin()
    command = remote_stop(session=bench.session(), now=NOW)
    assert built(version, command) == (action, {"transactionId": transaction.id})


@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_charge_points_answer_decides(version, status, charge_point, token):
    command = remote_start(charge_point=charge_point, id_tag="TAG-1", now=NOW)
    assert applied(version, command, {"status": status}) is (status == "Accepted")


def test_a_transaction_that_had_begun_belongs_to_the_order(charge_point, token):
    """F02: the cable was plugged in first, so the answer names the transaction."""
    bench = Bench(charge_point, "2.0.1")
    transaction = bench.begin()
    command = remote_start(charge_point=charge_point, id_tag="TAG-1", now=NOW)
    answer = {"status": "Accepted", "transactionId": transaction.id}
    assert applied("2.0.1", command, answer)
    assert bench.session().remote_start_id == command.pk
