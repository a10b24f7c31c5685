"""When charge points were not connected, from which availability is computed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class OfflineSpan(models.Model):
    """A time without a connection, by our clock; without an end it goes on."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="offline_spans", verbose_name=_("charge point")
    )
    began_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = ChargePointQuerySet["OfflineSpan"].as_manager()

    class Meta:
        verbose_name = _("time without connection")
        verbose_name_plural = _("times without connection")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["charge_point", "began_at"]),
            models.Index(
                fields=["charge_point"], name="offline_now", condition=models.Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M:%S}"
