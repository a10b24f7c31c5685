"""Vendor messages: what came and went by DataTransfer, kept whoever understands it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from central.models.message import Direction
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class DataTransfer(models.Model):
    """One DataTransfer, of the charge point or ours, and how the other side answered."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="data_transfers", verbose_name=_("charge point")
    )
    direction = models.CharField(
        _("direction"), max_length=3, choices=Direction.choices, default=Direction.IN
    )
    vendor_id = models.CharField(_("vendor"), max_length=255)
    vendor_message_id = models.CharField(_("vendor's message"), max_length=50, blank=True)
    data = models.JSONField(_("data"), null=True)
    answer = models.JSONField(_("answer's data"), null=True)
    status = models.CharField(_("answered"), max_length=20)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    at = models.DateTimeField(_("time"))

    objects = ChargePointQuerySet["DataTransfer"].as_manager()

    class Meta:
        verbose_name = _("vendor message")
        verbose_name_plural = _("vendor messages")
        ordering = ["-id"]
        indexes = [models.Index(fields=["charge_point", "-at"])]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.vendor_message_id}".strip()
