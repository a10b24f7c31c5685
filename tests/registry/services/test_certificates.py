"""Client certificates: which are taken, and how they are known."""

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from emobility.lib.errors import Invalid
from registry.services.certificates import certificate_read, client_certificate_fingerprint
from tests.support.registry import make_certificate


def _read(pem: str) -> str:
    return certificate_read(pem=pem, now=datetime.now(UTC)).fingerprint


def test_the_fingerprint_is_the_sha256_of_the_der_form():
    pem = make_certificate()
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    assert _read(pem) == hashlib.sha256(der).hexdigest()
    assert _read("\n " + pem.replace("\n", "\r\n")) == _read(pem)


@pytest.mark.parametrize(
    "key",
    [lambda: rsa.generate_private_key(65537, 2048), lambda: ec.generate_private_key(ec.SECP224R1())],
    ids=["RSA 2048", "EC 224"],
)
def test_keys_of_sufficient_size_are_taken(key):
    assert len(_read(make_certificate(key=key()))) == 64


def _private_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return make_certificate(key=key) + pem.decode()


REFUSED = {
    "RSA 1024": (lambda: make_certificate(key=rsa.generate_private_key(65537, 1024)), "2048"),
    "EC 192": (lambda: make_certificate(key=ec.generate_private_key(ec.SECP192R1())), "224"),
    "expired": (lambda: make_certificate(ends=timedelta(hours=-1)), "expired"),
    "not yet": (lambda: make_certificate(begins=timedelta(hours=1)), "not valid yet"),
    "no certificate": (lambda: "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----", "not a PEM"),
    "anything": (lambda: "\ud800 hello", "not a PEM"),
    "too long": (lambda: make_certificate() + "x" * 10_000, "longer"),
    "with its private key": (_private_key, "private key"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
def test_unfit_certificates_are_refused_with_the_reason(make, reason):
    with pytest.raises(Invalid) as refused:
        _read(make())
    assert reason in refused.value.fields["certificate_pem"]


def test_a_proxys_header_counts_only_from_the_proxy(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    pem = make_certificate()
    assert client_certificate_fingerprint(peer="10.0.0.1", header=quote(pem)) == _read(pem)
    assert client_certificate_fingerprint(peer="203.0.113.5", header=quote(pem)) == ""
    assert client_certificate_fingerprint(peer="10.0.0.1", header="nonsense") == ""
    assert client_certificate_fingerprint(peer="10.0.0.1", header="") == ""


def test_edwards_keys_are_not_among_those_that_ocpp_names():
    key = ed25519.Ed25519PrivateKey.generate()
    now = datetime.now(UTC)
    name = x509.Name([])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    )
    with pytest.raises(Invalid):
        _read(builder.sign(key, None).public_bytes(Encoding.PEM).decode())
