"""Wanted availability: what we asked a charge point, an EVSE or a connector to be, and what it said."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class Wanted(models.TextChoices):
    """OCPP's two words (1.6 §7.5 AvailabilityType, 2.x OperationalStatusEnumType)."""

    OPERATIVE = "Operative", _("in service")
    INOPERATIVE = "Inoperative", _("out of service")


class WantedAvailability(models.Model):
    """The latest wish that a place agreed to; EVSE 0 is the charge point, connector 0 the whole EVSE.

    Places are independent: a connector keeps its own wish while the whole is out of service (2.x G04.FR.08).
    `scheduled`: it said that a session must end first (1.6 §5.2, G04.FR.06); that it was reached is seen in
    the states of its connectors. The charge point keeps a wish across restarts (G04.FR.09).
    """

    charge_point = models.ForeignKey(
        ChargePoint,
        models.CASCADE,
        related_name="wanted_availability",
        verbose_name=_("charge point"),
    )
    evse_number = models.PositiveIntegerField(_("EVSE"), default=0)
    connector_number = models.PositiveIntegerField(_("connector"), default=0)
    wanted = models.CharField(_("wanted"), max_length=12, choices=Wanted.choices)
    scheduled = models.BooleanField(_("waits for the end of a session"), default=False)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    at = models.DateTimeField(_("since"))

    objects = ChargePointQuerySet["WantedAvailability"].as_manager()

    class Meta:
        verbose_name = _("wanted availability")
        verbose_name_plural = _("wanted availabilities")
        ordering = ["charge_point", "evse_number", "connector_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["charge_point", "evse_number", "connector_number"], name="wanted_availability_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_wanted_display()} {self.evse_number}/{self.connector_number}"
