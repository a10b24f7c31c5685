"""Meter values: one row for each time stamp that a charge point sampled at."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.session import Session
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class MeterValue(models.Model):
    """Samples of one moment: the usual ones in units of ours, all of them as received in `samples`.

    `register_wh` is Energy.Active.Import.Register in Wh, `power_w` Power.Active.Import in W, summed over the
    phases where only those were given. On PostgreSQL the table is partitioned by month: no foreign key
    points at it and its key contains `sampled_at` (`central.services.partitions`).
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.PROTECT, related_name="meter_values", verbose_name=_("charge point")
    )
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="meter_values", verbose_name=_("session")
    )
    evse_number = models.PositiveIntegerField(_("EVSE"), default=0)
    connector_number = models.PositiveIntegerField(_("connector"), default=0)
    sampled_at = models.DateTimeField(_("sampled"))
    received_at = models.DateTimeField(_("received"))
    context = models.CharField(_("context"), max_length=24, blank=True)
    register_wh = models.BigIntegerField(_("register (Wh)"), null=True, blank=True)
    power_w = models.IntegerField(_("power (W)"), null=True, blank=True)
    current_ma = models.IntegerField(_("current (mA)"), null=True, blank=True)
    voltage_mv = models.IntegerField(_("voltage (mV)"), null=True, blank=True)
    state_of_charge = models.PositiveSmallIntegerField(_("state of charge (%)"), null=True, blank=True)
    samples = models.JSONField(_("samples"), default=list)
    flags = models.JSONField(_("flags"), default=list, blank=True)

    objects = ChargePointQuerySet["MeterValue"].as_manager()

    class Meta:
        verbose_name = _("meter value")
        verbose_name_plural = _("meter values")
        ordering = ["sampled_at", "id"]
        indexes = [
            models.Index(fields=["session", "sampled_at"]),
            models.Index(fields=["charge_point", "-sampled_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.sampled_at:%Y-%m-%d %H:%M:%S}"
