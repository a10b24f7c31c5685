"""The append-only event log: every fact that others may want to hear of, written with the fact."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from registry.models.charge_point import ChargePoint
from registry.models.organization import Organization


class Event(models.Model):
    """A fact: `kind` is dotted (`session.ended`), `subject` names the thing, `data` holds ids and values."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("charge point"),
    )
    kind = models.CharField(_("kind"), max_length=64)
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    data = models.JSONField(_("data"), default=dict)
    at = models.DateTimeField(_("time"))

    objects = VisibleQuerySet["Event"].as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "-id"]),
            models.Index(fields=["kind", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()
