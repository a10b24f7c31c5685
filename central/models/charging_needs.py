"""What cars ask for and say by ISO 15118, and signals about the power of sessions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from central.models.session import Session
from emobility.lib.models import VisibleQuerySet
from registry.models import ChargePoint, Organization


class OfCar(models.Model):
    """A message about a car at an EVSE, and the session that it belongs to where we know it."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="%(class)s_rows", verbose_name=_("charge point")
    )
    session = models.ForeignKey(
        Session,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="%(class)s_rows",
        verbose_name=_("session"),
    )
    evse_number = models.PositiveIntegerField(_("EVSE"), default=0)
    status = models.CharField(_("answered"), max_length=20, blank=True)
    at = models.DateTimeField(_("time"))
    received_at = models.DateTimeField(_("received"))

    class Meta:
        abstract = True


class ChargingNeeds(OfCar):
    """What a car needs (2.x K15, K17-K20): energy in Wh, power in W, its departure; `needs` word for word."""

    transfer = models.CharField(_("energy transfer"), max_length=20)
    departure_at = models.DateTimeField(_("departure"), null=True, blank=True)
    energy_wh = models.BigIntegerField(_("energy (Wh)"), null=True, blank=True)
    max_power_w = models.BigIntegerField(_("most power (W)"), null=True, blank=True)
    state_of_charge = models.PositiveSmallIntegerField(_("state of charge (%)"), null=True, blank=True)
    control_mode = models.CharField(_("control mode"), max_length=20, blank=True)
    max_schedule_tuples = models.PositiveIntegerField(_("most periods"), null=True, blank=True)
    needs = models.JSONField(_("needs"), default=dict)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("profile ordered")
    )

    objects = VisibleQuerySet["ChargingNeeds"].as_manager()

    class Meta:
        verbose_name = _("charging needs")
        verbose_name_plural = _("charging needs")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "evse_number", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.transfer} {self.evse_number}"


class EvSchedule(OfCar):
    """How a car means to charge (2.x K15.FR.10): a ChargingScheduleType of OCPP 2.1 from `time_base` on."""

    time_base = models.DateTimeField(_("from"))
    schedule = models.JSONField(_("schedule"), default=dict)
    selected = models.PositiveIntegerField(_("schedule chosen"), null=True, blank=True)
    tolerance_accepted = models.BooleanField(_("tolerance accepted"), null=True, blank=True)

    objects = VisibleQuerySet["EvSchedule"].as_manager()

    class Meta:
        verbose_name = _("schedule of a car")
        verbose_name_plural = _("schedules of cars")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "evse_number", "-id"]),
        ]

    def __str__(self) -> str:
        return f"EVSE {self.evse_number}"


class SignalKind(models.TextChoices):
    """What a signal about power is."""

    PRIORITY = "priority", _("priority charging")
    TRANSFER = "transfer", _("allowed energy transfer")
    AFRR = "afrr", _("frequency restoration (aFRR)")


class PowerSignal(OfCar):
    """A decision about power, ours (with its command) or the charge point's (2.1 K21, K22, Q02, Q07).

    `value` is what was decided: {"activated": true}, {"allowed": ["DC_BPT"]}, {"signal": 5}.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=SignalKind.choices)
    transaction_id = models.CharField(_("transaction"), max_length=36, blank=True)
    value = models.JSONField(_("value"), default=dict)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )

    objects = VisibleQuerySet["PowerSignal"].as_manager()

    class Meta:
        verbose_name = _("power signal")
        verbose_name_plural = _("power signals")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.transaction_id}".strip()
