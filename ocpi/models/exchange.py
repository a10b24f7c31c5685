"""The OCPI message log: each request with its answer, secrets masked."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from ocpi.models.partner import Partner
from registry.models import Organization


class Exchange(models.Model):
    """One request and its answer, in either direction."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    partner = models.ForeignKey(
        Partner, models.SET_NULL, null=True, blank=True, related_name="exchanges", verbose_name=_("partner")
    )
    outgoing = models.BooleanField(_("sent by us"))
    method = models.CharField(_("method"), max_length=7)
    url = models.CharField(_("URL"), max_length=500)
    module = models.CharField(_("module"), max_length=30, blank=True)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True)
    handshake = models.CharField(max_length=40, blank=True, editable=False)
    """The registration that the message belongs to, if any: all its steps have the same word."""
    request_body = models.JSONField(_("request"), null=True)
    response_body = models.JSONField(_("answer"), null=True)
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    status_code = models.PositiveSmallIntegerField(_("OCPI status"), null=True)
    error = models.CharField(_("error"), max_length=255, blank=True)
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), null=True)
    at = models.DateTimeField(_("time"))

    objects = VisibleQuerySet["Exchange"].as_manager()

    class Meta:
        verbose_name = _("OCPI message")
        verbose_name_plural = _("OCPI messages")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["partner", "-id"]),
            models.Index(fields=["correlation_id"]),
            models.Index(
                fields=["handshake"], condition=~models.Q(handshake=""), name="exchange_by_handshake"
            ),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url}"
