"""Charge points are asked after a start whether they show and calculate prices; what they say is kept.

Once for each start in a day, and nothing where a person or a profile reads it all anyway: it costs a message.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings

from central.models import ChargePointStatus, Command
from central.models.charge_point_status import BootStatus
from central.services.configuration_orders import GET, LIST, commands_create, get_limit
from central.services.displays import PLACES
from emobility.lib.errors import DomainError

log = structlog.get_logger(__name__)

SOURCE: Final = "prices"
AGAIN: Final = timedelta(days=1)
AT_ONCE: Final = 10


def displays_ask(*, charge_point_ids: Collection[int], now: datetime) -> Sequence[int]:
    """Order the reading at some connected charge points that were accepted and not asked for a day.

    Gives those that wait for another turn: after an outage all start at once, and each is an order.
    """
    if not settings.OCPP_ASK_FOR_DISPLAYS:
        return ()
    asked = Command.objects.filter(
        charge_point__in=charge_point_ids, source=SOURCE, created_at__gt=now - AGAIN
    ).values("charge_point_id")
    rows = ChargePointStatus.objects.filter(
        charge_point__in=charge_point_ids, boot_status=BootStatus.ACCEPTED, connection_id__isnull=False
    )
    due = list(rows.exclude(charge_point__in=asked).order_by("pk").values_list("pk", flat=True))
    for row in rows.filter(pk__in=due[:AT_ONCE]).select_related("charge_point"):
        _ask(row, now)
    return due[AT_ONCE:]


def _ask(live: ChargePointStatus, now: datetime) -> None:
    is_old = live.ocpp_version == "1.6"
    places = [place for place in PLACES if bool(place.component) != is_old]
    items = [
        {"component": place.component, "variable": place.variable, "instance": place.instance}
        if place.component
        else {"name": place.variable}
        for place in places
    ]
    try:
        commands_create(
            charge_point=live.charge_point,
            order=GET,
            params={LIST: items},
            limit=get_limit(live.charge_point),
            reason="prices on displays",
            source=SOURCE,
            now=now,
        )
    except DomainError as error:
        log.info("displays.not_asked", charge_point=live.charge_point.cp_id, error=error.message)
