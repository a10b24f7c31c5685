"""Locations, sweep: what an operator's list no longer shows is gone."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from ocpi.core.sweeping import sweeper
from ocpi.models import Partner, ReceivedLocation
from ocpi.services.received_sweeps import received_sweep


@sweeper("locations")
def locations_sweep(partner: Partner, seen: "QuerySet[Any, str]", before: datetime, now: datetime) -> int:
    """Ended ones are kept and shown no longer; one that comes again lives again."""
    return received_sweep(model=ReceivedLocation, partner=partner, seen=seen, before=before, now=now)
