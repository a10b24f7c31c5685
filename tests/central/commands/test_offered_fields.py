"""A form offers what the charge point's version can say, and nothing else."""

import pytest
from django.utils import timezone

from central.models import ChargePointStatus
from central.ocpp.intents import ORDERS
from central.ocpp.ordering import order_form
from registry.admin.dress import dressed

pytestmark = pytest.mark.django_db

ONLY_1_6 = {("trigger", "extended"), ("trigger", "message", "DiagnosticsStatusNotification")}
SINCE_2_0_1 = {
    ("availability", "connector_number"),
    ("certificate_inventory", "certificate_type", ""),
    ("reserve", "connector_type"),
    ("reset", "evse_number"),
    ("security_profile_upgrade", "slot"),
    ("trigger", "message", "TransactionEvent"),
}
SINCE_2_1 = {
    ("certificate_inventory", "certificate_type", "OEMRootCertificate"),
    ("certificate_renew", "certificate_type", "V2G20Certificate"),
    ("install_certificate", "certificate_type", "OEMRootCertificate"),
    ("log_get", "log", "DataCollectorLog"),
    ("profile_clear", "purpose", "PriorityCharging"),
    ("profile_set", "dynamic_update_seconds"),
    ("profile_set", "kind", "Dynamic"),
    ("profile_set", "purpose", "LocalGeneration"),
    ("reset", "kind", "resume"),
    ("trigger", "custom"),
}
ONLY_IN_2 = {("monitoring_set", "stream_interval"), ("network_profile", "identity")}


@pytest.fixture
def form_of(charge_point):
    def make(version, order):
        ChargePointStatus.objects.update_or_create(
            charge_point=charge_point, defaults={"ocpp_version": version}
        )
        return order_form(ORDERS[order], None, charge_point)

    return make


def offered(form, name, choice=None):
    field = form.fields.get(name)
    if choice is None or field is None:
        return field is not None
    return choice in {value for value, _ in field.choices}


@pytest.mark.parametrize(
    ("version", "wanted", "unwanted"),
    [
        ("1.6", ONLY_1_6, SINCE_2_0_1 | SINCE_2_1),
        ("2.0.1", SINCE_2_0_1, ONLY_1_6 | SINCE_2_1 | ONLY_IN_2),
        ("2.1", SINCE_2_0_1 | SINCE_2_1 | ONLY_IN_2, ONLY_1_6),
        ("", ONLY_1_6 | SINCE_2_0_1 | SINCE_2_1 | ONLY_IN_2, set()),
    ],
)
def test_a_form_offers_what_the_version_can_say(form_of, version, wanted, unwanted):
    found = {what: offered(form_of(version, what[0]), *what[1:]) for what in wanted | unwanted}
    assert found == dict.fromkeys(wanted, True) | dict.fromkeys(unwanted, False)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_each_purpose_is_offered_once(form_of, version):
    words = [value for value, _ in form_of(version, "profile_set").fields["purpose"].choices]
    assert "ChargingStationMaxProfile" in words
    assert "ChargePointMaxProfile" not in words


def test_a_charge_point_of_1_6_has_connectors(form_of):
    assert str(form_of("1.6", "reserve").fields["evse_number"].label) == "Connector"
    assert str(form_of("2.0.1", "reserve").fields["evse_number"].label) == "EVSE"


def test_a_moment_says_by_which_clock_it_is_meant(form_of):
    with timezone.override("Europe/Berlin"):
        page = dressed(form_of("1.6", "reserve")).as_p()
    assert "Time zone: Europe/Berlin." in page
