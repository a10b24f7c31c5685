"""Firmware images that are kept here, and the addresses under which charge points fetch them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from registry.models import Organization


def image_file_name(image: "FirmwareImage", name: str) -> str:
    """Where the file is kept: nothing of it comes from outside."""
    return f"firmware/{image.organization_id}/{image.uid}"


class FirmwareImage(models.Model):
    """One file of firmware: what it is for, how it proves to be genuine.

    `signature` (base64) and `signing_certificate` (PEM) are the manufacturer's; `md5` is what a local
    controller is told when it publishes the file. `removed_at`: the file is gone, the row stays for its jobs.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="firmware_images", verbose_name=_("organisation")
    )
    vendor = models.CharField(_("vendor"), max_length=50)
    model = models.CharField(_("model"), max_length=50, blank=True)
    version = models.CharField(_("version"), max_length=50)
    name = models.CharField(_("file"), max_length=100)
    file = models.FileField(upload_to=image_file_name, max_length=200, editable=False)
    size = models.BigIntegerField(_("size (bytes)"))
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64)
    md5 = models.CharField(_("checksum (MD5)"), max_length=32)
    signature = models.CharField(_("signature"), max_length=800, blank=True)
    signing_certificate = models.CharField(_("signing certificate"), max_length=5500, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("added"))
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = VisibleQuerySet["FirmwareImage"].as_manager()

    class Meta:
        verbose_name = _("firmware image")
        verbose_name_plural = _("firmware images")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "vendor", "model", "version", "sha256"],
                condition=models.Q(removed_at=None),
                name="firmware_image_once",
            )
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.vendor, self.model, self.version) if part)


class FirmwareLink(models.Model):
    """An address for one order: good for any number of fetches until it expires; by its token's digest."""

    image = models.ForeignKey(FirmwareImage, models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    fetches = models.PositiveIntegerField(default=0)
    fetched_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link {self.pk}"
