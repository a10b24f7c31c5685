"""Rounds of a configuration profile: read what it names, set what differs, and stop (2.x B05, B06; 1.6 §5.3).

A round begins after a boot, where a profile asks for it, or when a person orders it. It reads first, so that
only true differences are set, and sets each name once: a charge point that refuses is not asked again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from central.models import ChargePointStatus, Command, ConfigurationProfile
from central.models.command import CommandState
from central.services.configuration_orders import (
    GET,
    LIST,
    SET,
    commands_create,
    configuration_set,
    get_limit,
)
from central.services.configuration_profiles import Difference, differences_of, profiles_of, wanted_of
from central.services.device_places import Place, place_of
from emobility.lib.errors import DomainError, Invalid
from registry.models import ChargePoint

log = structlog.get_logger(__name__)

SOURCE: Final = "profile"
AT_ONCE: Final = 10
"""Values that are set before the next look; a queue has other orders to carry, too."""
UNDER_WAY: Final = (CommandState.QUEUED, CommandState.SENT)
ANSWERED: Final = (CommandState.ACCEPTED, CommandState.REJECTED)
_LATE: Final = timedelta(minutes=10)
_EARLY: Final = timedelta(seconds=30)


def rounds_begin_after_boot(*, charge_point_ids: Set[int], now: datetime) -> int:
    """Begin a round where a profile in use asks for it after each start; how many began."""
    begun = 0
    for charge_point in _booted(charge_point_ids):
        automatic = [each for each in profiles_of(charge_point) if each.apply_after_boot]
        begun += bool(automatic) and round_begin(charge_point=charge_point, profiles=automatic, now=now)
    return begun


def rounds_catch_up(*, now: datetime) -> int:
    """Begin rounds that a lost bell has missed: charge points that started lately and had none; how many."""
    if not ConfigurationProfile.objects.filter(is_active=True, apply_after_boot=True).exists():
        return 0
    started = ChargePointStatus.objects.filter(
        booted_at__gt=now - _LATE, booted_at__lt=now - _EARLY, connection_id__isnull=False
    )
    lately = Command.objects.filter(source=SOURCE, created_at__gt=now - _LATE)
    missed = started.exclude(charge_point_id__in=lately.values("charge_point_id"))
    ids = set(missed.values_list("charge_point_id", flat=True)[:1000])
    return rounds_begin_after_boot(charge_point_ids=ids, now=now)


def round_begin(
    *, charge_point: ChargePoint, profiles: Sequence[ConfigurationProfile], reason: str = "", now: datetime
) -> bool:
    """Order the reading of what profiles name; False where nothing is named, or a round is under way."""
    version = _version(charge_point.pk)
    wanted = wanted_of(profiles, version) if version else {}
    if not wanted or _commands(charge_point.pk).filter(state__in=UNDER_WAY).exists():
        return False
    names = reason or ", ".join(sorted({each.profile.name for each in wanted.values()}))
    try:
        commands_create(
            charge_point=charge_point,
            order=GET,
            params={LIST: [_item(each.place) for each in wanted.values()]},
            limit=get_limit(charge_point),
            reason=names,
            source=SOURCE,
            now=now,
        )
    except DomainError as error:
        log.warning("configuration.round_not_begun", charge_point=charge_point.cp_id, error=error.message)
        return False
    return True


def rounds_continue(*, command_ids: Set[int], is_secret: Callable[[str], bool], now: datetime) -> int:
    """After the last order of a step: set what differs, unless an order was lost; how many went on."""
    ended = Command.objects.filter(pk__in=command_ids, source=SOURCE, state__in=ANSWERED)
    ids = set(ended.values_list("charge_point_id", flat=True))
    points = ChargePoint.objects.filter(pk__in=ids)
    return sum(_continue(point, is_secret, now) for point in points)


def _continue(charge_point: ChargePoint, is_secret: Callable[[str], bool], now: datetime) -> bool:
    steps = _round(charge_point.pk)
    version = _version(charge_point.pk)
    if not steps or not version or any(step.state not in ANSWERED for step in steps):
        return False
    due = _due(charge_point, steps, version)[:AT_ONCE]
    if not due:
        return False
    try:
        configuration_set(
            charge_point=charge_point,
            items=[_item(each.wanted.place) | {"value": each.wanted.value} for each in due],
            is_secret=is_secret,
            reason=steps[0].reason,
            source=SOURCE,
            now=now,
        )
    except DomainError as error:
        log.warning("configuration.round_ended", charge_point=charge_point.cp_id, error=error.message)
        return False
    return True


def _due(charge_point: ChargePoint, steps: Sequence[Command], version: str) -> list[Difference]:
    """What the round has read, is not as wanted, and was not set in this round."""
    read = _keys((step for step in steps if step.order == GET), version)
    done = _keys((step for step in steps if step.order == SET), version)
    wanted = wanted_of(profiles_of(charge_point), version)
    asked = [each for key, each in wanted.items() if key in read and key not in done]
    return differences_of(charge_point, asked)


def _round(charge_point_id: int) -> list[Command]:
    """The orders of the latest round: its readings, made at one moment, and what followed."""
    latest = _commands(charge_point_id).filter(order=GET).order_by("-pk").first()
    if latest is None:
        return []
    return list(_commands(charge_point_id).filter(created_at__gte=latest.created_at).order_by("pk"))


def _commands(charge_point_id: int) -> Any:
    return Command.objects.filter(charge_point_id=charge_point_id, source=SOURCE)


def _keys(steps: Iterable[Command], version: str) -> set[tuple[str, str]]:
    places = [_place(item, version) for step in steps for item in step.params.get(LIST) or []]
    return {(place.key, place.attribute) for place in places if place is not None}


def _place(item: Mapping[str, Any], version: str) -> Place | None:
    try:
        return place_of(item, version)
    except Invalid:
        return None


def _item(place: Place) -> dict[str, Any]:
    """The place as an entry of an order."""
    if not place.component:
        return {"name": place.variable}
    parts = ("component", "component_instance", "variable", "instance", "evse", "connector", "attribute")
    return {name: getattr(place, name) for name in parts if getattr(place, name)}


def _booted(charge_point_ids: Set[int]) -> list[ChargePoint]:
    points = ChargePoint.objects.filter(pk__in=charge_point_ids, live__boot_status="Accepted")
    automatic = ConfigurationProfile.objects.filter(is_active=True, apply_after_boot=True)
    return list(points.filter(organization_id__in=automatic.values("organization_id")))


def _version(charge_point_id: int) -> str:
    live = ChargePointStatus.objects.filter(charge_point_id=charge_point_id).first()
    return live.ocpp_version if live else ""
