"""Client certificates of charge points: read, judged, known by the SHA-256 of their DER form."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Invalid
from emobility.lib.pki import fingerprint, is_strong
from registry.services.addresses import is_trusted_proxy

MAX_PEM_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that may be bound to a charge point; `fingerprint` is 64 hex digits."""

    pem: str
    fingerprint: str


def certificate_read(*, pem: str, now: datetime) -> Certificate:
    """The certificate in `pem` (the first of a chain); raises Invalid naming what is wrong with it."""
    if len(pem) > MAX_PEM_LENGTH:
        raise _refused(str(_("The certificate is longer than 10,000 characters.")))
    if "PRIVATE KEY" in pem:
        raise _refused(str(_("Never send a private key.")))
    parsed = _parsed(pem)
    if not parsed.not_valid_before_utc <= now <= parsed.not_valid_after_utc:
        raise _refused(str(_("The certificate is expired or not valid yet.")))
    if not is_strong(parsed):
        raise _refused(str(_("The key must be RSA of 2048 bits or elliptic-curve of 224 bits at least.")))
    return Certificate(parsed.public_bytes(Encoding.PEM).decode(), fingerprint(parsed))


def client_certificate_pem(*, peer: str, header: str) -> str:
    """The client certificate that a trusted proxy passes on, as PEM; empty where there is none.

    `header` is the URL-encoded PEM of nginx' $ssl_client_escaped_cert. From anybody else it is ignored.
    """
    if not header or not is_trusted_proxy(peer) or len(header) > 3 * MAX_PEM_LENGTH:
        return ""
    try:
        return _parsed(unquote(header)).public_bytes(Encoding.PEM).decode()
    except Invalid:
        return ""


def client_certificate_fingerprint(*, peer: str, header: str) -> str:
    """The fingerprint of the client certificate that a trusted proxy passes on; empty where there is none."""
    pem = client_certificate_pem(peer=peer, header=header)
    return fingerprint(_parsed(pem)) if pem else ""


def _parsed(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.strip().encode("utf-8", "replace"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _refused(str(_("This is not a PEM certificate."))) from error


def _refused(message: str) -> Invalid:
    return Invalid(message, {"certificate_pem": message})
