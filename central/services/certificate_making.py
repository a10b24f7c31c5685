"""Keys and certificates made with `cryptography`: roots of our own, and what they sign. Pure: no tables.

Subjects, lengths and extensions follow 2.x A00.FR.501-514 (1.6 security, the same numbers): O and CN, key
usage, neither subjectAltName nor extended key usage.
"""

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

BACKDATED: Final = timedelta(hours=1)
"""A02.FR.06: a charge point whose clock is a little behind must not find the certificate in its future."""
KEY_CHOICES: Final = ("EC P-256", "EC P-384", "RSA 3072", "RSA 4096")
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def key_make(choice: str) -> PrivateKey:
    """A new private key of one of KEY_CHOICES."""
    if choice.startswith("RSA"):
        return rsa.generate_private_key(65537, int(choice.split()[1]))
    return ec.generate_private_key(ec.SECP256R1() if choice == "EC P-256" else ec.SECP384R1())


def key_read(pem: str, passphrase: str = "") -> PrivateKey:
    """An RSA or EC private key from PEM. Raises ValueError where it is none, or the passphrase is wrong."""
    try:
        key = load_pem_private_key(pem.strip().encode(), passphrase.encode() or None)
    except TypeError as error:
        raise ValueError("passphrase") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("neither RSA nor EC")  # noqa: TRY004 -- the text is wrong, not the caller
    return key


def key_text(key: PrivateKey) -> str:
    """The key as PEM, to be encrypted by whoever stores it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def root_make(
    *, key: PrivateKey, common_name: str, organization: str, not_before: datetime, not_after: datetime
) -> x509.Certificate:
    """A self-signed root that may sign end certificates only (path length 0)."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    usage = _usage(key_cert_sign=True, crl_sign=True)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _signed(builder, key, pss=True)


def certificate_make(
    *,
    request: x509.CertificateSigningRequest,
    issuer: x509.Certificate,
    key: PrivateKey,
    pss: bool,
    lifetime: timedelta,
    now: datetime,
) -> x509.Certificate:
    """Sign a checked request: its subject and key, our serial number, validity and key usage."""
    public = request.public_key()
    is_rsa = isinstance(public, rsa.RSAPublicKey)
    usage = _usage(digital_signature=True, key_encipherment=is_rsa, key_agreement=not is_rsa)
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(now - BACKDATED, issuer.not_valid_before_utc))
        .not_valid_after(min(now + lifetime, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(_authority_key(issuer), critical=False)
    )
    return _signed(builder, key, pss=pss)


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    try:
        own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        public: PrivateKey = issuer.public_key()  # type: ignore[assignment]
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(public)  # type: ignore[arg-type]
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _usage(**given: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})


def _signed(builder: x509.CertificateBuilder, key: PrivateKey, *, pss: bool) -> x509.Certificate:
    if isinstance(key, rsa.RSAPrivateKey) and pss:
        scheme = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
        return builder.sign(key, SHA256(), rsa_padding=scheme)
    return builder.sign(key, SHA256())
