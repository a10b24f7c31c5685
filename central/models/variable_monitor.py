"""Monitors: what a charge point watches by itself (2.x N02-N06)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.variable import Placed
from emobility.lib.models import ChargePointQuerySet


class VariableMonitor(Placed):
    """One monitor; `number` is the charge point's id of it, which may change when it restarts (N04.FR.19).

    `event_notification_type` is told by 2.1 alone; the stream's interval (s) and values are what was asked
    for. `gone_at` is set when it was cleared, or is missing from a whole report.
    """

    number = models.BigIntegerField(_("monitor"))
    monitor_type = models.CharField(_("type"), max_length=30)
    value = models.FloatField(_("value"))
    severity = models.BigIntegerField(_("severity"))
    transaction = models.BooleanField(_("only in transactions"), default=False)
    event_notification_type = models.CharField(_("origin"), max_length=25, blank=True)
    stream_interval = models.BigIntegerField(_("stream: seconds"), null=True, blank=True)
    stream_values = models.BigIntegerField(_("stream: values"), null=True, blank=True)
    told_at = models.DateTimeField(_("told"))
    gone_at = models.DateTimeField(_("gone"), null=True, blank=True)

    objects = ChargePointQuerySet["VariableMonitor"].as_manager()

    class Meta:
        verbose_name = _("monitor")
        verbose_name_plural = _("monitors")
        ordering = ["charge_point", "number"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "number"], name="monitor_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.words}"
