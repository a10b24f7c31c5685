"""Helpers for tests of the Registry: a JSON client for each face, people, certificates."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken

from registry.models import Organization, User

REGISTRY_HOST, CENTRAL_HOST = "localhost:8080", "localhost:8000"
BERLIN = {"cp_id": "CP-001", "location": "Berlin"}
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Face:
    """One face of the platform, asked with JSON; `headers` go with every request."""

    def __init__(self, host: str, address: str = "127.0.0.1", **headers: str) -> None:
        self.headers = headers
        self._client = Client(HTTP_HOST=host, REMOTE_ADDR=address, raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self._client.get(path, headers=self.headers | headers)

    def delete(self, path: str, **headers: str) -> Any:
        """DELETE."""
        return self._client.delete(path, headers=self.headers | headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST; `body` as JSON, or bytes as they are."""
        content = b"" if body is None else body
        return self._client.post(
            path, content, content_type="application/json", headers=self.headers | headers
        )


def registry_face(address: str = "127.0.0.1", **headers: str) -> Face:
    """The Registry as `address` sees it."""
    return Face(REGISTRY_HOST, address, **headers)


def central_face(address: str = "127.0.0.1", **headers: str) -> Face:
    """Central as `address` sees it."""
    return Face(CENTRAL_HOST, address, **headers)


def person(organization: Organization | None, role: str, name: str = "", **fields: Any) -> User:
    """Somebody with a role in an organisation."""
    name = name or f"{role}-{organization.slug if organization else 'platform'}"
    made: User = User.objects.create_user(name, organization=organization, role=role, **fields)
    return made


def bearer(user: User) -> dict[str, str]:
    """The header of a person's access token."""
    return {"authorization": f"Bearer {AccessToken.for_user(user)}"}


def make_certificate(
    *,
    key: PrivateKey | None = None,
    begins: timedelta = timedelta(days=-1),
    ends: timedelta = timedelta(days=30),
    name: str = "CP-001",
) -> str:
    """A self-signed certificate as PEM, valid from `begins` to `ends` from now."""
    private = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
    )
    return builder.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def rung(signal: Any) -> tuple[list[dict[str, Any]], Callable[..., None]]:
    """A list that fills with the ids of a signal's rings; keep the second value alive meanwhile."""
    rings: list[dict[str, Any]] = []

    def hear(sender: Any, signal: Any, **ids: Any) -> None:
        rings.append(ids)

    signal.connect(hear)
    return rings, hear
