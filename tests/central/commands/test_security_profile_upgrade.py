"""The way to a higher security profile: what it needs, each version's steps, done when seen (A05)."""

import pytest
from django.test import Client

from central.models import Command, InstalledCertificate, IssuedCertificate, SecurityUpgrade, Variable
from central.models.security_change import UpgradeState
from central.ocpp.ordering import order_place
from central.services.authorities import Policy, authority_generate
from central.services.security_profiles import profile_seen
from central.services.security_upgrades import upgrade_cancel, upgrade_needs
from emobility.lib.errors import Conflict, Invalid
from tests.support.handlers import NOW, Bench
from tests.support.pki import ask, connect, leave, make_csr, settle
from tests.support.registry import person
from tests.support.world import staff

pytestmark = pytest.mark.django_db
URL = "wss://central.example/ocpp"


@pytest.fixture
def charge_point(charge_point):
    charge_point.credential_hash = "hmac-sha256$00$00"
    charge_point.security_profile = 1
    charge_point.save()
    InstalledCertificate.objects.create(
        charge_point=charge_point,
        certificate_type="CSMSRootCertificate",
        hash_algorithm="SHA256",
        issuer_name_hash="aa",
        issuer_key_hash="bb",
        serial_number="1",
        first_seen_at=NOW,
    )
    return charge_point


def place(charge_point, **params):
    return order_place(charge_point=charge_point, order="security_profile_upgrade", params=params, now=NOW)


def upgrade():
    return SecurityUpgrade.objects.latest("id")


def test_in_1_6_it_is_one_key_and_done_when_seen(charge_point):
    command = ask(charge_point, "1.6", "security_profile_upgrade", {"status": "Accepted"}, profile=2)
    assert command.request == {"key": "SecurityProfile", "value": "2"}
    assert (upgrade().state, upgrade().from_profile, upgrade().to_profile) == (UpgradeState.CHOSEN, 1, 2)
    profile_seen(charge_point=charge_point, profile=2, now=NOW)
    assert upgrade().state == UpgradeState.DONE


@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
def test_a_refusal_is_told_with_the_charge_points_word(charge_point, status):
    command = ask(charge_point, "1.6", "security_profile_upgrade", {"status": status}, profile=2)
    assert (command.state, upgrade().state, upgrade().reason) == ("rejected", UpgradeState.REFUSED, status)


@pytest.mark.parametrize(("version", "spoken"), [("2.0.1", "OCPP20"), ("2.1", "OCPP21")])
def test_in_2_the_profile_is_stored_then_chosen_then_the_charge_point_restarts(charge_point, version, spoken):
    connect(charge_point, version)
    Variable.objects.create(
        charge_point=charge_point,
        component="OCPPCommCtrlr",
        variable="NetworkConfigurationPriority",
        key="x",
        value="1,0",
    )
    place(charge_point, profile=2, url=URL, slot=2, restart=True)
    order = leave(charge_point, version)
    data = order.payload["connectionData"]
    assert (order.action, order.payload["configurationSlot"]) == ("SetNetworkProfile", 2)
    assert (data["ocppVersion"], data["securityProfile"], data["ocppCsmsUrl"]) == (spoken, 2, URL)
    settle(order, {"status": "Accepted"})
    assert upgrade().state == UpgradeState.STORED
    order = leave(charge_point, version)
    (sent,) = order.payload["setVariableData"]
    assert sent["attributeValue"] == "2,1,0"
    told = {"component": sent["component"], "variable": sent["variable"]}
    settle(order, {"setVariableResult": [{"attributeStatus": "RebootRequired", **told}]})
    assert upgrade().state == UpgradeState.CHOSEN
    assert leave(charge_point, version).payload == {"type": "OnIdle"}


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_in_2_each_step_may_be_refused(charge_point, version):
    connect(charge_point, version)
    place(charge_point, profile=2, url=URL, slot=2)
    settle(leave(charge_point, version), {"status": "Failed"})
    assert (upgrade().state, upgrade().reason) == (UpgradeState.REFUSED, "Failed")
    place(charge_point, profile=2, url=URL, slot=2)
    settle(leave(charge_point, version), {"status": "Accepted"})
    order = leave(charge_point, version)
    (sent,) = order.payload["setVariableData"]
    assert sent["attributeValue"] == "2"
    told = {"component": sent["component"], "variable": sent["variable"]}
    settle(order, {"setVariableResult": [{"attributeStatus": "Rejected", **told}]})
    assert (upgrade().state, upgrade().reason) == (UpgradeState.REFUSED, "Rejected")


