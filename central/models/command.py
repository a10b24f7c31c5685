"""Commands: durable orders to charge points."""

import uuid
from collections.abc import Collection
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.fields import EncryptedTextField
from emobility.lib.models import VisibleQuerySet
from registry.models import ChargePoint, Organization

ORDER_WORDS: dict[str, Any] = {}
"""What orders are called, by name; filled where they are registered (central.ocpp.intents)."""


def order_words(order: str) -> str:
    """What an order is called by people."""
    return str(ORDER_WORDS.get(order) or order.replace("_", " "))


class CommandState(models.TextChoices):
    """The life of a command; everything after `sent` is final, except that a late answer is recorded.

    Where more than one attempt was asked for, an attempt that brought no answer goes back to `queued`.
    """

    QUEUED = "queued", _("queued")
    SENT = "sent", _("sent")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    FAILED = "failed", _("failed")
    TIMED_OUT = "timed_out", _("timed out")
    UNKNOWN = "unknown", _("unknown")
    EXPIRED = "expired", _("expired")
    CANCELLED = "cancelled", _("cancelled")


class CommandQuerySet(VisibleQuerySet["Command"]):
    """Commands of an organisation."""

    def whole_in(self, states: Collection[str]) -> Self:
        """Whole orders whose state is one of `states`: that of all parts together where there are some."""
        found = models.Q(whole__in=states) | models.Q(whole="", state__in=states)
        return self.filter(found, part_of=None)


class Command(models.Model):
    """An order by intent (`remote_start`) with its parameters, and what became of it on the wire.

    An order that takes several messages is one to people: its first command has `parts`, and `whole` is the
    state of all of them together ('' for a command without parts). `asked` keeps, encrypted, the parameters
    of an order whose command holds something else, so that it can be placed once more.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="commands", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="commands", verbose_name=_("charge point")
    )
    order = models.CharField(_("order"), max_length=40)
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=CommandState.choices, default=CommandState.QUEUED
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    source = models.CharField(_("source"), max_length=20, default="system")
    reason = models.CharField(_("why"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("attempts at most"), default=1)
    not_before = models.DateTimeField(_("next attempt"), null=True, blank=True)
    retry_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="retries", verbose_name=_("repeats")
    )
    part_of = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )
    whole = models.CharField(_("state of all parts"), max_length=10, choices=CommandState.choices, blank=True)
    asked = EncryptedTextField(blank=True, editable=False)
    connection_id = models.UUIDField(null=True, blank=True, editable=False)
    message_id = models.CharField(_("message id"), max_length=36, blank=True)
    action = models.CharField(_("action"), max_length=50, blank=True)
    request = models.JSONField(_("request"), null=True, blank=True)
    answer = models.JSONField(_("answer"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("valid until"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = CommandQuerySet.as_manager()

    class Meta:
        verbose_name = _("command")
        verbose_name_plural = _("commands")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["charge_point", "state", "id"]),
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["state", "expires_at"]),
        ]

    def __str__(self) -> str:
        return f"{order_words(self.order)} #{self.pk}"

    @property
    def outcome(self) -> str:
        """The state of the order: of all its parts together where it has some."""
        return self.whole or self.state
