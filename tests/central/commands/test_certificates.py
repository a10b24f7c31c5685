"""Install, delete and list certificates: requests in each version's words, the inventory that follows."""

import json
from datetime import timedelta

import pytest

from central.models import InstalledCertificate, TrustedCertificate
from central.ocpp.ordering import order_place
from central.services.authorities import Policy, authority_generate, trusted_fill
from emobility.lib import pki
from emobility.lib.errors import Invalid
from registry.models import Event
from tests.support.handlers import NOW
from tests.support.pki import Ca, ask, leave, settle

pytestmark = pytest.mark.django_db
ROOTS = {"1.6": "CentralSystemRootCertificate", "2.0.1": "CSMSRootCertificate", "2.1": "CSMSRootCertificate"}
INSIDE = "org.openchargealliance.iso15118pnc"


@pytest.fixture
def ca():
    return Ca.make("Platform")


def installed():
    return InstalledCertificate.objects.get()


def install(charge_point, version, ca, kind="CSMSRootCertificate", status="Accepted"):
    return ask(
        charge_point,
        version,
        "install_certificate",
        {"status": status},
        certificate_type=kind,
        certificate=ca.pem,
    )


def named(ca, algorithm="SHA256"):
    made = pki.hash_data(ca.certificate, ca.certificate, algorithm)
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": made.issuer_name_hash.upper(),
        "issuerKeyHash": made.issuer_key_hash,
        "serialNumber": made.serial_number.upper(),
    }


def listing(version, *entries, kind="CSMSRootCertificate"):
    if version == "1.6":
        return {"status": "Accepted", "certificateHashData": list(entries)}
    chain = [{"certificateType": kind, "certificateHashData": each} for each in entries]
    return {"status": "Accepted", "certificateHashDataChain": chain}


@pytest.mark.parametrize("version", ROOTS)
def test_an_installed_certificate_is_in_the_inventory_until_it_is_deleted(charge_point, ca, version):
    command = install(charge_point, version, ca)
    assert command.request == {"certificateType": ROOTS[version], "certificate": ca.pem}
    row = installed()
    assert (row.certificate_type, row.installed_by_us) == ("CSMSRootCertificate", True)
    assert "CN=Platform" in row.subject
    # The inventory names it with another hash: it is the same one, now named as the charge point does.
    ask(charge_point, version, "certificate_inventory", listing(version, named(ca, "SHA384")))
    row = installed()
    assert (row.hash_algorithm, row.reported_at) == ("SHA384", NOW)
    command = ask(charge_point, version, "delete_certificate", {"status": "Accepted"}, certificate_id=row.pk)
    assert command.request == {"certificateHashData": named(ca, "SHA384")}
    assert installed().removed_at == NOW
    kinds = Event.objects.filter(kind__startswith="certificate.").values_list("kind", flat=True)
    assert sorted(kinds) == ["certificate.installed", "certificate.removed"]


@pytest.mark.parametrize("version", ROOTS)
def test_a_refused_one_is_not(charge_point, ca, version):
    assert install(charge_point, version, ca, status="Rejected").state == "rejected"
    assert install(charge_point, version, ca, status="Failed").state == "rejected"
    assert not InstalledCertificate.objects.exists()


@pytest.mark.parametrize("version", ROOTS)
def test_what_an_inventory_no_longer_names_is_gone(charge_point, ca, version):
    other = Ca.make("Other")
    ask(charge_point, version, "certificate_inventory", listing(version, named(ca), named(other)))
    ask(charge_point, version, "certificate_inventory", listing(version, named(other)))
    gone, inside = InstalledCertificate.objects.order_by("pk")
    assert gone.removed_at == NOW
    assert inside.removed_at is None
    ask(charge_point, version, "certificate_inventory", {"status": "NotFound"})
    assert not InstalledCertificate.objects.filter(removed_at=None).exists()
    ask(charge_point, version, "certificate_inventory", listing(version, named(ca)))
    assert InstalledCertificate.objects.count() == 2


def test_an_inventory_of_one_type_says_nothing_of_others(charge_point, ca):
    install(charge_point, "2.1", ca)
    kind = "V2GRootCertificate"
    command = ask(charge_point, "2.1", "certificate_inventory", {"status": "NotFound"}, certificate_type=kind)
    assert (command.state, command.request) == ("accepted", {"certificateType": [kind]})
    assert installed().removed_at is None


def test_a_chain_for_cars_is_kept_with_what_is_below_it(charge_point, ca):
    entry = {
        "certificateType": "V2GCertificateChain",
        "certificateHashData": named(ca),
        "childCertificateHashData": [named(Ca.make("Sub"))],
    }
    answer = {"status": "Accepted", "certificateHashDataChain": [entry]}
    ask(charge_point, "2.0.1", "certificate_inventory", answer)
    assert installed().children == entry["childCertificateHashData"]


