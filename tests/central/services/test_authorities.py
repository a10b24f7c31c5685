"""Certificate authorities: made, imported, retired; keys encrypted, one that signs for each use."""

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from django.db import connection

from central.models import CertificateAuthority, TrustedCertificate
from central.services.authorities import (
    Policy,
    authority_generate,
    authority_import,
    authority_retire,
    signing_authority,
    trusted_fill,
)
from central.services.certificate_making import KEY_CHOICES, key_text
from emobility.lib import pki
from emobility.lib.errors import Conflict, Invalid
from registry.models import AuditEntry
from tests.support.handlers import NOW
from tests.support.pki import YEAR, Ca
from tests.support.registry import make_certificate


def generate(organization, name="CA", **fields):
    return authority_generate(organization=organization, policy=Policy(name, **fields), now=NOW)


@pytest.mark.parametrize("choice", [KEY_CHOICES[0], "RSA 3072"])
def test_a_generated_authority_is_a_root_of_ten_years(organization, choice):
    made = authority_generate(
        organization=organization, policy=Policy("Amber CA"), key_choice=choice, now=NOW
    )
    (root,) = pki.certificates_read(made.certificate_pem)
    assert pki.is_self_signed(root)
    assert pki.organizations(root.subject) == ["Amber Charging"]
    assert made.not_after > NOW + 9 * YEAR
    assert made.signs


def test_the_key_is_encrypted_at_rest(organization):
    made = generate(organization)
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_key FROM central_certificateauthority")
        stored = cursor.fetchone()[0]
    assert "PRIVATE KEY" not in stored
    assert "PRIVATE KEY" in CertificateAuthority.objects.get(pk=made.pk).private_key


def test_a_new_one_retires_the_one_before_of_the_same_use(organization, stranger_organization):
    first, cars = generate(organization, "A"), generate(organization, "V2G", use="v2g")
    foreign = generate(stranger_organization, "S")
    second = generate(organization, "B")
    for row in (first, cars, foreign):
        row.refresh_from_db()
    assert [first.signs, second.signs, cars.signs, foreign.signs] == [False, True, True, True]
    assert signing_authority(organization.pk, "charging_station") == second
    authority_retire(authority=second, actor="test", now=NOW)
    assert signing_authority(organization.pk, "charging_station") is None
    assert AuditEntry.objects.filter(action="certificate_authority.retired").count() == 2


def test_an_authority_is_imported_with_its_key_under_a_passphrase(organization):
    ca = Ca.make()
    locked = ca.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame"))
    made = authority_import(
        organization=organization,
        policy=Policy("Imported"),
        certificates_pem=ca.pem,
        private_key_pem=locked.decode(),
        passphrase="open sesame",
        now=NOW,
    )
    assert made.signs
    with pytest.raises(Conflict):
        authority_import(organization=organization, policy=Policy("Again"), certificates_pem=ca.pem, now=NOW)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: ("nothing", ""), "certificates"),
        (lambda: (make_certificate(), ""), "certificates"),
        (lambda: (Ca.make(lifetime=-YEAR + YEAR).pem, ""), "certificates"),
        (lambda: (Ca.make().pem, key_text(Ca.make().key)), "private_key"),
        (lambda: (Ca.make().pem, "-----BEGIN PRIVATE KEY-----"), "private_key"),
    ],
    ids=["no PEM", "no authority", "expired", "another key", "no key"],
)
def test_what_cannot_be_imported_is_refused_with_the_field(organization, make, field):
    certificates, private = make()
    with pytest.raises(Invalid) as refused:
        authority_import(
            organization=organization,
            policy=Policy("X"),
            certificates_pem=certificates,
            private_key_pem=private,
            now=NOW + (YEAR / 365),
        )
    assert list(refused.value.fields) == [field]
    assert not CertificateAuthority.objects.exists()


def test_a_trusted_certificate_tells_of_itself(organization):
    ca = Ca.make("Mobility")
    row = TrustedCertificate(organization=organization, name="M", certificate_pem=f"\n{ca.pem}")
    trusted_fill(row)
    assert row.fingerprint == pki.fingerprint(ca.certificate)
    assert "CN=Mobility" in row.subject
    for wrong in ("x", make_certificate(), ca.pem * 2):
        with pytest.raises(Invalid):
            trusted_fill(TrustedCertificate(certificate_pem=wrong))
