"""Connectors and the state that they last reported."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.evse import Evse
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class Connector(models.Model):
    """A plug or socket: `status` is the protocol's own word (1.6: nine values, 2.x: five)."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="connectors", verbose_name=_("charge point")
    )
    evse = models.ForeignKey(Evse, models.CASCADE, related_name="connectors", verbose_name=_("EVSE"))
    number = models.PositiveIntegerField(_("connector"), default=1)
    status = models.CharField(_("state"), max_length=20, blank=True)
    status_at = models.DateTimeField(_("state since"), null=True, blank=True)
    error_code = models.CharField(_("error"), max_length=30, blank=True)
    error_info = models.CharField(_("error text"), max_length=255, blank=True)
    vendor_id = models.CharField(_("vendor"), max_length=255, blank=True)
    vendor_error_code = models.CharField(_("vendor's error"), max_length=50, blank=True)
    max_power_w = models.PositiveIntegerField(_("power (W)"), null=True, blank=True)

    objects = ChargePointQuerySet["Connector"].as_manager()

    class Meta:
        verbose_name = _("connector")
        verbose_name_plural = _("connectors")
        ordering = ["charge_point", "evse", "number"]
        constraints = [models.UniqueConstraint(fields=["evse", "number"], name="connector_number_once")]

    def __str__(self) -> str:
        return f"{self.evse} / {self.number}"
