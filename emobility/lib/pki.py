"""X.509 as charging uses it: reading, strength, names, OCPP's hash data, and chains of trust.

A chain is checked as RFC 5280 §6 asks for what these hierarchies use: signatures, names, validity, basic
constraints, key usage and path length. OCPP and ISO 15118 certificates have neither a subjectAltName nor an
extended key usage (2.x A00.FR.511, A00.FR.514), so the rules of the web do not fit them.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID, NameOID

MAX_PEM_LENGTH: Final = 10_000
LEAST_RSA_BITS: Final = 2048
LEAST_EC_BITS: Final = 224
MOST_CERTIFICATES: Final = 8
ALGORITHMS: Final[dict[str, type[HashAlgorithm]]] = {"SHA256": SHA256, "SHA384": SHA384, "SHA512": SHA512}
_UNDERSTOOD: Final = frozenset({ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE})


class Fault(StrEnum):
    """What is wrong with a chain, as OCPP's AuthorizeCertificateStatus tells it apart."""

    EXPIRED = "expired"
    SIGNATURE = "signature"
    CHAIN = "chain"


class Untrusted(Exception):
    """A chain does not hold; `fault` is the kind, the text says it to a person."""

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class HashData:
    """A certificate as OCPP names it (2.x CertificateHashDataType); texts compare without case."""

    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What is equal for the same certificate however it was written."""
        number = self.serial_number.lower().lstrip("0") or "0"
        return self.hash_algorithm, self.issuer_name_hash.lower(), self.issuer_key_hash.lower(), number


def certificates_read(pem: str) -> list[x509.Certificate]:
    """The certificates in `pem`, in its order. Raises ValueError where there is none, or too much of it."""
    if len(pem) > MOST_CERTIFICATES * MAX_PEM_LENGTH:
        raise ValueError("too long")
    try:
        found = x509.load_pem_x509_certificates(pem.strip().encode("utf-8", "replace"))
    except UnsupportedAlgorithm as error:
        raise ValueError("unsupported algorithm") from error
    if len(found) > MOST_CERTIFICATES:
        raise ValueError("too many certificates")
    return found


def pem_of(*certificates: x509.Certificate) -> str:
    """The certificates as PEM, one after the other."""
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER form as 64 hex digits."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def serial_of(certificate: x509.Certificate) -> str:
    """The serial number in hexadecimal, without prefix and leading zeroes (2.x CertificateHashDataType)."""
    return f"{certificate.serial_number:x}"


def is_strong(holder: x509.Certificate | x509.CertificateSigningRequest) -> bool:
    """True for RSA of 2048 bits and elliptic curves of 224 bits at least (A00.FR.502, A00.FR.503)."""
    kind, bits = key_kind(holder)
    return bits >= {"RSA": LEAST_RSA_BITS, "EC": LEAST_EC_BITS}.get(kind, 1 << 31)


def key_kind(holder: x509.Certificate | x509.CertificateSigningRequest) -> tuple[str, int]:
    """("RSA" or "EC", bits) of the public key; ("", 0) for any other."""
    try:
        key = holder.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "", 0
    if isinstance(key, RSAPublicKey):
        return "RSA", key.key_size
    return ("EC", key.key_size) if isinstance(key, EllipticCurvePublicKey) else ("", 0)


def common_names(name: x509.Name) -> list[str]:
    """The CN parts of a name."""
    return [str(part.value) for part in name.get_attributes_for_oid(NameOID.COMMON_NAME)]


def organizations(name: x509.Name) -> list[str]:
    """The O parts of a name."""
    return [str(part.value) for part in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]


def is_self_signed(certificate: x509.Certificate) -> bool:
    """True for a root: it vouches for itself."""
    return certificate.subject == certificate.issuer and _signed_by(certificate, certificate)


def hash_data(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str = "SHA256") -> HashData:
    """How OCPP names `certificate`, issued by `issuer`."""
    return HashData(
        algorithm,
        digest(certificate.issuer.public_bytes(), algorithm),
        key_hash(issuer, algorithm),
        serial_of(certificate),
    )


def key_hash(certificate: x509.Certificate, algorithm: str) -> str:
    """Hash of the public key's bits as they stand in the certificate, without tag and length (RFC 6960)."""
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        bits = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    elif isinstance(key, EllipticCurvePublicKey):
        bits = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    else:
        bits = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return digest(bits, algorithm)


def digest(data: bytes, algorithm: str) -> str:
    """Hex digest by OCPP's name of the algorithm."""
    return hashlib.new(algorithm.lower(), data).hexdigest()


def is_key_of(certificate: x509.Certificate, named: HashData) -> bool:
    """True where the certificate is the issuer that `named` speaks of: same name, same key."""
    name_fits = digest(certificate.subject.public_bytes(), named.hash_algorithm) == named.key[1]
    try:
        return name_fits and key_hash(certificate, named.hash_algorithm) == named.key[2]
    except (ValueError, UnsupportedAlgorithm):
        return False


def chain_check(
    leaf: x509.Certificate,
    between: Iterable[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    now: datetime,
) -> list[x509.Certificate]:
    """The path from `leaf` to one of `anchors`, both included; `between` may help. Raises Untrusted."""
    path, helpers = [leaf], list(between)
    _check_one(leaf, now)
    while not any(path[-1] == anchor for anchor in anchors):
        issuer = _issuer_of(path[-1], [*anchors, *(each for each in helpers if each not in path)])
        _check_one(issuer, now)
        _check_issuer(issuer, below=len(path) - 1)
        path.append(issuer)
        if len(path) > MOST_CERTIFICATES:
            raise Untrusted(Fault.CHAIN, "The chain is too long.")
    return path


def _issuer_of(certificate: x509.Certificate, candidates: Sequence[x509.Certificate]) -> x509.Certificate:
    named = [each for each in candidates if each.subject == certificate.issuer and each != certificate]
    if not named:
        raise Untrusted(Fault.CHAIN, f"No trusted issuer for {certificate.subject.rfc4514_string()}.")
    found = next((each for each in named if _signed_by(certificate, each)), None)
    if found is None:
        raise Untrusted(
            Fault.SIGNATURE, f"The signature of {certificate.subject.rfc4514_string()} is not its issuer's."
        )
    return found


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _check_one(certificate: x509.Certificate, now: datetime) -> None:
    words = certificate.subject.rfc4514_string()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Untrusted(Fault.EXPIRED, f"{words} is expired or not valid yet.")
    if not is_strong(certificate):
        raise Untrusted(Fault.CHAIN, f"The key of {words} is too weak.")
    try:
        foreign = [
            each.oid for each in certificate.extensions if each.critical and each.oid not in _UNDERSTOOD
        ]
    except ValueError as error:
        raise Untrusted(Fault.CHAIN, f"{words} cannot be read.") from error
    if foreign:
        raise Untrusted(Fault.CHAIN, f"{words} has a critical extension that is not understood.")


def _check_issuer(issuer: x509.Certificate, *, below: int) -> None:
    """The issuer may issue: a CA, with the right to sign certificates, and room for those below it."""
    words = issuer.subject.rfc4514_string()
    try:
        basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound as error:
        raise Untrusted(Fault.CHAIN, f"{words} is no certificate authority.") from error
    if not basic.ca or (basic.path_length is not None and below > basic.path_length):
        raise Untrusted(Fault.CHAIN, f"{words} may not issue this certificate.")
    try:
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.key_cert_sign:
        raise Untrusted(Fault.CHAIN, f"The key of {words} may not sign certificates.")
