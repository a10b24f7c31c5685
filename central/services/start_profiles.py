"""Charging profiles that a remote start brings: they limit the session that begins (1.6 §5.11, 2.x K05)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from central.models import ChargingProfile, Command, Session
from central.models.charging_profile import Purpose
from central.services.charging_profiles import fresh_number, params_of, row_made, tell
from central.services.charging_rules import Profile, profile_faults
from central.services.prepared import Prepared
from emobility.lib.errors import Invalid


def profile_with_start(*, command: Command, profile: Profile, now: datetime) -> dict[str, Any]:
    """Write down the profile that a remote start brings; its part of the order's parameters.

    It limits the session that begins: a TxProfile without a transaction (1.6 §5.11, 2.x K05). Raises Invalid.
    """
    faults = profile_faults(profile)
    if profile.purpose != Purpose.TX:
        faults["purpose"] = _("A start brings the profile of its session.")
    if profile.transaction_id:
        faults["transaction_id"] = _("The session has no number yet.")
    else:
        faults.pop("transaction_id", None)
    faults.pop("evse_number", None)
    if faults:
        told = "; ".join(f"{name}: {fault}" for name, fault in faults.items())
        raise Invalid(_("The specification forbids this profile."), {"charging_profile": told})
    row = row_made(command.organization_id, command.charge_point_id, profile, now, command=command)
    row.number = fresh_number(row)
    row.save()
    tell(row, now)
    return params_of(row.number, profile)


def profiles_begin(*, session_ids: Collection[int], now: datetime) -> None:
    """Profiles that came with a remote start belong to the session that it led to."""
    for session in _started_remotely.rows(sessions=session_ids):
        rows = ChargingProfile.objects.filter(
            charge_point=session.charge_point_id, command_id=session.remote_start_id, transaction_id=""
        )
        rows.filter(purpose=Purpose.TX).update(
            transaction_id=session.transaction_id, session=session, evse_number=session.evse_number
        )


_started_remotely: Final = Prepared(
    lambda sessions: Session.objects.filter(pk__among=sessions, remote_start_id__isnull=False).order_by("pk")
)
