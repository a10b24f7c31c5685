"""Configuration profiles: what charge points shall have, and where they differ from it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from django.db.models import Q, QuerySet

from central.models import ChargePointStatus, ConfigurationProfile, Variable
from central.selectors.groups import groups_of, members_of
from central.services.device_places import Place, place_of
from central.services.variables import HIDDEN
from emobility.lib.errors import Invalid
from registry.models import ChargePoint

LISTS: Final = frozenset({"MemberList"})
_TRUTHS: Final = frozenset({"true", "false"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value that a profile wants at a place."""

    place: Place
    value: str
    profile: ConfigurationProfile


@dataclass(frozen=True, slots=True)
class Difference:
    """A wanted value that is not there; `row` is what we know of the variable, None where that is nothing."""

    wanted: Wanted
    row: Variable | None

    @property
    def actual(self) -> str | None:
        """The value that is there; None where nobody told it."""
        if self.row is None:
            return None
        attribute = self.row.attributes.get(self.wanted.place.attribute, {})
        value: str | None = attribute.get("value")
        return value


def profiles_of(charge_point: ChargePoint) -> list[ConfigurationProfile]:
    """The profiles in use that speak of a charge point, the most important last."""
    live = ChargePointStatus.objects.filter(charge_point=charge_point).first()
    vendor, model = (live.vendor, live.model) if live else ("", "")
    profiles = ConfigurationProfile.objects.filter(
        Q(site=None) | Q(site_id=charge_point.site_id),
        Q(group=None) | Q(group_id__in=list(groups_of(charge_point).values_list("pk", flat=True))),
        Q(vendor="") | Q(vendor__iexact=vendor),
        Q(model="") | Q(model__iexact=model),
        organization_id=charge_point.organization_id,
        is_active=True,
    )
    return list(profiles.order_by("priority", "name"))


def scope_of(profile: ConfigurationProfile) -> QuerySet[ChargePoint]:
    """The registered charge points that a profile speaks of."""
    points = ChargePoint.objects.filter(
        organization_id=profile.organization_id, registered_at__isnull=False, status="REGISTERED"
    )
    if profile.group is not None:
        points = points.filter(pk__in=members_of(profile.group).values("pk"))
    if profile.site_id:
        points = points.filter(site_id=profile.site_id)
    if profile.vendor:
        points = points.filter(live__vendor__iexact=profile.vendor)
    if profile.model:
        points = points.filter(live__model__iexact=profile.model)
    return points.order_by("cp_id")


def wanted_of(profiles: Iterable[ConfigurationProfile], version: str) -> dict[tuple[str, str], Wanted]:
    """What profiles want together, by place and attribute; a later one wins.

    Names that the version does not know are left out: a profile may speak to charge points of all versions.
    """
    found: dict[tuple[str, str], Wanted] = {}
    for profile in profiles:
        for item in profile.values:
            try:
                place = place_of(item, version)
            except Invalid:
                continue
            found[place.key, place.attribute] = Wanted(place, str(item["value"]), profile)
    return found


def differences_of(charge_point: ChargePoint, wanted: Iterable[Wanted]) -> list[Difference]:
    """Where a charge point, as we know it, is not as wanted."""
    return differences_many([charge_point.pk], {charge_point.pk: list(wanted)})[charge_point.pk]


def differences_many(
    charge_point_ids: Sequence[int], wanted: dict[int, list[Wanted]]
) -> dict[int, list[Difference]]:
    """The same for many charge points in one statement."""
    keys = {each.place.key for each_point in wanted.values() for each in each_point}
    rows = Variable.objects.filter(charge_point_id__in=charge_point_ids, key__in=keys)
    known = {(row.charge_point_id, row.key): row for row in rows}
    found: dict[int, list[Difference]] = defaultdict(list)
    for charge_point_id in charge_point_ids:
        for each in wanted.get(charge_point_id, []):
            difference = Difference(each, known.get((charge_point_id, each.place.key)))
            if not same_value(difference):
                found[charge_point_id].append(difference)
    return found


def same_value(difference: Difference) -> bool:
    """Whether the value that is there means what is wanted; a hidden one is taken for it."""
    actual, wanted = difference.actual, difference.wanted.value
    if actual is None:
        return False
    if actual in (wanted, HIDDEN):
        return True
    unordered = difference.row is not None and difference.row.data_type in LISTS
    return _plain(actual, unordered=unordered) == _plain(wanted, unordered=unordered)


def _plain(text: str, *, unordered: bool) -> object:
    """A value without what makes no difference: spaces in lists, 60 and 60.0, True and true."""
    text = text.strip()
    if text.lower() in _TRUTHS:
        return text.lower()
    try:
        number = Decimal(text)
    except InvalidOperation:
        parts = [part.strip() for part in text.split(",")]
        return sorted(parts) if unordered else parts
    return number if number.is_finite() else text
