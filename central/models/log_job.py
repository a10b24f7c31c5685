"""Logs and diagnostics that charge points upload."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.job import Job


class LogKind(models.TextChoices):
    """Which log; the words of 2.x, and 1.6's diagnostics that had no kinds yet."""

    DIAGNOSTICS = "Diagnostics", _("diagnostics (1.6)")
    DIAGNOSTICS_LOG = "DiagnosticsLog", _("diagnostics log")
    SECURITY_LOG = "SecurityLog", _("security log")
    DATA_COLLECTOR_LOG = "DataCollectorLog", _("data collector's log")
    UNKNOWN = "", _("unknown")


class LogJob(Job):
    """An upload: 1.6 GetDiagnostics (§5.9), GetLog of the security extension and of 2.x (N01).

    `location` is where the file goes, without a password; `file_name` is what the charge point called it.
    """

    kind = models.CharField(_("log"), max_length=20, choices=LogKind.choices, blank=True)
    location = models.CharField(_("location"), max_length=2000, blank=True)
    oldest_at = models.DateTimeField(_("from"), null=True, blank=True)
    latest_at = models.DateTimeField(_("until"), null=True, blank=True)
    retries = models.PositiveIntegerField(_("tries"), null=True, blank=True)
    retry_interval = models.PositiveIntegerField(_("seconds between tries"), null=True, blank=True)
    file_name = models.CharField(_("file"), max_length=255, blank=True)
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("given up for")
    )

    class Meta(Job.Meta):
        verbose_name = _("log upload")
        verbose_name_plural = _("log uploads")

    def __str__(self) -> str:
        return self.file_name or str(self.get_kind_display()).capitalize()
