"""Which of our tariffs are in force where: what connectors name and what partners are told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q

from billing.models import TariffAssignment, TariffVersion
from billing.selectors.tariffs_in_force import valid_version
from registry.models import ChargePoint, Organization


@dataclass(frozen=True, slots=True)
class Offer:
    """An assignment in force with the version that is valid."""

    assignment: TariffAssignment
    version: TariffVersion


def offers_of(organization: Organization, now: datetime) -> list[Offer]:
    """All assignments in force whose tariff has a valid version, the latest first."""
    versions = TariffVersion.objects.select_related("tariff__organization")
    rows = (
        TariffAssignment.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=now), organization=organization, valid_from__lte=now
        )
        .prefetch_related(Prefetch("tariff__versions", queryset=versions))
        .order_by("-valid_from", "-pk")
    )
    found = ((row, valid_version(row.tariff.versions.all(), now)) for row in rows)
    return [Offer(row, version) for row, version in found if version is not None]


def tariff_ids_at(offers: Sequence[Offer], charge_point: ChargePoint) -> list[str]:
    """OCPI ids of what holds at a charge point: itself before its site before the organisation.

    Of each type the latest counts; other types (OCPI 2.2.1 TariffType) stand beside it.
    """
    levels = (
        [each for each in offers if each.assignment.charge_point_id == charge_point.pk],
        [
            each
            for each in offers
            if each.assignment.site_id and each.assignment.site_id == charge_point.site_id
        ],
        [each for each in offers if not each.assignment.charge_point_id and not each.assignment.site_id],
    )
    level = next((level for level in levels if level), [])
    by_type: dict[str, str] = {}
    for each in level:
        by_type.setdefault(each.version.tariff_type, each.version.tariff.tariff_id)
    return list(dict.fromkeys(by_type.values()))


def versions_offered(offers: Iterable[Offer]) -> dict[str, TariffVersion]:
    """The versions in force by their tariff's OCPI id."""
    return {each.version.tariff.tariff_id: each.version for each in offers}
