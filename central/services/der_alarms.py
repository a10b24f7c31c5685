"""DER alarms: a charge point has to deviate because of the grid, and back (2.1 R05.FR.01-04)."""

from datetime import datetime

from django.db import transaction

from central.models import DerAlarm
from registry.models import ChargePoint
from registry.services.events import event_append


def der_alarm(
    *,
    charge_point_id: int,
    control_type: str,
    fault: str,
    ended: bool,
    at: datetime,
    info: str,
    now: datetime,
) -> None:
    """Keep the start or the end of an alarm; `at` is the charge point's time. A repeat changes nothing.

    A start while another control's alarm is on ends that one: there is one level of alarm (R05.FR.04).
    """
    with transaction.atomic():
        charge_point = ChargePoint.objects.select_for_update(no_key=True).get(pk=charge_point_id)
        known = DerAlarm.objects.filter(charge_point_id=charge_point_id, control_type=control_type)
        if known.filter(**{"ended_at" if ended else "started_at": at}).exists():
            return
        alarm = DerAlarm(charge_point_id=charge_point_id, control_type=control_type, received_at=now)
        if ended:
            alarm = known.filter(ended_at=None, started_at__lte=at).order_by("-started_at").first() or alarm
            alarm.ended_at = at
        else:
            alarm = known.filter(started_at=None, ended_at__gte=at).order_by("ended_at").first() or alarm
            alarm.started_at = at
            _take_over(alarm, at)
        alarm.fault = fault or alarm.fault
        alarm.info = info or alarm.info
        alarm.save()
        event_append(
            organization_id=charge_point.organization_id,
            charge_point_id=charge_point_id,
            kind="der.alarm_ended" if ended else "der.alarm",
            subject=control_type,
            data={"alarm_id": alarm.pk, "fault": fault, "at": at.isoformat()},
            now=now,
        )


def _take_over(alarm: DerAlarm, at: datetime) -> None:
    """End the alarms that a new one takes over from; one that began later takes over from this one."""
    others = DerAlarm.objects.filter(charge_point_id=alarm.charge_point_id).exclude(pk=alarm.pk)
    others.filter(ended_at=None, started_at__lte=at).update(ended_at=at, taken_over=True)
    later = others.filter(started_at__gt=at).order_by("started_at").first()
    if later is not None and alarm.ended_at is None:
        alarm.ended_at, alarm.taken_over = later.started_at, True
