"""Firmware: updates of a charge point, and files that a local controller offers to others."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.firmware_image import FirmwareImage
from central.models.job import Job


class FirmwareKind(models.TextChoices):
    """What is done with the firmware."""

    UPDATE = "update", _("update")
    PUBLISH = "publish", _("publication")


class FirmwareJob(Job):
    """An update (1.6 §5.19, security extension L01; 2.x L01, L02) or a publication (2.x L03).

    `location` carries no password. An update is confirmed when a boot tells a firmware version other than
    `version_before`, or the one that was expected. `published` lists the addresses at a local controller.
    """

    kind = models.CharField(
        _("kind"), max_length=10, choices=FirmwareKind.choices, default=FirmwareKind.UPDATE
    )
    signed = models.BooleanField(_("signed"), default=False)
    location = models.CharField(_("location"), max_length=2000, blank=True)
    checksum = models.CharField(_("checksum (MD5)"), max_length=32, blank=True)
    published: Any = models.JSONField(_("published at"), default=list, blank=True)
    retrieve_at = models.DateTimeField(_("fetch from"), null=True, blank=True)
    install_at = models.DateTimeField(_("install from"), null=True, blank=True)
    retries = models.PositiveIntegerField(_("tries"), null=True, blank=True)
    retry_interval = models.PositiveIntegerField(_("seconds between tries"), null=True, blank=True)
    version_expected = models.CharField(_("expected version"), max_length=50, blank=True)
    version_before = models.CharField(_("version before"), max_length=50, blank=True)
    version_after = models.CharField(_("version after"), max_length=50, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed by a boot"), null=True, blank=True)
    image = models.ForeignKey(
        FirmwareImage,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("image"),
    )
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("given up for")
    )

    class Meta(Job.Meta):
        verbose_name = _("firmware job")
        verbose_name_plural = _("firmware jobs")

    def __str__(self) -> str:
        name = self.location.rsplit("/", 1)[-1] or self.checksum
        return f"{str(self.get_kind_display()).capitalize()} {name}".strip()
