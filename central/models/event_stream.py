"""Periodic event streams of OCPP 2.1: many values of one monitor, sent without acknowledgement (N11-N15)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class EventStream(models.Model):
    """One stream; `number` is the charge point's id of it, `monitor_number` the monitor behind it.

    The monitor is unknown where values came for a stream that nobody had opened. `interval` (s) and
    `values_each` tell when the charge point sends; `pending` how many values it held back the last time.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="event_streams", verbose_name=_("charge point")
    )
    number = models.BigIntegerField(_("stream"))
    monitor_number = models.BigIntegerField(_("monitor"), null=True, blank=True)
    interval = models.BigIntegerField(_("seconds between sendings"), null=True, blank=True)
    values_each = models.BigIntegerField(_("values of a sending"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    last_at = models.DateTimeField(_("latest values"), null=True, blank=True)
    pending = models.BigIntegerField(_("held back"), default=0)
    received = models.BigIntegerField(_("values received"), default=0)

    objects = ChargePointQuerySet["EventStream"].as_manager()

    class Meta:
        verbose_name = _("event stream")
        verbose_name_plural = _("event streams")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "number"], name="event_stream_once")]

    def __str__(self) -> str:
        return str(self.number)


class EventStreamValue(models.Model):
    """One value of a stream; `at` is the charge point's time."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="event_stream_values", verbose_name=_("charge point")
    )
    stream = models.ForeignKey(
        EventStream, models.CASCADE, related_name="values", verbose_name=_("event stream")
    )
    at = models.DateTimeField(_("time"))
    value = models.TextField(_("value"))
    digest = models.CharField(max_length=16, editable=False)
    received_at = models.DateTimeField(_("received"))

    objects = ChargePointQuerySet["EventStreamValue"].as_manager()

    class Meta:
        verbose_name = _("value of an event stream")
        verbose_name_plural = _("values of event streams")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "at", "digest"], name="event_stream_value_once")
        ]
        indexes = [models.Index(fields=["received_at"])]

    def __str__(self) -> str:
        return self.value
