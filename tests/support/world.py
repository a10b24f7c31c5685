"""An organisation with a few of everything that admin and REST show; `mark` stands in every row's text."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.models import Cdr, Review, Tariff
from billing.services.tariffs import tariff_create
from central.models import (
    ChargePointStatus,
    Command,
    DataTransfer,
    IdToken,
    IdTokenGroup,
    Message,
    MeterValue,
    Session,
    SessionEvent,
)
from emobility.lib.discovery import import_all
from registry.models import (
    AuditEntry,
    ChargePoint,
    EnrolmentToken,
    Event,
    Organization,
    ParkingPlace,
    Party,
    Site,
    User,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ELEMENTS = [{"price_components": [{"type": "ENERGY", "price": "0.45", "vat": "19.0", "step_size": 1}]}]


@dataclass
class World:
    """What `furnish` made: the rows by model."""

    organization: Organization
    mark: str
    rows: dict[type[Any], list[Any]] = field(default_factory=dict)

    def one(self, model: type[Any]) -> Any:
        """The first row of a model."""
        return self.rows[model][0]

    def keep(self, row: Any) -> Any:
        """Note a row."""
        self.rows.setdefault(type(row), []).append(row)
        return row


def furnish(organization: Organization, mark: str, count: int = 1) -> World:
    """`count` of everything for an organisation."""
    world = World(organization, mark)
    world.keep(organization)
    for number in range(count):
        for make in (_registry, _central, _billing, *_more()):
            make(world, number)
    return world


def _more() -> list[Callable[[World, int], None]]:
    """`furnish(world, number)` of each file in tests/support/worlds: one for each subject."""
    return [module.furnish for module in import_all("tests.support.worlds")]


def staff(organization: Organization | None, role: str, **fields: Any) -> User:
    """Somebody who can open the admin."""
    name = f"{role}-{organization.slug if organization else 'platform'}"
    user: User = User.objects.create_user(name, organization=organization, role=role, is_staff=True, **fields)
    if role == "partner":
        user.sites.set(Site.objects.filter(organization=organization))
    return user


def _registry(world: World, number: int) -> None:
    own, name = world.organization, f"{world.mark}-{number}"
    site = world.keep(Site.objects.create(organization=own, name=name, city=world.mark))
    world.keep(ParkingPlace.objects.create(organization=own, site=site, reference=world.mark[:12]))
    point = world.keep(
        ChargePoint.objects.create(
            organization=own, site=site, cp_id=name, location=world.mark, registered_at=NOW
        )
    )
    person = User.objects.create_user(f"someone-{name}", organization=own, role="viewer")
    world.keep(person)
    world.keep(
        Party.objects.create(organization=own, country_code="DE", party_id=f"{number:03d}", name=world.mark)
    )
    world.keep(
        EnrolmentToken.objects.create(
            organization=own,
            digest=uuid.uuid4().hex,
            cp_id=name,
            expires_at=NOW,
            created_by=person,
            site=site,
        )
    )
    world.keep(
        Event.objects.create(organization=own, charge_point=point, kind="a.fact", subject=world.mark, at=NOW)
    )
    world.keep(
        AuditEntry.objects.create(
            organization=own, user=person, actor=world.mark, action="did", object_id=name, at=NOW
        )
    )


def _central(world: World, number: int) -> None:
    own, point = world.organization, world.rows[ChargePoint][number]
    group = world.keep(IdTokenGroup.objects.create(organization=own, uid=f"{world.mark}-{number}"))
    token = world.keep(IdToken.objects.create(organization=own, uid=f"{world.mark}-{number}", group=group))
    ChargePointStatus.objects.create(
        charge_point=point,
        connection_id=uuid.uuid4(),
        connected_at=NOW,
        last_seen=NOW,
        ocpp_version="1.6",
        vendor=world.mark,
        model=world.mark,
    )
    session = world.keep(_session(world, point, token, number))
    _log(world, point, session, number)


def _session(world: World, point: ChargePoint, token: IdToken, number: int) -> Session:
    session = Session.objects.create(
        organization=world.organization,
        charge_point=point,
        site=point.site,
        evse_number=1,
        connector_number=1,
        ocpp_version="1.6",
        transaction_id=f"{world.mark}-{number}",
        start_key=f"start-{number}",
        id_token=token,
        id_tag=token.uid,
        started_at=NOW,
        start_received_at=NOW,
        meter_start_wh=0,
        meter_last_wh=1000,
        meter_last_at=NOW + timedelta(minutes=10),
        energy_wh=1000,
        power_w=11_000,
    )
    rows = MeterValue.objects.bulk_create(
        MeterValue(
            charge_point=point,
            session=session,
            evse_number=1,
            sampled_at=NOW + timedelta(minutes=minute),
            received_at=NOW,
            register_wh=100 * minute,
            power_w=11_000,
        )
        for minute in range(10)
    )
    world.keep(rows[0])
    return session


def _log(world: World, point: ChargePoint, session: Session, number: int) -> None:
    person = world.rows[User][number]
    world.keep(
        SessionEvent.objects.create(
            charge_point=point,
            session=session,
            key=f"start-{number}",
            kind="start",
            at=NOW,
            received_at=NOW,
            payload={"idTag": world.mark},
        )
    )
    world.keep(
        Command.objects.create(
            organization=world.organization,
            charge_point=point,
            order="remote_start",
            params={"id_tag": world.mark},
            requested_by=person,
            created_at=NOW,
            expires_at=NOW,
        )
    )
    world.keep(
        Message.objects.create(
            charge_point=point,
            direction="in",
            kind=2,
            action="Heartbeat",
            message_id=f"m-{number}",
            payload={"x": world.mark},
            at=NOW,
        )
    )
    world.keep(
        DataTransfer.objects.create(charge_point=point, vendor_id=world.mark, status="Accepted", at=NOW)
    )


def _billing(world: World, number: int) -> None:
    own, session = world.organization, world.rows[Session][number]
    made: Any = tariff_create(
        organization=own,
        tariff_id=f"T-{number}",
        name=f"{world.mark}-{number}",
        currency="EUR",
        elements=ELEMENTS,
        valid_from=NOW,
        now=NOW,
    )
    world.keep(made if isinstance(made, Tariff) else made[0])
    world.keep(
        Cdr.objects.create(
            organization=own,
            session=session,
            cdr_id=f"{world.mark}-{number}",
            currency="EUR",
            started_at=NOW,
            ended_at=NOW + timedelta(hours=1),
            energy_wh=1000,
            total_cost_excl=Decimal("1.0000"),
            total_cost_incl=Decimal("1.1900"),
            created_at=NOW,
        )
    )
    world.keep(Review.objects.create(organization=own, session=session, reasons=[world.mark], opened_at=NOW))
