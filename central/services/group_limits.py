"""What a group of tags may: at which sites, at which hours, and while its budget lasts.

Asked with every tag of a group that has limits; what is read of a group is read once for all of a batch.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from central.models import IdTokenGroup, Session
from central.models.session import SessionState
from central.services.budgets import group_budgets
from central.services.token_hours import hours_allow
from registry.models import ChargePoint

LATE: Final = timedelta(minutes=5)
LATEST: Final = timedelta(days=62)
"""A start longer ago than two months is a clock that is not set."""


class Refusal(StrEnum):
    """Why a group's tag may not charge now; 2.x has a word for each, 1.6 only Blocked."""

    NO_CREDIT = "NoCredit"
    NOT_HERE = "NotAtThisLocation"
    NOT_NOW = "NotAtThisTime"

    @property
    def reason(self) -> str:
        """In one word, as authorisation tells it."""
        return {"NoCredit": "budget_used_up", "NotAtThisTime": "group_not_now"}.get(self, "group_not_here")


@dataclass(slots=True)
class GroupLimits:
    """The limits of some groups, as far as they were asked for."""

    group_ids: Collection[int]
    now: datetime
    _groups: dict[int, IdTokenGroup] | None = None
    _places: dict[int, tuple[int | None, str]] = field(default_factory=dict)
    _used_up: dict[tuple[int, datetime], bool] = field(default_factory=dict)

    def refusal(self, group_id: int, charge_point_id: int, at: datetime) -> Refusal | None:
        """Why its tags may not begin a session at a charge point at a moment (its own time)."""
        group = self._group(group_id)
        if group is None:
            return None
        sites = {site.pk for site in group.sites.all()}
        if sites or group.hours:
            site_id, zone = self._place(charge_point_id)
            if sites and site_id not in sites:
                return Refusal.NOT_HERE
            if not hours_allow(group.hours, at.astimezone(ZoneInfo(zone))):
                return Refusal.NOT_NOW
        return Refusal.NO_CREDIT if self._is_used_up(group, at) else None

    def _group(self, group_id: int) -> IdTokenGroup | None:
        if self._groups is None:
            rows = IdTokenGroup.objects.filter(pk__in=self.group_ids).select_related("organization")
            self._groups = {row.pk: row for row in rows.prefetch_related("sites")}
        return self._groups.get(group_id)

    def _place(self, charge_point_id: int) -> tuple[int | None, str]:
        """Site and time zone of a charge point."""
        if charge_point_id not in self._places:
            point = ChargePoint.objects.select_related("site", "organization").get(pk=charge_point_id)
            self._places[charge_point_id] = point.site_id, (point.site or point.organization).time_zone
        return self._places[charge_point_id]

    def _is_used_up(self, group: IdTokenGroup, at: datetime) -> bool:
        """In the periods in which a session that begins then counts; what is told late is of the past."""
        moment = at if LATE < self.now - at < LATEST else self.now
        if (group.pk, moment) not in self._used_up:
            self._used_up[group.pk, moment] = any(each.is_used_up for each in group_budgets(group, moment))
        return self._used_up[group.pk, moment]


def group_charges_at(group_id: int, charge_point_id: int) -> bool:
    """True where a session of the group runs there: whoever shows a tag may want to stop it."""
    running = Session.objects.filter(
        charge_point=charge_point_id, state=SessionState.ACTIVE, token_group=group_id
    )
    return running.exists()
