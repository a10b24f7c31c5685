"""Enrolment tokens: what lets a new charge point register itself in production."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import TimeStamped, VisibleQuerySet
from registry.models.organization import Organization
from registry.models.site import Site


class EnrolmentToken(TimeStamped):
    """A secret for one id or one prefix, good for `max_uses` registrations until `expires_at`."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="enrolment_tokens", verbose_name=_("organisation")
    )
    site = models.ForeignKey(Site, models.SET_NULL, null=True, blank=True, verbose_name=_("site"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    cp_id = models.CharField(_("charge point id"), max_length=48, blank=True)
    prefix = models.CharField(_("id prefix"), max_length=48, blank=True)
    max_uses = models.PositiveIntegerField(_("uses allowed"), default=1)
    uses = models.PositiveIntegerField(_("uses"), default=0)
    reissue = models.BooleanField(_("may replace credentials"), default=False)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )

    objects = VisibleQuerySet["EnrolmentToken"].as_manager()

    class Meta:
        verbose_name = _("enrolment token")
        verbose_name_plural = _("enrolment tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.cp_id or f"{self.prefix}*"
