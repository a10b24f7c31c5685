"""Network profiles: built for each version, secrets kept apart, the answer kept (2.x B09)."""

import pytest

from central.models import NetworkProfile
from central.ocpp.ordering import order_place
from emobility.lib.errors import Invalid
from registry.models import AuditEntry
from tests.support.handlers import NOW
from tests.support.orders import built, placed
from tests.support.power import meant
from tests.support.world import staff

PLAIN = {
    "slot": 2,
    "url": "wss://csms.example/ocpp",
    "security_profile": 2,
    "interface": "Wired0",
    "ocpp_version": "2.0.1",
    "message_timeout": 30,
}
SECRET = {
    "apn": "internet",
    "apn_user": "u",
    "apn_password": "hunter2-apn",
    "sim_pin": "1234",
    "vpn_type": "IKEv2",
    "vpn_server": "vpn.example",
    "vpn_user": "u",
    "vpn_password": "hunter2-vpn",
    "vpn_key": "hunter2-key",
}


@pytest.mark.parametrize(("version", "spoken"), [("2.0.1", "OCPP20"), ("2.1", "OCPP201")])
def test_a_profile_is_sent_and_kept_without_its_secrets(charge_point, version, spoken):
    extra = {"basic_auth_password": "hunter2-basic-auth", "identity": "CP"} if version == "2.1" else {}
    command = placed(charge_point, "network_profile", **PLAIN, **SECRET, **extra)
    assert "hunter2" not in str(command.params)
    assert "1234" not in str(command.params)
    action, request = built(version, command)
    data = request["connectionData"]
    assert (data["ocppVersion"], request["configurationSlot"]) == (spoken, 2)
    assert (data["apn"]["apnPassword"], data["apn"]["simPin"]) == ("hunter2-apn", 1234)
    assert (data["vpn"]["key"], data["vpn"]["password"]) == ("hunter2-key", "hunter2-vpn")
    assert meant(version, command, action, request, {"status": "Accepted"})
    row = NetworkProfile.objects.get()
    assert (row.slot, row.csms_url, row.word, row.told_at) == (2, PLAIN["url"], "Accepted", NOW)
    assert row.details["apn"]["simPin"] == "***"
    assert "hunter2" not in str(row.details)


def test_a_refused_profile_leaves_what_was_there(charge_point):
    for url, word in (("wss://one.example", "Accepted"), ("wss://two.example", "Rejected")):
        command = placed(charge_point, "network_profile", **PLAIN | {"url": url})
        action, request = built("2.0.1", command)
        assert meant("2.0.1", command, action, request, {"status": word}) is (word == "Accepted")
    row = NetworkProfile.objects.get()
    assert (row.csms_url, row.word) == ("wss://one.example", "Rejected")


def test_the_audit_trail_holds_no_secret(charge_point, organization):
    person = staff(organization, "operator")
    order_place(
        charge_point=charge_point,
        order="network_profile",
        params=PLAIN | SECRET,
        requested_by=person,
        now=NOW,
    )
    assert "hunter2" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "ws://csms.example"}, "url"),
        ({"url": "wss://user:hunter2@csms.example"}, "url"),
        ({"vpn_type": "IKEv2"}, "vpn_type"),
        ({"sim_pin": "12a4"}, "sim_pin"),
        ({"security_profile": 0}, "security_profile"),
        ({"interface": "Wired9"}, "interface"),
    ],
)
def test_profiles_that_cannot_work_are_refused(charge_point, change, field):
    with pytest.raises(Invalid) as caught:
        placed(charge_point, "network_profile", **PLAIN | change)
    assert field in caught.value.fields


def test_2_0_1_cannot_name_2_1(charge_point):
    command = placed(charge_point, "network_profile", **PLAIN | {"ocpp_version": "2.1"})
    with pytest.raises(ValueError, match=r"2\.0\.1"):
        built("2.0.1", command)
    assert built("2.1", command)[1]["connectionData"]["ocppVersion"] == "OCPP21"


def test_a_password_of_its_own_for_this_platform_would_lock_it_out(charge_point, settings):
    settings.ALLOWED_HOSTS = ["*", ".platform.example"]
    asked = PLAIN | {"url": "wss://ocpp.platform.example/ocpp", "basic_auth_password": "hunter2-basic-auth"}
    with pytest.raises(Invalid) as refused:
        order_place(charge_point=charge_point, order="network_profile", params=asked, now=NOW)
    assert set(refused.value.fields) == {"basic_auth_password"}
    placed(charge_point, "network_profile", **asked | {"url": "wss://elsewhere.example/ocpp"})
    placed(charge_point, "network_profile", **PLAIN | {"url": asked["url"]})


def test_a_lower_profile_than_it_used_here_would_be_refused(charge_point, settings):
    settings.ALLOWED_HOSTS = ["platform.example"]
    charge_point.security_profile = 3
    own = PLAIN | {"url": "wss://platform.example/ocpp"}
    with pytest.raises(Invalid) as refused:
        order_place(charge_point=charge_point, order="network_profile", params=own, now=NOW)
    assert set(refused.value.fields) == {"security_profile"}
    placed(charge_point, "network_profile", **PLAIN)