def test_what_is_missing_is_told_and_may_be_overruled(organization, charge_point):
    InstalledCertificate.objects.update(removed_at=NOW)
    with pytest.raises(Conflict, match="CA certificate"):
        place(charge_point, profile=2)
    place(charge_point, profile=2, anyway=True)
    words = {each.words: each.met for each in upgrade_needs(charge_point=charge_point, profile=3, now=NOW)}
    assert list(words.values()) == [False, False, False]


def test_profile_3_needs_a_certificate_that_the_charge_point_took(organization, charge_point):
    with pytest.raises(Conflict, match="certificate of its own"):
        place(charge_point, profile=3)
    authority_generate(organization=organization, policy=Policy("Amber CA"), now=NOW)
    Bench(charge_point, "1.6").call("SignCertificate", {"csr": make_csr(charge_point.cp_id)})
    with pytest.raises(Conflict):
        place(charge_point, profile=3)
    settle(leave(charge_point, "1.6"), {"status": "Accepted"})
    place(charge_point, profile=3)
    assert IssuedCertificate.objects.get().state == "accepted"


def test_no_way_down_and_a_second_upgrade_ends_the_first(charge_point):
    for profile in (1,):
        with pytest.raises(Conflict):
            place(charge_point, profile=profile)
    place(charge_point, profile=2)
    place(charge_point, profile=2)
    states = SecurityUpgrade.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [UpgradeState.CANCELLED, UpgradeState.ASKED]


@pytest.mark.parametrize(
    "params", [{}, {"url": URL}, {"slot": 1}, {"url": "ws://central.example/ocpp", "slot": 1}]
)
def test_2_x_needs_an_address_of_the_right_kind_and_a_slot(charge_point, params):
    connect(charge_point, "2.0.1")
    with pytest.raises(Invalid):
        place(charge_point, profile=2, **params)
    assert not Command.objects.exists()


def test_a_person_may_wait_no_longer(organization, charge_point):
    place(charge_point, profile=2)
    admin = person(organization, "admin")
    upgrade_cancel(upgrade=upgrade(), actor=admin, now=NOW)
    assert upgrade().state == UpgradeState.CANCELLED
    with pytest.raises(Conflict):
        upgrade_cancel(upgrade=upgrade(), actor=admin, now=NOW)


def test_the_page_tells_what_is_there_what_is_missing_and_what_to_do(organization, charge_point):
    client = Client()
    client.force_login(staff(organization, "operator"))
    url = f"/admin/registry/chargepoint/{charge_point.pk}/security/"
    page = client.get(url).content.decode()
    assert "To profile 2: password over TLS" in page
    assert "A certificate authority that signs for charge points" in page
    assert f"/admin/registry/chargepoint/{charge_point.pk}/orders/security_profile_upgrade/" in page
    client.force_login(staff(organization, "viewer"))
    page = client.get(url).content.decode()
    assert "/orders/" not in page
    client.force_login(staff(organization, "partner"))
    assert client.get(url).status_code == 404


def test_the_page_costs_at_most_fifteen_statements(organization, charge_point, django_assert_max_num_queries):
    client = Client()
    client.force_login(staff(organization, "operator"))
    url = f"/admin/registry/chargepoint/{charge_point.pk}/security/"
    with django_assert_max_num_queries(15):
        assert client.get(url).status_code == 200


def test_the_page_offers_what_is_higher_and_our_address(client, organization, charge_point, settings):
    settings.OCPP_PUBLIC_URL = URL
    client.force_login(staff(organization, "operator"))
    address = f"/admin/registry/chargepoint/{charge_point.pk}/orders/security_profile_upgrade/"
    page = client.get(address).content.decode()
    offered = ["1: password, without TLS", "2: password over TLS", "3: client certificate over TLS"]
    assert [words in page for words in offered] == [False, True, True]
    assert f'value="{URL}"' in page
    charge_point.security_profile = 3
    charge_point.save()
    page = client.get(address).content.decode()
    assert [words in page for words in offered] == [False] * 3
    assert "the highest one already" in page
