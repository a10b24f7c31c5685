"""Security events: what charge points report about their own safety."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class Severity(models.TextChoices):
    """How the specification classes an event; what it does not know is a notice."""

    CRITICAL = "critical", _("critical")
    ORDINARY = "ordinary", _("not critical")
    NOTICE = "notice", _("notice")


class SecurityEvent(models.Model):
    """One SecurityEventNotification (1.6 security extension A04, 2.x A04); `key` is made of its content.

    `is_open`: a person should look at it, and none has.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="security_events", verbose_name=_("charge point")
    )
    key = models.CharField(max_length=64, editable=False)
    kind = models.CharField(_("event"), max_length=50)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    tech_info = models.CharField(_("details"), max_length=255, blank=True)
    at = models.DateTimeField(_("time"))
    received_at = models.DateTimeField(_("received"))
    is_open = models.BooleanField(_("open"), default=False)
    acknowledged_at = models.DateTimeField(_("seen"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seen by"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = ChargePointQuerySet["SecurityEvent"].as_manager()

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["charge_point", "key"], name="security_event_once"),
        ]
        indexes = [
            models.Index(fields=["charge_point", "-id"]),
            models.Index(
                fields=["charge_point"], name="security_event_open", condition=models.Q(is_open=True)
            ),
        ]

    def __str__(self) -> str:
        return self.kind
