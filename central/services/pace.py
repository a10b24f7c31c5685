"""The pace of a person: so many orders in a minute, over all processes and ways to order (T20)."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from central.models import BulkCommand, Command
from emobility.lib.errors import TooMany
from registry.models import User

BULK: Final = "bulk"
"""The source of commands that a bulk command made: for a person's pace the bulk counts, once."""
WINDOW: Final = timedelta(minutes=1)


def pace_check(person: User, now: datetime) -> None:
    """Raise TooMany where a person ordered OCPP_ORDERS_PER_MINUTE times in a minute.

    A bulk command and an order of several parts count once. Within a transaction the person's orders take
    turns here, so that two at once cannot both be the last one.
    """
    most, since = settings.OCPP_ORDERS_PER_MINUTE, now - WINDOW
    list(User.objects.select_for_update(no_key=True).filter(pk=person.pk).values_list("pk"))
    single = Command.objects.filter(requested_by=person, created_at__gt=since, part_of=None)
    bulks = BulkCommand.objects.filter(requested_by=person, confirmed_at__gt=since)
    times = [
        *single.exclude(source=BULK).order_by("-created_at").values_list("created_at", flat=True)[:most],
        *bulks.order_by("-confirmed_at").values_list("confirmed_at", flat=True)[:most],
    ]
    if len(times) >= most:
        oldest = sorted(filter(None, times), reverse=True)[most - 1]
        wait = max(1, -int(-(oldest + WINDOW - now).total_seconds() // 1))
        raise TooMany(_("Too many commands in a minute."), retry_after=wait)
