"""What drivers want of their session: how fast, until when, how much (OCPI 2.2.1 §9.3.2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.charging_needs import OfCar
from central.models.command import Command
from emobility.lib.models import VisibleQuerySet


class Preference(models.TextChoices):
    """What kind of charging a driver wants; REGULAR is no wish at all."""

    REGULAR = "REGULAR", _("no special wish")
    CHEAP = "CHEAP", _("as cheap as possible")
    FAST = "FAST", _("as fast as possible")
    GREEN = "GREEN", _("as green as possible")


class ChargingPreference(OfCar):
    """One wish of a driver and what it was answered; energy in Wh, from its `at` on.

    `status` is the answer, in the words of OCPI; `told_by` who passed the wish on; `command` what was ordered
    because of it.
    """

    profile_type = models.CharField(_("preference"), max_length=8, choices=Preference.choices)
    departure_at = models.DateTimeField(_("departure"), null=True, blank=True)
    energy_wh = models.BigIntegerField(_("energy (Wh)"), null=True, blank=True)
    discharge_allowed = models.BooleanField(_("may be discharged"), default=False)
    told_by = models.CharField(_("told by"), max_length=100, blank=True)
    status = models.CharField(_("answered"), max_length=30, blank=True)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("ordered")
    )

    objects = VisibleQuerySet["ChargingPreference"].as_manager()

    class Meta:
        verbose_name = _("charging preference")
        verbose_name_plural = _("charging preferences")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["session", "-id"]),
        ]

    def __str__(self) -> str:
        return self.profile_type
