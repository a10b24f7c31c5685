"""Network profiles as charge points took or refused them (2.x B09)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from central.models import NetworkProfile
from central.services.variables import charge_point_lock


def network_profile_record(
    *, charge_point_id: int, slot: int, data: Mapping[str, Any], word: str, now: datetime
) -> bool:
    """Keep the answer for a slot; `data` is the request's connectionData without secrets. True if accepted.

    A refused profile changes nothing at the charge point: what it had in the slot stays, with the new word.
    """
    charge_point_lock(charge_point_id)
    known = NetworkProfile.objects.filter(charge_point_id=charge_point_id, slot=slot)
    if word != "Accepted" and known.exists():
        known.update(word=word[:20], told_at=now)
        return False
    NetworkProfile.objects.update_or_create(
        charge_point_id=charge_point_id,
        slot=slot,
        defaults={
            "csms_url": data["ocppCsmsUrl"],
            "security_profile": data["securityProfile"],
            "interface": data["ocppInterface"],
            "details": dict(data),
            "word": word[:20],
            "told_at": now,
        },
    )
    return word == "Accepted"
