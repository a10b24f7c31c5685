"""Remote start and stop on the wire: 1.6 §5.11, §5.12; 2.x F01-F03."""

import pytest

from central.models import ChargingProfile, IdTokenGroup, Session
from central.ocpp.intents import ANSWERS, BUILDERS
from central.ocpp.schemas import validate_request
from central.services.commands import remote_start, remote_stop
from central.services.start_profiles import profiles_begin
from emobility.lib.errors import Invalid
from tests.support.handlers import NOW, Bench, token_create
from tests.support.orders import placed


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


LIMIT = {"limit": 16.0, "unit": "A"}
WRITTEN = {
    "stackLevel": 2,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": {
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 7400.0}],
    },
}


@pytest.mark.parametrize(
    ("version", "evse"), [("1.6", "connectorId"), ("2.0.1", "evseId"), ("2.1", "evseId")]
)
def test_a_start_brings_the_profile_of_its_session(version, evse, charge_point, token):
    """K05: TxProfile without a transaction; it shares the fate of the start, then belongs to the session."""
    command = placed(charge_point, "remote_start", id_tag=token.uid, evse_number=1, **LIMIT)
    row = ChargingProfile.objects.get()
    assert (row.state, row.purpose, row.unit) == ("wanted", "TxProfile", "A")
    request = built(version, command)[1]
    profile = request["chargingProfile"]
    assert (request[evse], profile["chargingProfilePurpose"]) == (1, "TxProfile")
    assert "transactionId" not in profile
    assert applied(version, command, {"status": "Accepted"})
    bench = Bench(charge_point, version)
    bench.begin(token.uid)
    session = bench.session()
    Session.objects.filter(pk=session.pk).update(remote_start_id=command.pk)
    profiles_begin(session_ids={session.pk}, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.session, row.transaction_id) == ("installed", session, session.transaction_id)


def test_a_refused_start_leaves_no_profile(charge_point, token):
    command = placed(charge_point, "remote_start", id_tag=token.uid, charging_profile=WRITTEN)
    assert built("1.6", command)[1]["chargingProfile"]["stackLevel"] == 2
    assert not applied("1.6", command, {"status": "Rejected"})
    assert ChargingProfile.objects.get().state == "rejected"


@pytest.mark.parametrize(
    "wrong",
    [
        {"charging_profile": WRITTEN | {"chargingProfilePurpose": "TxDefaultProfile"}},
        {"charging_profile": WRITTEN | {"transactionId": 7}},
        {"charging_profile": {"stackLevel": 1}},
        {"charging_profile": [1]},
        {"charging_profile": WRITTEN} | LIMIT,
        {"limit": 16.0},
    ],
)
def test_what_is_no_profile_for_a_start_is_refused(wrong, charge_point, token):
    with pytest.raises(Invalid):
        placed(charge_point, "remote_start", id_tag=token.uid, **wrong)
    assert not ChargingProfile.objects.exists()