def test_our_own_and_trusted_ones_are_offered_by_number_and_known_by_name(organization, charge_point, ca):
    own = authority_generate(organization=organization, policy=Policy("Own"), now=NOW)
    foreign = TrustedCertificate(
        organization=organization, name="M", certificate_type="MORootCertificate", certificate_pem=ca.pem
    )
    trusted_fill(foreign)
    foreign.save()
    for source, pem in ((f"authority:{own.pk}", own.certificate_pem), (f"trusted:{foreign.pk}", ca.pem)):
        params = {"certificate_type": "CSMSRootCertificate", "source": source}
        command = ask(charge_point, "1.6", "install_certificate", {"status": "Accepted"}, **params)
        assert command.request["certificate"] == pem
    # A certificate that we know by name is described although the charge point only gives its hash.
    InstalledCertificate.objects.all().delete()
    ask(charge_point, "1.6", "certificate_inventory", listing("1.6", named(ca)))
    assert "CN=Platform" in installed().subject


def test_a_strangers_certificate_is_not_kept_here(stranger_organization, charge_point):
    theirs = authority_generate(organization=stranger_organization, policy=Policy("Theirs"), now=NOW)
    params = {"certificate_type": "CSMSRootCertificate", "source": f"authority:{theirs.pk}"}
    command = order_place(charge_point=charge_point, order="install_certificate", params=params, now=NOW)
    order_place(charge_point=charge_point, order="certificate_inventory", params={}, now=NOW)
    assert leave(charge_point, "1.6").action == "GetInstalledCertificateIds"
    command.refresh_from_db()
    assert (command.state, command.error) == ("failed", "This certificate is not kept here.")


@pytest.mark.parametrize(
    ("params", "order"),
    [
        ({"certificate_type": "CSMSRootCertificate"}, "install_certificate"),
        ({"certificate_type": "CSMSRootCertificate", "certificate": "x"}, "install_certificate"),
        ({"certificate_type": "Nonsense", "source": "authority:1"}, "install_certificate"),
        ({}, "delete_certificate"),
        ({"hash_algorithm": "SHA256", "serial_number": "xyz"}, "delete_certificate"),
        ({"certificate_type": "Nonsense"}, "certificate_inventory"),
    ],
)
def test_unfit_orders_are_refused(charge_point, params, order):
    with pytest.raises(Invalid):
        order_place(charge_point=charge_point, order=order, params=params, now=NOW)


def test_delete_by_hash_data_and_of_what_was_not_there(charge_point, ca):
    install(charge_point, "2.1", ca)
    hashes = dict(
        zip(
            ("hash_algorithm", "issuer_name_hash", "issuer_key_hash", "serial_number"),
            named(ca).values(),
            strict=True,
        )
    )
    command = ask(charge_point, "2.1", "delete_certificate", {"status": "NotFound"}, **hashes)
    assert command.state == "rejected"
    assert installed().removed_at == NOW


def test_in_1_6_certificates_for_cars_travel_inside_data_transfer(charge_point, ca):
    """OCA application note: plug and charge with OCPP 1.6."""
    order_place(
        charge_point=charge_point,
        order="install_certificate",
        params={"certificate_type": "V2GRootCertificate", "certificate": ca.pem},
        now=NOW,
    )
    order = leave(charge_point, "1.6")
    assert (order.action, order.payload["vendorId"]) == ("DataTransfer", INSIDE)
    assert json.loads(order.payload["data"])["certificateType"] == "V2GRootCertificate"
    settle(order, {"status": "Accepted", "data": json.dumps({"status": "Accepted"})})
    assert installed().certificate_type == "V2GRootCertificate"
    chain = listing("2.0.1", named(ca), kind="V2GRootCertificate")
    inventory = {"status": "Accepted", "data": json.dumps(chain)}
    later = NOW + timedelta(minutes=1)
    ask(charge_point, "1.6", "certificate_inventory", inventory, later, certificate_type="V2GRootCertificate")
    assert installed().reported_at == later
    number = {"certificate_id": installed().pk}
    gone = {"status": "Accepted", "data": '{"status":"Accepted"}'}
    command = ask(charge_point, "1.6", "delete_certificate", gone, **number)
    assert command.request["messageId"] == "DeleteCertificate"
    assert installed().removed_at == NOW


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "UnknownVendorId"},
        {"status": "Accepted"},
        {"status": "Accepted", "data": "nonsense"},
        {"status": "Accepted", "data": '{"status":"Failed"}'},
    ],
)
def test_what_is_refused_inside_or_outside_of_data_transfer_is_not_installed(charge_point, ca, answer):
    params = {"certificate_type": "MORootCertificate", "certificate": ca.pem}
    assert ask(charge_point, "1.6", "install_certificate", answer, **params).state == "rejected"
    assert not InstalledCertificate.objects.exists()
