"""Charging profiles: limits over time at a charge point, ours and those that it reports."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from central.models.session import Session
from emobility.lib.models import VisibleQuerySet
from registry.models import ChargePoint, Organization


class Purpose(models.TextChoices):
    """What a profile limits, in the words of OCPP 2.x (1.6 says ChargePointMaxProfile)."""

    STATION_MAX = "ChargingStationMaxProfile", _("the whole charge point at most")
    TX_DEFAULT = "TxDefaultProfile", _("every session, unless it has its own")
    TX = "TxProfile", _("one session")
    PRIORITY = "PriorityCharging", _("sessions with priority")
    LOCAL_GENERATION = "LocalGeneration", _("on top, generated locally")
    EXTERNAL = "ChargingStationExternalConstraints", _("limit of an external system")


class Kind(models.TextChoices):
    """From when a profile's periods count."""

    ABSOLUTE = "Absolute", _("from a moment")
    RECURRING = "Recurring", _("again and again")
    RELATIVE = "Relative", _("from the start of charging")
    DYNAMIC = "Dynamic", _("updated at any time")


class ProfileState(models.TextChoices):
    """The life of a profile; `sent` and not answered may be installed, `reported` is another system's."""

    WANTED = "wanted", _("wanted")
    SENT = "sent", _("sent")
    INSTALLED = "installed", _("installed")
    REJECTED = "rejected", _("rejected")
    CLEARED = "cleared", _("cleared")
    REPORTED = "reported", _("reported by the charge point")


class ReportState(models.TextChoices):
    """How far a report of profiles is; `unasked`: sent without a request that we know."""

    REQUESTED = "requested", _("requested")
    RECEIVING = "receiving", _("receiving")
    COMPLETE = "complete", _("complete")
    EMPTY = "empty", _("no profiles")
    INCOMPLETE = "incomplete", _("incomplete")
    FAILED = "failed", _("failed")
    UNASKED = "unasked", _("not asked for")


class ProfileReport(models.Model):
    """A report of installed profiles (2.x K09); `number` is its requestId, `criteria` what was asked."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="profile_reports", verbose_name=_("charge point")
    )
    number = models.BigIntegerField(_("request"))
    evse_number = models.PositiveIntegerField(_("EVSE"), null=True, blank=True)
    criteria = models.JSONField(_("criteria"), default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ReportState.choices, default=ReportState.REQUESTED
    )
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    requested_at = models.DateTimeField(_("asked"))
    changed_at = models.DateTimeField(_("state since"))

    objects = VisibleQuerySet["ProfileReport"].as_manager()

    class Meta:
        verbose_name = _("report of profiles")
        verbose_name_plural = _("reports of profiles")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "number"]),
            models.Index(fields=["state", "changed_at"]),
        ]

    def __str__(self) -> str:
        return str(self.number)


class ChargingProfile(models.Model):
    """A charging profile at a charge point; `number` is OCPP's chargingProfileId there, ours or foreign.

    `schedules` are ChargingScheduleType of OCPP 2.1 whatever the version; `options` its further fields
    (dynUpdateInterval, maxOfflineDuration ...). Limits are in `unit`, W or A. A new attempt is a new row, the
    row that it replaces is cleared. `source` is who imposes the limit (CSO: we), `word` the charge point's
    answer or why the profile is gone.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="charging_profiles", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="charging_profiles", verbose_name=_("charge point")
    )
    number = models.BigIntegerField(_("profile"))
    evse_number = models.PositiveIntegerField(_("EVSE"), default=0)
    purpose = models.CharField(_("purpose"), max_length=40, choices=Purpose.choices)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    recurrency = models.CharField(_("recurrence"), max_length=10, blank=True)
    stack_level = models.IntegerField(_("stack level"), default=0)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_to = models.DateTimeField(_("valid until"), null=True, blank=True)
    transaction_id = models.CharField(_("transaction"), max_length=36, blank=True)
    session = models.ForeignKey(
        Session,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="charging_profiles",
        verbose_name=_("session"),
    )
    schedules = models.JSONField(_("schedules"), default=list)
    options = models.JSONField(_("further fields"), default=dict, blank=True)
    unit = models.CharField(_("unit"), max_length=1, blank=True)
    lowest = models.DecimalField(_("lowest limit"), max_digits=15, decimal_places=3, null=True, blank=True)
    highest = models.DecimalField(_("highest limit"), max_digits=15, decimal_places=3, null=True, blank=True)
    source = models.CharField(_("source"), max_length=20, default="CSO")
    state = models.CharField(
        _("state"), max_length=10, choices=ProfileState.choices, default=ProfileState.WANTED
    )
    word = models.CharField(_("charge point's word"), max_length=50, blank=True)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    report = models.ForeignKey(
        ProfileReport,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="profiles",
        verbose_name=_("latest report"),
    )
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)
    requested_at = models.DateTimeField(_("asked"))
    changed_at = models.DateTimeField(_("state since"))

    objects = VisibleQuerySet["ChargingProfile"].as_manager()

    class Meta:
        verbose_name = _("charging profile")
        verbose_name_plural = _("charging profiles")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "number"]),
            models.Index(fields=["charge_point", "state"]),
            models.Index(fields=["session", "state"]),
        ]

    def __str__(self) -> str:
        return str(self.number)
