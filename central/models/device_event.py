"""Events of the device model: what monitors and hardware of a charge point reported (2.x N07, N08)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.variable import Placed
from emobility.lib.models import ChargePointQuerySet


class DeviceEvent(Placed):
    """One event, word for word; `cause` is the event id of the one behind it, `digest` tells repeats.

    `severity` is the event's own (2.1), or that of its monitor where we know it: 0 danger ... 9 debug.
    """

    event_id = models.BigIntegerField(_("event"))
    at = models.DateTimeField(_("time"))
    received_at = models.DateTimeField(_("received"))
    trigger = models.CharField(_("trigger"), max_length=10)
    event_notification_type = models.CharField(_("origin"), max_length=25)
    actual_value = models.TextField(_("value"), blank=True)
    cleared = models.BooleanField(_("cleared"), null=True, blank=True)
    cause = models.BigIntegerField(_("caused by event"), null=True, blank=True)
    severity = models.BigIntegerField(_("severity"), null=True, blank=True)
    tech_code = models.CharField(_("technical code"), max_length=50, blank=True)
    tech_info = models.CharField(_("technical information"), max_length=500, blank=True)
    transaction_id = models.CharField(_("transaction"), max_length=36, blank=True)
    monitor_number = models.BigIntegerField(_("monitor"), null=True, blank=True)
    digest = models.CharField(max_length=40, editable=False)

    objects = ChargePointQuerySet["DeviceEvent"].as_manager()

    class Meta:
        verbose_name = _("device event")
        verbose_name_plural = _("device events")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "digest"], name="device_event_once")]
        indexes = [
            models.Index(fields=["charge_point", "-at"]),
            models.Index(fields=["received_at"]),
            models.Index(fields=["severity", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.words}"
