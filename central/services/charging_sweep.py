"""What periodic work finds of smart charging where a bell was lost, or nothing came any more."""

from datetime import datetime
from typing import Final

from central.models import ChargingProfile, ProfileReport
from central.models.charging_profile import ProfileState, Purpose, ReportState
from central.models.session import SessionState
from central.services.charging_profiles import THERE, UNDELIVERED, profiles_end, profiles_undelivered
from central.services.profile_reports import reports_sweep, reports_undelivered

BATCH: Final = 1000


def charging_sweep(*, now: datetime) -> int:
    """End profiles of ended sessions and of orders that never left, and reports that stopped; how many."""
    ended = ChargingProfile.objects.filter(
        purpose=Purpose.TX, state__in=THERE, session__state=SessionState.ENDED
    )
    profiles_end(session_ids=list(ended.values_list("session_id", flat=True)[:BATCH]), now=now)
    open_states = (ProfileState.WANTED, ProfileState.SENT)
    lost = ChargingProfile.objects.filter(state__in=open_states, command__state__in=UNDELIVERED)
    profiles_undelivered(command_ids=list(lost.values_list("command_id", flat=True)[:BATCH]), now=now)
    asked = ProfileReport.objects.filter(state=ReportState.REQUESTED, command__state__in=UNDELIVERED)
    reports_undelivered(command_ids=list(asked.values_list("command_id", flat=True)[:BATCH]), now=now)
    return reports_sweep(now=now)
