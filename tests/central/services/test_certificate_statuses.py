"""OCSP and revocation lists over a real socket: believed only where fresh and signed, asked once, bounded."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from central.models import CertificateStatus, TrustedCertificate
from central.services.authorities import trusted_fill
from central.services.certificate_statuses import status_ensure, status_known
from emobility.lib import pki
from emobility.lib.pki import HashData
from tests.support.handlers import NOW
from tests.support.pki import YEAR, Ca
from tests.support.responder import responding

pytestmark = pytest.mark.django_db


@pytest.fixture
def ca():
    return Ca.make("Mobility")


@pytest.fixture
def responder(ca, settings):
    settings.EGRESS_ALLOW_HOSTS = ["127.0.0.1"]
    settings.EGRESS_ALLOW_HTTP = False
    with responding(ca, NOW) as running:
        yield running


@pytest.fixture
def leaf(ca):
    return ca.issue("DE8AACA2B3C4D5")


def trust(organization, ca):
    row = TrustedCertificate(
        organization=organization, name="M", certificate_type="MORootCertificate", certificate_pem=ca.pem
    )
    trusted_fill(row)
    row.save()
    return row


def ensure(organization, ca, leaf, *urls, now=NOW, source="OCSP", algorithm="SHA256", limit=5.0):
    return status_ensure(
        organization_id=organization.pk,
        source=source,
        named=pki.hash_data(leaf, ca.certificate, algorithm),
        urls=urls,
        limit=limit,
        now=now,
    )


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
@pytest.mark.parametrize("word", ["GOOD", "REVOKED", "UNKNOWN"])
def test_what_the_issuer_says_is_believed_and_kept_until_it_ends(
    organization, ca, leaf, responder, algorithm, word
):
    responder.status = ocsp.OCSPCertStatus[word]
    row = ensure(organization, ca, leaf, responder.url, algorithm=algorithm)
    assert (row.status, row.next_update) == (word.capitalize(), NOW + timedelta(days=1))
    assert row.answer
    ensure(organization, ca, leaf, responder.url, algorithm=algorithm, now=NOW + timedelta(hours=23))
    assert responder.asked == 1
    responder.at = NOW + timedelta(hours=25)
    ensure(organization, ca, leaf, responder.url, algorithm=algorithm, now=NOW + timedelta(hours=25))
    assert responder.asked == 2
    assert CertificateStatus.objects.count() == 1


def test_a_responder_that_the_issuer_appointed_is_believed_where_the_issuer_is_known(
    organization, ca, leaf, responder
):
    responder.appointed = True
    row = ensure(organization, ca, leaf, responder.url)
    assert (row.status, "trusted certificates" in row.problem) == ("Failed", True)
    trust(organization, ca)
    later = NOW + timedelta(minutes=2)
    assert ensure(organization, ca, leaf, responder.url, now=later).status == "Good"


def test_no_answer_is_believed_for_longer_than_a_week(organization, ca, leaf, responder):
    responder.lifetime = YEAR
    assert ensure(organization, ca, leaf, responder.url).next_update == NOW + timedelta(days=7)
    responder.lifetime = None
    other = ca.issue("X")
    assert ensure(organization, ca, other, responder.url).next_update == NOW + timedelta(hours=1)


def _another_signer(responder):
    responder.signer = Ca.make("Mobility")


def _old(responder):
    responder.at = NOW - timedelta(days=3)


def _from_the_future(responder):
    responder.at = NOW + timedelta(hours=1)


def _no_ocsp(responder):
    responder.body = b"<html>"


def _refusal(responder):
    status = ocsp.OCSPResponseStatus.TRY_LATER
    responder.body = ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def _http_error(responder):
    responder.http_status = 503


def _of_another(responder):
    other = Ca.make("Mobility")
    request = ocsp.OCSPRequestBuilder().add_certificate(
        other.issue("X"), other.certificate, pki.ALGORITHMS["SHA256"]()
    )
    responder.body = responder.answer(request.build().public_bytes(Encoding.DER))


SPOILT = [_another_signer, _old, _from_the_future, _no_ocsp, _refusal, _http_error, _of_another]


@pytest.mark.parametrize("spoil", SPOILT, ids=[each.__name__.strip("_") for each in SPOILT])
def test_what_is_not_proved_is_not_believed(organization, ca, leaf, responder, spoil):
    trust(organization, ca)
    spoil(responder)
    row = ensure(organization, ca, leaf, responder.url)
    assert (row.status, row.answer, bool(row.problem)) == ("Failed", "", True)


def test_who_gave_nothing_is_left_alone_for_a_minute(organization, ca, leaf, responder):
    responder.http_status = 500
    ensure(organization, ca, leaf, responder.url)
    ensure(organization, ca, leaf, responder.url, now=NOW + timedelta(seconds=30))
    assert responder.asked == 1
    responder.http_status = 200
    assert ensure(organization, ca, leaf, responder.url, now=NOW + timedelta(minutes=2)).status == "Good"


def test_the_next_address_is_tried_and_time_is_bounded(organization, ca, leaf, responder):
    assert ensure(organization, ca, leaf, "ftp://x.example/", responder.url).status == "Good"
    responder.silent = True
    row = ensure(organization, ca, ca.issue("X"), responder.url, limit=0.2)
    assert row.status == "Failed"


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/", "http://169.254.169.254/", "http://[::1]/", "http://user@x.example/", "file:///x"],
)
def test_addresses_inside_are_not_asked(organization, ca, leaf, settings, url):
    """T15: the address comes from a car."""
    settings.EGRESS_ALLOW_HOSTS = []
    assert ensure(organization, ca, leaf, url).status == "Failed"


def test_lists_are_believed_where_the_issuer_is_known_and_signed_them(organization, ca, leaf, responder):
    assert ensure(organization, ca, leaf, responder.url, source="CRL").status == "Failed"
    trust(organization, ca)
    later = NOW + timedelta(minutes=2)
    assert ensure(organization, ca, leaf, responder.url, source="CRL", now=later).status == "Good"
    other = ca.issue("X")
    responder.revoked = [other.serial_number]
    assert ensure(organization, ca, other, responder.url, source="CRL").status == "Revoked"
    responder.signer = Ca.make("Mobility")
    assert ensure(organization, ca, ca.issue("Y"), responder.url, source="CRL").status == "Failed"


def test_each_organisation_keeps_its_own(organization, stranger_organization, ca, leaf, responder):
    ensure(organization, ca, leaf, responder.url)
    named = pki.hash_data(leaf, ca.certificate)
    known = status_known(organization_id=stranger_organization.pk, source="OCSP", named=named, now=NOW)
    assert known is None


def test_hashes_that_are_none_fail(organization, settings):
    settings.EGRESS_ALLOW_HOSTS = ["127.0.0.1"]
    row = status_ensure(
        organization_id=organization.pk,
        source="OCSP",
        named=HashData("SHA256", "zz", "12345", "not hex"),
        urls=["http://127.0.0.1:9/"],
        limit=1,
        now=NOW,
    )
    assert row.status == "Failed"
