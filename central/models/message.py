"""The message log: every frame in both directions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class Direction(models.TextChoices):
    """Who sent the frame."""

    IN = "in", _("from charge point")
    OUT = "out", _("to charge point")


class MessageKind(models.IntegerChoices):
    """The frame's message type (OCPP-J §4.1.3)."""

    CALL = 2, _("request")
    RESULT = 3, _("answer")
    ERROR = 4, _("error")
    RESULT_ERROR = 5, _("error in answer")
    SEND = 6, _("unanswered message")
    MALFORMED = 0, _("malformed")


class Message(models.Model):
    """One frame, secrets masked. On PostgreSQL partitioned by day: no foreign key points here, and the
    table's key contains `at` (`central.services.partitions`).
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="messages", verbose_name=_("charge point")
    )
    connection_id = models.UUIDField(null=True)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices)
    kind = models.PositiveSmallIntegerField(_("kind"), choices=MessageKind.choices)
    action = models.CharField(_("action"), max_length=50, blank=True)
    message_id = models.CharField(_("message id"), max_length=36, blank=True)
    payload = models.JSONField(_("payload"), null=True)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    size = models.PositiveIntegerField(_("size (bytes)"), default=0)
    latency_ms = models.PositiveIntegerField(_("answered after (ms)"), null=True)
    at = models.DateTimeField(_("time"))

    objects = ChargePointQuerySet["Message"].as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        indexes = [models.Index(fields=["charge_point", "-at"]), models.Index(fields=["message_id"])]

    def __str__(self) -> str:
        return f"{self.direction} {self.action} {self.message_id}"
