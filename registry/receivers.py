"""Rings when places change, whoever changed them: charge points, their sites, parking places."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from emobility.lib.bell import after_commit
from registry.models import ChargePoint, ParkingPlace, Site
from registry.signals import charge_point_placed, site_changed

TOLD = frozenset({"site", "site_id", "location", "metadata"})
"""What a charge point's place is made of."""


@receiver(post_save, sender=ChargePoint, dispatch_uid="registry.charge_point_placed")
def on_charge_point(instance: ChargePoint, update_fields: Any = None, **_: Any) -> None:
    """It may stand elsewhere, or be described otherwise."""
    if update_fields is None or not TOLD.isdisjoint(update_fields):
        after_commit(charge_point_placed, charge_point_id=instance.pk)


@receiver(post_save, sender=Site, dispatch_uid="registry.site_changed")
def on_site(instance: Site, **_: Any) -> None:
    """Address, hours, who may know of it."""
    after_commit(site_changed, site_id=instance.pk)


@receiver([post_save, post_delete], sender=ParkingPlace, dispatch_uid="registry.parking_place_changed")
def on_parking_place(instance: ParkingPlace, **_: Any) -> None:
    """A parking place is part of its site."""
    after_commit(site_changed, site_id=instance.site_id)
