"""Bulk commands: one order to many charge points, planned, confirmed, sent out in portions."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command, order_words
from emobility.lib.fields import EncryptedTextField
from emobility.lib.models import VisibleQuerySet
from registry.models import ChargePoint, Organization


class BulkState(models.TextChoices):
    """The life of a bulk command; nothing leaves before it is confirmed."""

    PLANNED = "planned", _("planned")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class BulkCommand(models.Model):
    """An order with its parameters for a selection: its targets are written down when it is planned.

    `next_at` is when the next portion may leave; `valid_seconds` and `max_attempts` are each command's. Where
    the parameters hold an address with a password or a key, `params` shows it without, and `asked` keeps them
    as they were, encrypted, until all is ordered.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="bulk_commands", verbose_name=_("organisation")
    )
    order = models.CharField(_("order"), max_length=40)
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    asked = EncryptedTextField(blank=True, editable=False)
    selection = models.JSONField(_("selection"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=BulkState.choices, default=BulkState.PLANNED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    reason = models.CharField(_("why"), max_length=200, blank=True)
    valid_seconds = models.PositiveIntegerField(_("valid for (s)"), default=300)
    max_attempts = models.PositiveSmallIntegerField(_("attempts at most"), default=1)
    created_at = models.DateTimeField(_("planned"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    finished_at = models.DateTimeField(_("all ordered"), null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VisibleQuerySet["BulkCommand"].as_manager()

    class Meta:
        verbose_name = _("bulk command")
        verbose_name_plural = _("bulk commands")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["state", "next_at"]),
        ]

    def __str__(self) -> str:
        return f"{order_words(self.order)} #{self.pk}"


class TargetState(models.TextChoices):
    """What became of the order for one charge point before it is a command."""

    WAITING = "waiting", _("waiting")
    ORDERED = "ordered", _("ordered")
    SKIPPED = "skipped", _("skipped")


class BulkTarget(models.Model):
    """One charge point of a bulk command: waiting, skipped for a reason, or with its command."""

    bulk = models.ForeignKey(
        BulkCommand, models.CASCADE, related_name="targets", verbose_name=_("bulk command")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="bulk_targets", verbose_name=_("charge point")
    )
    state = models.CharField(
        _("state"), max_length=8, choices=TargetState.choices, default=TargetState.WAITING
    )
    skip_reason = models.CharField(_("skipped because"), max_length=200, blank=True)
    command = models.OneToOneField(
        Command,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="bulk_target",
        verbose_name=_("command"),
    )

    class Meta:
        verbose_name = _("charge point of a bulk command")
        verbose_name_plural = _("charge points of bulk commands")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["bulk", "charge_point"], name="bulk_target_once")]
        indexes = [models.Index(fields=["bulk", "state", "id"])]

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.state}"
