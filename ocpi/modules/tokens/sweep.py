"""Tokens, sweep: what a provider's list no longer shows is valid no longer."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from ocpi.core.sweeping import sweeper
from ocpi.models import Partner
from ocpi.services.received_tokens import tokens_sweep


@sweeper("tokens")
def sweep(partner: Partner, seen: "QuerySet[Any, str]", before: datetime, now: datetime) -> int:
    """They stay, refused at charge points; one that comes again charges again."""
    return tokens_sweep(partner=partner, seen=seen, before=before, now=now)
