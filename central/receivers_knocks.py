"""What follows when unknown ids knock, and when one of them becomes known."""

from typing import Any

from django.dispatch import receiver

from central.consumers.dashboard_feed import PLATFORM, feed
from central.services.knocks import knock_forget
from central.signals import knocks_changed
from registry.models import ChargePoint, Organization
from registry.signals import charge_point_registered

TOPIC = "knock:0"


@receiver(knocks_changed, dispatch_uid="central.dashboard.knocks")
def tell_knocks(**_: Any) -> None:
    """The pages of those who may see knocks: the platform's, and those of the only organisation."""
    owners = list(Organization.objects.values_list("pk", flat=True)[:2])
    feed.add(owners[0] if len(owners) == 1 else PLATFORM, [TOPIC])


@receiver(charge_point_registered, dispatch_uid="central.knock_known")
def forget_knock(charge_point_id: int, **_: Any) -> None:
    """An id that is registered is unknown no more."""
    cp_id = ChargePoint.objects.filter(pk=charge_point_id).values_list("cp_id", flat=True).first()
    if cp_id is not None:
        knock_forget(cp_id=cp_id)
