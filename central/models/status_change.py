"""The history of states, from which availability is computed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class StatusChange(models.Model):
    """One reported state; EVSE and connector 0 mean the whole charge point."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="status_changes", verbose_name=_("charge point")
    )
    evse_number = models.PositiveIntegerField(_("EVSE"))
    connector_number = models.PositiveIntegerField(_("connector"))
    status = models.CharField(_("state"), max_length=20)
    error_code = models.CharField(_("error"), max_length=30, blank=True)
    at = models.DateTimeField(_("time"))
    received_at = models.DateTimeField(_("received"))

    objects = ChargePointQuerySet["StatusChange"].as_manager()

    class Meta:
        verbose_name = _("state change")
        verbose_name_plural = _("state changes")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["charge_point", "-received_at"]),
            models.Index(fields=["-id"], name="status_fault", condition=models.Q(status="Faulted")),
        ]

    def __str__(self) -> str:
        return f"{self.evse_number}/{self.connector_number} {self.status}"
