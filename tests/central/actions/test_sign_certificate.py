"""SignCertificate: who gets a certificate, for what, and how often (A02, A03)."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from central.models import ChargePointStatus, Command, IssuedCertificate, SigningRequest
from central.models.issued_certificate import IssuedState
from central.services.authorities import Policy, authority_generate
from central.services.issued_certificates import certificate_proved, certificate_revoke, certificates_sweep
from emobility.lib import pki
from registry.models import ChargePoint, Event
from tests.support.handlers import NOW, Bench, charge_point_create
from tests.support.pki import ask, connect, key, leave, make_csr, settle

pytestmark = pytest.mark.django_db
TYPE = "ChargingStationCertificate"


@pytest.fixture(autouse=True)
def authority(organization):
    return authority_generate(organization=organization, policy=Policy("Amber CA"), now=NOW)


def sign(charge_point, version, csr=None, **fields):
    request = {"csr": csr or make_csr(charge_point.cp_id)} | fields
    return Bench(charge_point, version).call("SignCertificate", request)


def issued():
    return IssuedCertificate.objects.get()


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_good_request_is_signed_and_delivered(charge_point, authority, version):
    fields: dict[str, dict[str, Any]] = {
        "1.6": {},
        "2.0.1": {"certificateType": TYPE},
        "2.1": {"certificateType": TYPE, "requestId": 7},
    }
    assert sign(charge_point, version, **fields[version]) == {"status": "Accepted"}
    order = leave(charge_point, version)
    (root,) = pki.certificates_read(authority.certificate_pem)
    (leaf,) = pki.certificates_read(order.payload["certificateChain"])
    assert pki.chain_check(leaf, [], [root], NOW) == [leaf, root]
    assert pki.common_names(leaf.subject) == [charge_point.cp_id]
    assert order.action == "CertificateSigned"
    assert order.payload.get("requestId") == fields[version].get("requestId")
    assert order.payload.get("certificateType") == fields[version].get("certificateType")
    assert settle(order, {"status": "Accepted"}).state == "accepted"
    assert issued().state == IssuedState.ACCEPTED
    kinds = Event.objects.filter(kind__startswith="certificate.").values_list("kind", flat=True)
    assert sorted(kinds) == ["certificate.accepted", "certificate.issued"]


def test_a_rejected_certificate_is_revoked_with_the_reason(charge_point):
    sign(charge_point, "2.1")
    info = {"reasonCode": "InvalidCertificate", "additionalInfo": "clock"}
    settle(leave(charge_point, "2.1"), {"status": "Rejected", "statusInfo": info})
    assert (issued().state, issued().reason) == (IssuedState.REVOKED, "InvalidCertificate clock")


def test_the_same_request_gets_the_same_certificate(charge_point):
    """A02.FR.17: the charge point repeats where nothing was delivered in time."""
    csr = make_csr(charge_point.cp_id)
    sign(charge_point, "1.6", csr)
    sign(charge_point, "1.6", csr)
    assert Command.objects.count() == 1
    leave(charge_point, "1.6")
    Command.objects.update(state="timed_out")
    sign(charge_point, "1.6", csr)
    assert Command.objects.count() == 2
    assert IssuedCertificate.objects.count() == 1
    assert SigningRequest.objects.count() == 3


def test_the_serial_number_is_a_name_too(charge_point):
    ChargePointStatus.objects.create(charge_point=charge_point, serial_number="SN-77")
    assert sign(charge_point, "1.6", make_csr("SN-77")) == {"status": "Accepted"}


WRONG = {
    "no CSR": lambda: "-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----",
    "anything": lambda: "\u2028 hello",
    "another organisation": lambda: make_csr("AMBER-1", "Basalt Power"),
    "another name": lambda: make_csr("AMBER-2"),
    "an address": lambda: make_csr("192.0.2.1"),
    "RSA 1024": lambda: make_csr("AMBER-1", signer=rsa.generate_private_key(65537, 1024)),
    "EC 192": lambda: make_csr("AMBER-1", signer=ec.generate_private_key(ec.SECP192R1())),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_a_bad_request_is_refused_and_kept_with_the_reason(charge_point, make):
    answer = sign(charge_point, "2.0.1", make(), certificateType=TYPE)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidCSR")
    row = SigningRequest.objects.get()
    assert (row.status, row.certificate) == ("Rejected", None)
    assert row.reason
    assert not Command.objects.exists()


def test_a_broken_signature_is_refused(charge_point):
    good, other = make_csr("AMBER-1"), make_csr("AMBER-1")
    lines, others = good.splitlines(), other.splitlines()
    forged = "\n".join([*lines[:-2], others[-2], lines[-1]])
    assert sign(charge_point, "1.6", forged) == {"status": "Rejected"}


def test_the_id_of_another_charge_point_is_refused_even_as_serial_number(charge_point, organization):
    charge_point_create(organization, "AMBER-2")
    ChargePointStatus.objects.create(charge_point=charge_point, serial_number="AMBER-2")
    assert sign(charge_point, "1.6", make_csr("AMBER-2")) == {"status": "Rejected"}


def test_without_an_authority_and_for_keys_that_it_does_not_sign(charge_point, authority):
    assert sign(charge_point, "2.1", certificateType="V2GCertificate")["status"] == "Rejected"
    assert "authority" in SigningRequest.objects.latest("id").reason
    authority.key_types = ["RSA"]
    authority.save()
    assert sign(charge_point, "1.6") == {"status": "Rejected"}


def test_a_full_queue_refuses_and_issues_nothing(charge_point, settings):
    settings.OCPP_COMMAND_QUEUE_LIMIT = 0
    assert sign(charge_point, "1.6") == {"status": "Rejected"}
    assert not IssuedCertificate.objects.exists()
    assert "wait" in SigningRequest.objects.get().reason


def test_a_certificate_for_cars_has_its_own_authority_and_is_in_use_once_taken(organization, charge_point):
    authority_generate(organization=organization, policy=Policy("V2G", use="v2g"), now=NOW)
    for number in range(2):
        csr = make_csr("SECC-1", signer=key())
        fields = {"certificateType": "V2G20Certificate", "requestId": number}
        assert sign(charge_point, "2.1", csr, **fields)["status"] == "Accepted"
        settle(leave(charge_point, "2.1"), {"status": "Accepted"})
    old, new = IssuedCertificate.objects.order_by("pk")
    assert (old.state, new.state) == (IssuedState.SUPERSEDED, IssuedState.ACTIVE)
    assert new.authority.use == "v2g"


def test_the_first_use_supersedes_the_one_before_and_binds(charge_point):
    for _ in range(2):
        sign(charge_point, "1.6", make_csr(charge_point.cp_id, signer=key()))
        settle(leave(charge_point, "1.6"), {"status": "Accepted"})
    old, new = IssuedCertificate.objects.order_by("pk")
    certificate_proved(certificate=old, now=NOW)
    certificate_proved(certificate=new, now=NOW)
    old.refresh_from_db()
    assert (old.state, new.state) == (IssuedState.SUPERSEDED, IssuedState.ACTIVE)
    assert ChargePoint.objects.get(pk=charge_point.pk).certificate_fingerprint == new.fingerprint
    certificate_revoke(certificate=new, reason="stolen", actor="test", now=NOW)
    assert ChargePoint.objects.get(pk=charge_point.pk).certificate_fingerprint is None


def test_one_that_was_taken_and_thrown_away_is_revoked(charge_point):
    """2.1 A02.FR.29: the charge point says so by a security event."""
    sign(charge_point, "2.1", certificateType=TYPE)
    settle(leave(charge_point, "2.1"), {"status": "Accepted"})
    event = {"timestamp": "2026-03-02T12:00:00Z"}
    bench = Bench(charge_point, "2.1")
    bench.call("SecurityEventNotification", event | {"type": "ResetOrReboot"})
    assert issued().state == IssuedState.ACCEPTED
    bench.call("SecurityEventNotification", event | {"type": "DiscardedRenewedClientCertificate"})
    assert (issued().state, issued().reason) == (IssuedState.REVOKED, "discarded by the charge point")


def test_due_ones_are_marked_and_asked_for_where_that_is_switched_on(charge_point, authority):
    sign(charge_point, "1.6")
    settle(leave(charge_point, "1.6"), {"status": "Accepted"})
    certificate_proved(certificate=issued(), now=NOW)
    due = NOW + timedelta(days=340)
    assert certificates_sweep(now=NOW) == 0
    assert certificates_sweep(now=due) == 1
    assert issued().renewal_due
    authority.renew_automatically = True
    authority.save()
    connect(charge_point, "1.6", due)
    assert certificates_sweep(now=due) == 1
    assert certificates_sweep(now=due + timedelta(hours=1)) == 0
    order = leave(charge_point, "1.6", due)
    assert (order.action, order.payload) == (
        "ExtendedTriggerMessage",
        {"requestedMessage": "SignChargePointCertificate"},
    )
    assert certificates_sweep(now=NOW + timedelta(days=366)) == 1
    assert issued().state == IssuedState.EXPIRED


@pytest.mark.parametrize(
    ("version", "kind", "action", "message"),
    [
        ("2.0.1", TYPE, "TriggerMessage", "SignChargingStationCertificate"),
        ("2.1", "V2G20Certificate", "TriggerMessage", "SignV2G20Certificate"),
        ("2.0.1", "both", "TriggerMessage", "SignCombinedCertificate"),
    ],
)
def test_renewal_is_asked_for_in_the_words_of_the_version(charge_point, version, kind, action, message):
    command = ask(charge_point, version, "certificate_renew", {"status": "Accepted"}, certificate_type=kind)
    assert (command.action, command.request["requestedMessage"]) == (action, message)
