"""Checks of partners: what was asked, what was found."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from ocpi.models.partner import Partner


class ProbeState(models.TextChoices):
    """Asked for, under way, or with a result."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")


class ProbeQuerySet(VisibleQuerySet["Probe"]):
    """Checks belong to an organisation through their partner."""

    organization_path = "partner__organization_id"


class Probe(models.Model):
    """One check of one partner; it only reads.

    `findings` is a list of {"about", "outcome", "says"}: outcome is good, odd (we can live with it) or bad.
    Its messages have `correlation_id`.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="probes", verbose_name=_("partner"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    state = models.CharField(_("state"), max_length=8, choices=ProbeState.choices, default=ProbeState.WAITING)
    created_at = models.DateTimeField(_("asked for"))
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    correlation_id = models.CharField(_("correlation id"), max_length=64, blank=True)
    findings = models.JSONField(_("findings"), default=list)
    good = models.PositiveIntegerField(_("good"), default=0)
    odd = models.PositiveIntegerField(_("odd"), default=0)
    bad = models.PositiveIntegerField(_("bad"), default=0)

    objects = ProbeQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner check")
        verbose_name_plural = _("partner checks")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "created_at"]), models.Index(fields=["partner", "-id"])]

    def __str__(self) -> str:
        return f"{self.partner} {self.created_at:%Y-%m-%d %H:%M}"
