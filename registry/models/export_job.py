"""Exports in the background: who wants which rows in which form, how far it is, and the file."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from registry.models.organization import Organization


class ExportForm(models.TextChoices):
    """The format of the file."""

    CSV = "csv", _("CSV")
    JSONL = "jsonl", _("JSON lines")
    XLSX = "xlsx", _("Excel (XLSX)")
    PDF = "pdf", _("report (PDF)")


class ExportState(models.TextChoices):
    """The life of an export."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("under way")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("removed")


OPEN = (ExportState.QUEUED, ExportState.RUNNING)


class ExportJobQuerySet(VisibleQuerySet["ExportJob"]):
    """Exports; a file holds what its orderer may see, so colleagues of lesser rights do not see it."""

    def visible_to(self, actor: Any) -> Self:
        """Those of the organisation: all of them for its admins, else the actor's own.

        A service account of that role is such an admin only with the scope to manage.
        """
        rows = super().visible_to(actor)
        scopes = getattr(actor, "scopes_held", None)
        manages = getattr(actor, "role", "") == "admin" and (scopes is None or "manage" in scopes)
        if getattr(actor, "sees_all", False) or manages:
            return rows
        return rows.filter(user_id=actor.pk)


def export_file_name(job: "ExportJob", name: str) -> str:
    """Where the file is kept: nothing of it comes from outside; each attempt at a job has its own."""
    return f"exports/{job.organization_id or 'platform'}/{job.uid}-{job.run}.{job.form}"


class ExportJob(models.Model):
    """One export. `table` names it, `query` is the filter as a query string, in the words of `source`.

    `source` is `rest` (filters of /api/exports/) or `admin` (those of the list's page). `run` is the attempt
    that works on it: an older one that wakes up again changes nothing. `rows` counts while it runs.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    actor = models.CharField(_("by"), max_length=150)
    table = models.CharField(_("table"), max_length=50)
    form = models.CharField(_("format"), max_length=5, choices=ExportForm.choices)
    source = models.CharField(max_length=5, default="rest", editable=False)
    query = models.TextField(_("filter"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ExportState.choices, default=ExportState.QUEUED
    )
    rows = models.BigIntegerField(_("rows"), default=0)
    expected = models.BigIntegerField(_("rows in all"), null=True, blank=True)
    size = models.BigIntegerField(_("size (bytes)"), null=True, blank=True)
    file = models.FileField(upload_to=export_file_name, blank=True, max_length=200, editable=False)
    error = models.CharField(_("why"), max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    run = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(_("ordered"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["state", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.table}.{self.form}"
