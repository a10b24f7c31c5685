"""Texts on the displays of charge points."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class DisplayState(models.TextChoices):
    """Whether the charge point has the message."""

    ORDERED = "ordered", _("ordered")
    INSTALLED = "installed", _("installed")
    REFUSED = "refused", _("refused")
    REMOVED = "removed", _("removed")
    LOST = "lost", _("never answered")


class DisplayMessage(models.Model):
    """A message by its `number` at a charge point (2.x O01-O06), ours or one that it reported.

    `contents` is `[{"format", "language", "content"}, ...]`, the main text first. `shown_state` limits
    it to a state of the charge point ("" = all), `display` names one of several displays.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="display_messages", verbose_name=_("charge point")
    )
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    number = models.BigIntegerField(_("number"))
    priority = models.CharField(_("priority"), max_length=20)
    shown_state = models.CharField(_("shown while"), max_length=20, blank=True)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    transaction_id = models.CharField(_("transaction"), max_length=36, blank=True)
    display: Any = models.JSONField(_("display"), null=True, blank=True)
    contents: Any = models.JSONField(_("texts"), default=list)
    state = models.CharField(
        _("state"), max_length=10, choices=DisplayState.choices, default=DisplayState.ORDERED
    )
    answer = models.CharField(_("answer"), max_length=30, blank=True)
    removed_because = models.CharField(_("removed because"), max_length=30, blank=True)
    created_at = models.DateTimeField(_("created"))
    installed_at = models.DateTimeField(_("installed"), null=True, blank=True)
    reported_at = models.DateTimeField(_("last reported"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    objects = ChargePointQuerySet["DisplayMessage"].as_manager()

    class Meta:
        verbose_name = _("display message")
        verbose_name_plural = _("display messages")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["charge_point", "number"], name="display_message_number"),
        ]
        indexes = [models.Index(fields=["state", "ends_at"])]

    def __str__(self) -> str:
        text = self.contents[0]["content"] if self.contents else ""
        return f"{self.number}: {text}"[:80]
