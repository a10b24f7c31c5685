"""Logs that charge points bring to an address of ours: one address for one log."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.log_job import LogJob
from emobility.lib.models import VisibleQuerySet


class LogUploadQuerySet(VisibleQuerySet["LogUpload"]):
    """Uploads of an organisation's charge points."""

    organization_path = "job__charge_point__organization_id"


def upload_file_name(upload: "LogUpload", name: str) -> str:
    """Where the file is kept: nothing of it comes from the charge point.

    Each attempt has a name of its own: of two at a time the one that came too late removes its own file.
    """
    attempt = secrets.token_hex(8)
    return f"logs/{upload.job.charge_point.organization_id}/{upload.job_id}-{upload.pk}-{attempt}"


class LogUpload(models.Model):
    """The address that a log job was given, by the digest of its token, and the file once it has come.

    `name` is what the charge point calls the file, `sha256` ours. `removed_at`: the file's time is over.
    """

    job = models.OneToOneField(LogJob, models.CASCADE, related_name="upload", verbose_name=_("log upload"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("may be brought until"))
    name = models.CharField(_("file"), max_length=255, blank=True)
    file = models.FileField(upload_to=upload_file_name, max_length=200, blank=True, editable=False)
    size = models.BigIntegerField(_("size (bytes)"), null=True, blank=True)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, blank=True)
    remote_address = models.CharField(_("from"), max_length=64, blank=True)
    brought_at = models.DateTimeField(_("brought"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = LogUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("brought log")
        verbose_name_plural = _("brought logs")
        ordering = ["-id"]
        indexes = [models.Index(fields=["brought_at"])]

    def __str__(self) -> str:
        return self.name or str(self.job)
