"""Keys, signing requests, chains of certificates, and orders up to what their answer meant."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from central.models import ChargePointStatus, Command
from central.ocpp.ordering import order_place
from central.ocpp.orders import Order, order_prepare, order_record
from central.services.certificate_making import PrivateKey, certificate_make, key_make, root_make
from emobility.lib import pki
from registry.models import ChargePoint
from tests.support.handlers import NOW

YEAR = timedelta(days=365)


def key() -> ec.EllipticCurvePrivateKey:
    """A new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def name(common: str, organization: str = "Amber Charging") -> x509.Name:
    """A subject as charge points have it."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        ]
    )


def make_csr(common: str, organization: str = "Amber Charging", signer: PrivateKey | None = None) -> str:
    """A signing request as PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(name(common, organization))
    return builder.sign(signer or key(), hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@dataclass
class Ca:
    """A certificate authority of somebody else's."""

    key: PrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, common: str = "Root", now: datetime = NOW, lifetime: timedelta = 10 * YEAR) -> "Ca":
        """A self-signed one."""
        private = key_make("EC P-256")
        root = root_make(
            key=private,
            common_name=common,
            organization=f"{common} Ltd",
            not_before=now - timedelta(days=1),
            not_after=now + lifetime,
        )
        return cls(private, root)

    @property
    def pem(self) -> str:
        """Its certificate."""
        return pki.pem_of(self.certificate)

    def issue(
        self,
        common: str,
        organization: str = "Amber Charging",
        now: datetime = NOW,
        lifetime: timedelta = YEAR,
        signer: PrivateKey | None = None,
    ) -> x509.Certificate:
        """A certificate for an end."""
        request = x509.load_pem_x509_csr(make_csr(common, organization, signer).encode())
        return certificate_make(
            request=request, issuer=self.certificate, key=self.key, pss=True, lifetime=lifetime, now=now
        )


def connect(charge_point: ChargePoint, version: str, now: datetime = NOW) -> uuid.UUID:
    """Let a connection own the charge point."""
    connection_id = uuid.uuid4()
    ChargePointStatus.objects.update_or_create(
        charge_point=charge_point,
        defaults={"connection_id": connection_id, "ocpp_version": version, "last_seen": now},
    )
    return connection_id


def leave(charge_point: ChargePoint, version: str, now: datetime = NOW) -> Order:
    """The next order as it leaves for the charge point."""
    connection_id = connect(charge_point, version, now)
    order = order_prepare(
        charge_point_id=charge_point.pk, connection_id=connection_id, version=version, now=now
    )
    assert order is not None
    return order


def settle(order: Order, answer: dict[str, Any] | None, now: datetime = NOW, code: str = "") -> Command:
    """The command after its answer (None and a code: a CALLERROR)."""
    outcome: Any = SimpleNamespace(payload=answer, code=code, description="", late=False)
    order_record(order, outcome, now)
    return Command.objects.get(pk=order.command.pk)


def ask(
    charge_point: ChargePoint,
    version: str,
    order: str,
    answer: dict[str, Any],
    now: Any = NOW,
    **params: Any,
) -> Any:
    """An order placed, sent and answered."""
    order_place(charge_point=charge_point, order=order, params=params, now=now)
    return settle(leave(charge_point, version, now), answer, now)


def utc_now() -> datetime:
    """The clock, for tests over sockets."""
    return datetime.now(UTC)
