"""Keeps what partners may know of our places and prices: made anew when something may have changed.

`last_updated` moves only where the content did; a location's parts each have their own. Whoever is late with
a bell finds the same rows and the same result.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from django.db import transaction

from billing.models import TariffVersion
from billing.services.tariffs import version_ocpi
from central.models import Reservation, Session
from central.services.prepared import Prepared
from emobility.lib.errors import DomainError
from ocpi.core.convert import tariff_from
from ocpi.core.envelope import stamp
from ocpi.core.fields import parse_moment
from ocpi.core.freshness import ALL, Merged, location_gone, location_merge
from ocpi.core.money_objects import TARIFF
from ocpi.core.places import location_make
from ocpi.core.versions import V230
from ocpi.models import Published, ToldPlace
from ocpi.selectors.identity import Identity, has_identity, identity_of
from ocpi.selectors.own_places import (
    Place,
    keys_left,
    keys_of,
    keys_of_organization,
    keys_touched,
    place_of,
    roaming_organizations,
)
from ocpi.selectors.tariffs_offered import Offer, offers_of, tariff_ids_at, versions_offered
from registry.models import ChargePoint, Organization
from registry.models.site import Visibility

log = structlog.get_logger(__name__)
LOCATIONS, TARIFFS = "locations", "tariffs"


def places_publish(*, charge_point_ids: Collection[int], now: datetime) -> list[Published]:
    """Look at the places of charge points again; answers those that changed."""
    points = ChargePoint.objects.filter(pk__in=charge_point_ids, organization__in=roaming_organizations())
    changed: list[Published] = []
    by_owner: dict[Organization, list[ChargePoint]] = {}
    for point in points.select_related("organization"):
        by_owner.setdefault(point.organization, []).append(point)
    for organization, mine in by_owner.items():
        keys = keys_of(mine) | keys_left(mine)
        changed += locations_publish(organization=organization, keys=keys, now=now)
    return changed


def all_publish(*, now: datetime, deep: bool) -> list[Published]:
    """What a lost bell left, of all organisations with partners; `deep` looks at every place."""
    changed: list[Published] = []
    for organization in roaming_organizations():
        if has_identity(organization):
            keys = keys_of_organization(organization) if deep else keys_touched(organization, now)
            changed += tariffs_publish(organization=organization, now=now)
            changed += locations_publish(organization=organization, keys=keys, now=now)
    return changed


def ensure_published(*, organization: Organization, module: str, now: datetime) -> None:
    """Fill the table before the first partner reads it."""
    if Published.objects.filter(organization=organization, module=module).exists():
        return
    if module == LOCATIONS:
        keys = keys_of_organization(organization)
        locations_publish(organization=organization, keys=keys, now=now)
    else:
        tariffs_publish(organization=organization, now=now)


def places_of_sessions(session_ids: Collection[int]) -> set[int]:
    """The charge points of sessions."""
    return {number for (number,) in _points.rows(sessions=session_ids)}


_points: Final = Prepared(
    lambda sessions: (
        Session.objects.filter(pk__among=sessions).order_by().values_list("charge_point_id").distinct()
    )
)


def places_of_sites(site_ids: Collection[int]) -> set[int]:
    """The charge points that stand at sites."""
    return set(ChargePoint.objects.filter(site_id__in=site_ids).values_list("pk", flat=True))


def places_of_reservations(reservation_ids: Collection[int]) -> set[int]:
    """The charge points of reservations."""
    return set(Reservation.objects.filter(pk__in=reservation_ids).values_list("charge_point_id", flat=True))


def locations_publish(*, organization: Organization, keys: Iterable[str], now: datetime) -> list[Published]:
    """Look at places again; answers those whose location changed. One that breaks a rule stays as it was."""
    wanted = sorted(keys)
    if not wanted or not has_identity(organization):
        return []
    moment = _whole_milliseconds(now)
    offers, own = offers_of(organization, now), identity_of(organization)
    changed = []
    stands: dict[int, str] = {}
    for key in wanted:
        place = place_of(organization, key)
        stands |= {point.pk: key for point in place.points} if place is not None else {}
        try:
            row = _location_publish(organization, key, _made(place, own, offers, moment), moment)
        except DomainError as error:
            log.warning("ocpi.location_not_told", key=key, reason=error.message, fields=error.fields)
            continue
        if row is not None:
            changed.append(row)
    _told_keep(stands)
    return changed


def _told_keep(stands: Mapping[int, str]) -> None:
    """Remember where charge points were told to stand; last, so that no place that one left is forgotten."""
    known = dict(ToldPlace.objects.filter(charge_point__in=stands).values_list("charge_point", "object_id"))
    rows = [
        ToldPlace(charge_point_id=pk, object_id=key) for pk, key in stands.items() if known.get(pk) != key
    ]
    ToldPlace.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["charge_point"], update_fields=["object_id"]
    )


def _location_publish(
    organization: Organization, key: str, made: Mapping[str, Any] | None, now: datetime
) -> Published | None:
    with transaction.atomic():
        rows = Published.objects.select_for_update().filter(organization=organization, module=LOCATIONS)
        row = rows.filter(object_id=key).first()
        if row is None and (made is None or not made.get("evses")):
            return None
        old = row.payload if row is not None else None
        if made is None and old is not None:
            merged = location_gone(old, stamp(now))
        else:
            merged = location_merge(old, made or {})
        return _keep(row or _new(organization, LOCATIONS, key, now), merged, now)


def _made(
    place: Place | None, own: Identity, offers: Sequence[Offer], now: datetime
) -> dict[str, Any] | None:
    """The location as it is now; None where partners may not know of it."""
    if place is None or (place.site is not None and place.site.visibility == Visibility.PRIVATE):
        return None
    tariff_ids = {point.pk: tariff_ids_at(offers, point) for point in place.points}
    return location_make(place, own, tariff_ids, now)


def _new(organization: Organization, module: str, key: str, now: datetime) -> Published:
    return Published(
        organization=organization,
        module=module,
        object_id=key,
        payload={},
        created_at=now,
        last_updated=now,
        checked_at=now,
    )


def _keep(row: Published, merged: Merged, now: datetime) -> Published | None:
    row.checked_at = now
    if not merged.changed:
        row.save(update_fields=["checked_at"])
        return None
    row.payload, row.last_updated = merged.payload, now
    row.is_public = bool(merged.payload.get("publish"))
    marks = {"own": row.marks.get("own"), "evses": dict(row.marks.get("evses") or {})}
    if merged.own:
        marks["own"] = stamp(now)
    marks["evses"].update({uid: stamp(now) for uid, what in merged.evses.items() if what == ALL})
    row.marks = marks
    row.save()
    return row


def tariffs_publish(*, organization: Organization, now: datetime) -> list[Published]:
    """Look at the tariffs again that are in force somewhere; answers those that changed or ended."""
    if not has_identity(organization):
        return []
    moment, own = _whole_milliseconds(now), identity_of(organization)
    offered = versions_offered(offers_of(organization, now))
    rows = Published.objects.filter(organization=organization, module=TARIFFS)
    told = {row.object_id: row for row in rows}
    changed = []
    for tariff_id, version in sorted(offered.items()):
        row = told.get(tariff_id) or _new(organization, TARIFFS, tariff_id, moment)
        if _tariff_keep(row, _tariff_make(version, own, moment), moment):
            changed.append(row)
    for row in told.values():
        if row.object_id not in offered and row.removed_at is None:
            row.removed_at = row.last_updated = moment
            row.save(update_fields=["removed_at", "last_updated"])
            changed.append(row)
    return changed


def _tariff_make(version: TariffVersion, own: Identity, now: datetime) -> dict[str, Any]:
    body = version_ocpi(version) | {"country_code": own.country_code, "party_id": own.party_id}
    return TARIFF.render(TARIFF.parse(tariff_from(body), V230) | {"last_updated": now}, V230)


def _tariff_keep(row: Published, made: Mapping[str, Any], now: datetime) -> bool:
    """Keep a tariff where it differs from what was told; False where it does not."""
    last = {"last_updated": row.payload.get("last_updated")}
    if row.removed_at is None and row.payload == {**made, **last}:
        return False
    row.payload, row.last_updated, row.checked_at, row.removed_at = dict(made), now, now, None
    row.save()
    return True


def _whole_milliseconds(moment: datetime) -> datetime:
    """The time as OCPI tells it, so that the row and the object say the same."""
    return parse_moment(stamp(moment)) or moment
