"""What limits charging besides our profiles: external limits, and the schedule that results."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from emobility.lib.models import VisibleQuerySet
from registry.models import ChargePoint, Organization


class LimitState(models.TextChoices):
    """Whether an external limit holds; `replaced` by a newer one of the same source."""

    ACTIVE = "active", _("active")
    REPLACED = "replaced", _("replaced")
    CLEARED = "cleared", _("cleared")


class ChargingLimit(models.Model):
    """A limit that another system than ours imposes (2.x K11-K14, K27); EVSE 0 is the whole charge point.

    `source` is who does (EMS, SO, Other ...), `schedules` are ChargingScheduleType of OCPP 2.1, if told.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="charging_limits", verbose_name=_("charge point")
    )
    evse_number = models.PositiveIntegerField(_("EVSE"), default=0)
    source = models.CharField(_("source"), max_length=20)
    is_grid_critical = models.BooleanField(_("critical for the grid"), null=True, blank=True)
    is_local_generation = models.BooleanField(_("generated locally"), null=True, blank=True)
    schedules = models.JSONField(_("schedules"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=LimitState.choices, default=LimitState.ACTIVE)
    at = models.DateTimeField(_("told"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = VisibleQuerySet["ChargingLimit"].as_manager()

    class Meta:
        verbose_name = _("external limit")
        verbose_name_plural = _("external limits")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "state"]),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.evse_number}"


class CompositeSchedule(models.Model):
    """What a charge point expects to charge with, worked out by itself (1.6 §5.7, 2.x K08).

    `schedule` is a ChargingScheduleType of OCPP 2.1 that begins at `starts_at`.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="composite_schedules", verbose_name=_("charge point")
    )
    evse_number = models.PositiveIntegerField(_("EVSE"), default=0)
    starts_at = models.DateTimeField(_("from"))
    duration = models.PositiveIntegerField(_("seconds"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=1, blank=True)
    schedule = models.JSONField(_("schedule"), default=dict)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    at = models.DateTimeField(_("told"))

    objects = VisibleQuerySet["CompositeSchedule"].as_manager()

    class Meta:
        verbose_name = _("composite schedule")
        verbose_name_plural = _("composite schedules")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "-at"]),
        ]

    def __str__(self) -> str:
        return f"EVSE {self.evse_number}"
