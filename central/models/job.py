"""What jobs share: work of a charge point that an order began and later messages tell about."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class JobState(models.TextChoices):
    """The life of a job; what the charge point reports later can still change any of them."""

    ORDERED = "ordered", _("ordered")
    RUNNING = "running", _("under way")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("given up")
    LOST = "lost", _("never answered")


OPEN_STATES = (JobState.ORDERED, JobState.RUNNING, JobState.LOST)
"""Jobs that may still move; a lost one may have arrived all the same."""


class Job(models.Model):
    """One job: its order, where it stands in our words (`state`) and in the protocol's (`status`).

    `request_id` ties messages to it where the version has one: the number of the command. `history` holds
    `{"status", "at", "info"}` of each change, oldest first. `unsolicited`: reported without an order of ours.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="%(class)ss", verbose_name=_("charge point")
    )
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    request_id = models.BigIntegerField(_("request number"), null=True, blank=True)
    unsolicited = models.BooleanField(_("not ordered here"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.ORDERED)
    answer = models.CharField(_("answer"), max_length=30, blank=True)
    status = models.CharField(_("reported"), max_length=30, blank=True)
    status_info = models.CharField(_("reported with it"), max_length=1100, blank=True)
    history: Any = models.JSONField(_("history"), default=list, blank=True)
    created_at = models.DateTimeField(_("ordered at"))
    status_at = models.DateTimeField(_("reported at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: Any = ChargePointQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["charge_point", "-id"]),
            models.Index(fields=["charge_point", "request_id"]),
            models.Index(fields=["command"]),
        ]
