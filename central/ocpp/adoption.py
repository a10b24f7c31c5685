"""An unknown id that knocked becomes a charge point of an organisation."""

from datetime import datetime

from central.models import Knock
from central.ocpp.catalog import SUBPROTOCOLS
from central.selectors.connecting import EXPECTED_VERSION
from registry.models import ChargePoint, Organization, User
from registry.services.registrations import charge_point_create


def knock_version(knock: Knock) -> str:
    """The first of the versions that it offered and that we speak; '' where there is none."""
    offered = [name.strip() for name in knock.offered.split(",")]
    return next((SUBPROTOCOLS[name] for name in offered if name in SUBPROTOCOLS), "")


def knock_adopt(
    *, knock: Knock, organization: Organization, actor: User, address: str = "", now: datetime
) -> tuple[ChargePoint, str]:
    """The charge point and its password, which is shown only here. Raises Forbidden, Conflict."""
    version = knock_version(knock)
    return charge_point_create(
        actor=actor,
        organization=organization,
        cp_id=knock.cp_id,
        security_profile=2 if knock.secure else 1,
        metadata={EXPECTED_VERSION: version} if version else None,
        address=address,
        now=now,
    )
