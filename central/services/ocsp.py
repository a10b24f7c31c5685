"""What OCSP responders (RFC 6960) and revocation lists (RFC 5280) say, believed only where it is proved.

OCPP names the issuer by hashes of its name and key, so a certificate with that name and key is the issuer,
wherever it came from; an answer counts where that key, or a responder that it appointed, signed it.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    SignatureAlgorithmOID,
)

from central.models.certificate_status import StatusWord
from emobility.lib import pki
from emobility.lib.pki import HashData

SKEW: Final = timedelta(minutes=5)
WITHOUT_END: Final = timedelta(hours=1)
"""How long an answer is believed that does not say how long."""
LONGEST: Final = timedelta(days=7)
"""No answer is believed for longer (2.1 M07: at most one week)."""
_WORDS: Final = {
    ocsp.OCSPCertStatus.GOOD: StatusWord.GOOD,
    ocsp.OCSPCertStatus.REVOKED: StatusWord.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: StatusWord.UNKNOWN,
}


class NotBelieved(Exception):
    """The answer cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was said, as DER, and for how long it is good."""

    status: StatusWord
    answer: str
    this_update: datetime
    next_update: datetime


def ocsp_request(named: HashData) -> bytes:
    """The DER of a request about one certificate. Raises ValueError for hashes that are none."""
    algorithm, issuer_name, issuer_key, number = named.key
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        bytes.fromhex(issuer_name),
        bytes.fromhex(issuer_key),
        int(number, 16),
        pki.ALGORITHMS[algorithm](),
    )
    return builder.build().public_bytes(Encoding.DER)


def ocsp_read(der: bytes, named: HashData, known: Sequence[x509.Certificate], now: datetime) -> Found:
    """What a responder said of `named`; `known` may hold its issuer. Raises NotBelieved."""
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise NotBelieved(f"The responder answered {response.response_status.name}.")
        told = _told_of(response, named)
        _check_signer(response, named, known, now)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotBelieved("The answer cannot be read.") from error
    until = _freshness(told.this_update_utc, told.next_update_utc, now)
    word = _WORDS[told.certificate_status]
    return Found(word, base64.b64encode(der).decode(), told.this_update_utc, until)


def crl_read(data: bytes, named: HashData, known: Sequence[x509.Certificate], now: datetime) -> Found:
    """Whether a revocation list names the certificate; `known` must hold its issuer. Raises NotBelieved."""
    issuer = next((each for each in known if pki.is_key_of(each, named)), None)
    if issuer is None:
        raise NotBelieved("The issuer is not known here: add it to the trusted certificates.")
    try:
        revoked = _list_of(data)
        public: Any = issuer.public_key()
        if revoked.issuer != issuer.subject or not revoked.is_signature_valid(public):
            raise NotBelieved("The list is not signed by the issuer.")
        until = _freshness(revoked.last_update_utc, revoked.next_update_utc, now)
        entry = revoked.get_revoked_certificate_by_serial_number(int(named.key[3], 16))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotBelieved("The list cannot be read.") from error
    return Found(StatusWord.REVOKED if entry else StatusWord.GOOD, "", revoked.last_update_utc, until)


def addresses_of(certificate: x509.Certificate) -> list[str]:
    """Where its issuer answers OCSP requests, as the certificate says."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [
        each.access_location.value
        for each in access
        if each.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(each.access_location, x509.UniformResourceIdentifier)
    ]


def _told_of(response: ocsp.OCSPResponse, named: HashData) -> ocsp.OCSPSingleResponse:
    """The part of the answer about this certificate; a list for others is no answer."""
    for each in response.responses:
        told = HashData(
            each.hash_algorithm.name.upper(),
            each.issuer_name_hash.hex(),
            each.issuer_key_hash.hex(),
            f"{each.serial_number:x}",
        )
        if told.key == named.key:
            return each
    raise NotBelieved("The answer is about another certificate.")


def _check_signer(
    response: ocsp.OCSPResponse, named: HashData, known: Sequence[x509.Certificate], now: datetime
) -> None:
    """RFC 6960 §4.2.2.2: the issuer itself signed, or a responder to whom it gave the right."""
    brought = list(response.certificates)
    issuer = next((each for each in [*known, *brought] if pki.is_key_of(each, named)), None)
    if issuer is None:
        raise NotBelieved("The issuer is not known here: add it to the trusted certificates.")
    if not any(_signed(response, each) for each in [issuer, *_appointed(brought, issuer, now)]):
        raise NotBelieved("The answer is not signed by the issuer or its responder.")


def _appointed(
    brought: Iterable[x509.Certificate], issuer: x509.Certificate, now: datetime
) -> list[x509.Certificate]:
    found = []
    for each in brought:
        try:
            each.verify_directly_issued_by(issuer)
            usage = each.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
            continue
        in_time = each.not_valid_before_utc <= now <= each.not_valid_after_utc
        if in_time and ExtendedKeyUsageOID.OCSP_SIGNING in usage:
            found.append(each)
    return found


def _signed(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, signature, data = signer.public_key(), response.signature, response.tbs_response_bytes
    is_pss = response.signature_algorithm_oid == SignatureAlgorithmOID.RSASSA_PSS
    algorithm = SHA256() if is_pss else response.signature_hash_algorithm
    try:
        if algorithm is None:
            return False
        if isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, data, ECDSA(algorithm))
        elif isinstance(key, RSAPublicKey):
            key.verify(signature, data, PSS(MGF1(SHA256()), PSS.AUTO) if is_pss else PKCS1v15(), algorithm)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _list_of(data: bytes) -> x509.CertificateRevocationList:
    load = x509.load_pem_x509_crl if data.lstrip().startswith(b"-----") else x509.load_der_x509_crl
    return load(data)


def _freshness(this_update: datetime, next_update: datetime | None, now: datetime) -> datetime:
    """Until when it is good. Raises NotBelieved for what is over, or not yet."""
    if this_update > now + SKEW:
        raise NotBelieved("The answer is from the future.")
    until = next_update or this_update + WITHOUT_END
    if until <= now - SKEW:
        raise NotBelieved("The answer is out of date.")
    return min(max(until, now), now + LONGEST)
