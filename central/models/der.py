"""Distributed energy resources: controls of the grid code, reports of what is installed, alarms (2.1 R)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class DerControlState(models.TextChoices):
    """The life of a control at its charge point."""

    REQUESTED = "requested", _("requested")
    INSTALLED = "installed", _("installed")
    ACTIVE = "active", _("in force")
    SUPERSEDED = "superseded", _("superseded")
    ENDED = "ended", _("ended")
    CLEARED = "cleared", _("cleared")
    GONE = "gone", _("not there any more")
    REFUSED = "refused", _("refused")
    UNDELIVERED = "undelivered", _("not delivered")


class DerControl(models.Model):
    """One DER control by its id (2.1 R04): a default one, or one with a start and a duration in seconds.

    `settings` is the field of the control type as OCPP writes it (curve, freqDroop ...). Priority 0 is the
    highest. What a charge point reports without having been told by us is kept in the same way.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="der_controls", verbose_name=_("charge point")
    )
    control_id = models.CharField(_("id"), max_length=36)
    control_type = models.CharField(_("control"), max_length=30, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    priority = models.PositiveIntegerField(_("priority"), default=0)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    duration_s = models.FloatField(_("duration (s)"), null=True, blank=True)
    settings = models.JSONField(_("settings"), default=dict)
    state = models.CharField(_("state"), max_length=12, choices=DerControlState.choices)
    changed_at = models.DateTimeField(_("state since"))
    word = models.CharField(_("charge point's word"), max_length=255, blank=True)
    started_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("in force until"), null=True, blank=True)
    reported_at = models.DateTimeField(_("last reported"), null=True, blank=True)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )

    objects = ChargePointQuerySet["DerControl"].as_manager()

    class Meta:
        verbose_name = _("DER control")
        verbose_name_plural = _("DER controls")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["charge_point", "control_id"], name="der_control_once")
        ]
        indexes = [models.Index(fields=["state", "changed_at"])]

    def __str__(self) -> str:
        return f"{self.control_type or self.control_id}"


class DerReportState(models.TextChoices):
    """How far a report of controls is."""

    REQUESTED = "requested", _("requested")
    COLLECTING = "collecting", _("collecting")
    COMPLETE = "complete", _("complete")
    INCOMPLETE = "incomplete", _("incomplete")
    NOTHING = "nothing", _("nothing there")
    REFUSED = "refused", _("refused")
    UNDELIVERED = "undelivered", _("not delivered")


class DerReport(models.Model):
    """A collection of ReportDERControl under one request id: ours, or one that we never asked for.

    `scope` is what was asked for (`is_default`, `control_type`, `control_id`), `parts` the prints of the
    messages that came, `found` the ids of the controls in them.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="der_reports", verbose_name=_("charge point")
    )
    request_id = models.BigIntegerField(_("request"))
    scope = models.JSONField(_("asked for"), default=dict, blank=True)
    parts = models.JSONField(_("parts"), default=list, blank=True)
    found = models.JSONField(_("controls"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=DerReportState.choices)
    asked_at = models.DateTimeField(_("asked"))
    changed_at = models.DateTimeField(_("state since"))
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )

    objects = ChargePointQuerySet["DerReport"].as_manager()

    class Meta:
        verbose_name = _("DER report")
        verbose_name_plural = _("DER reports")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "request_id"], name="der_report_once")]
        indexes = [models.Index(fields=["state", "changed_at"])]

    def __str__(self) -> str:
        return str(self.request_id)


class DerAlarm(models.Model):
    """A charge point deviates from its profile because of a grid event (2.1 R05), from start to end.

    There is one level of alarm: another control that takes over ends the one before (R05.FR.03, FR.04).
    An end whose start never came has no `started_at`.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="der_alarms", verbose_name=_("charge point")
    )
    control_type = models.CharField(_("control"), max_length=30)
    fault = models.CharField(_("grid event"), max_length=20, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    taken_over = models.BooleanField(_("another control took over"), default=False)
    info = models.CharField(_("said by the car"), max_length=400, blank=True)
    received_at = models.DateTimeField(_("received"))

    objects = ChargePointQuerySet["DerAlarm"].as_manager()

    class Meta:
        verbose_name = _("DER alarm")
        verbose_name_plural = _("DER alarms")
        ordering = ["-id"]
        indexes = [models.Index(fields=["charge_point", "ended_at"])]

    def __str__(self) -> str:
        return f"{self.control_type} {self.fault}".strip()
