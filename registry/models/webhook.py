"""Webhooks: where an organisation wants to hear of events, what waits for it, and each attempt."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.fields import EncryptedTextField
from emobility.lib.models import TimeStamped, VisibleQuerySet
from emobility.lib.outlets import Outlet
from registry.models.charge_point import ChargePoint
from registry.models.event import Event
from registry.models.group import ChargePointGroup
from registry.models.organization import Organization
from registry.models.site import Site
from registry.models.user import User


class WebhookEndpoint(TimeStamped, Outlet):
    """An address that gets the events whose kind fits `kinds` and whose charge point fits the places.

    `position` is how far the event log was put into deliveries. `previous_secret` signs beside `secret` until
    `previous_until`. `headers` are JSON, encrypted: they may hold a key. `paused_at`: no more attempts until
    a person resumes it; the event log keeps what it misses. `origin` marks rows that settings made.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="webhooks", verbose_name=_("organisation")
    )
    uid = models.UUIDField(_("uid"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    url = models.URLField(_("URL"), max_length=500)
    kinds = models.JSONField(_("kinds"), default=list)
    sites = models.ManyToManyField(Site, blank=True, related_name="+", verbose_name=_("sites"))
    groups = models.ManyToManyField(
        ChargePointGroup, blank=True, related_name="+", verbose_name=_("groups of charge points")
    )
    charge_points = models.ManyToManyField(
        ChargePoint, blank=True, related_name="+", verbose_name=_("charge points")
    )
    headers = EncryptedTextField(blank=True, editable=False)
    secret = EncryptedTextField(editable=False)
    previous_secret = EncryptedTextField(blank=True, editable=False)
    previous_until = models.DateTimeField(_("old secret good until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    pause_reason = models.CharField(_("reason of the pause"), max_length=255, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=255, blank=True)
    latency_ms = models.PositiveIntegerField(_("answers after (ms)"), default=0)
    position = models.BigIntegerField(_("position"), default=0)
    origin = models.CharField(max_length=20, blank=True, editable=False)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )

    objects = VisibleQuerySet["WebhookEndpoint"].as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="webhook_name_once"),
            models.UniqueConstraint(
                fields=["origin"], condition=~models.Q(origin=""), name="webhook_origin_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookState(models.TextChoices):
    """Waiting, delivered, or given up on until a person looks."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    DEAD = "dead", _("given up")


class WebhookDeliveryQuerySet(VisibleQuerySet["WebhookDelivery"]):
    """Deliveries belong to an organisation through their endpoint."""

    organization_path = "endpoint__organization_id"


class WebhookDelivery(models.Model):
    """One event for one endpoint; within a `lane` (a charge point, 0: none) in order of `position`."""

    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    event = models.ForeignKey(Event, models.CASCADE, related_name="+", verbose_name=_("event"))
    lane = models.BigIntegerField(default=0, editable=False)
    position = models.BigIntegerField(editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=WebhookState.choices, default=WebhookState.WAITING
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("made"))

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_delivery_once")]
        indexes = [
            models.Index(
                fields=["endpoint", "lane", "position"],
                condition=models.Q(state="waiting"),
                name="webhook_waiting_by_lane",
            ),
            models.Index(
                fields=["endpoint", "position"],
                condition=models.Q(state="waiting"),
                name="webhook_waiting_in_order",
            ),
            models.Index(fields=["endpoint", "-id"]),
            models.Index(fields=["state", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.event}"


class WebhookAttemptQuerySet(VisibleQuerySet["WebhookAttempt"]):
    """Attempts belong to an organisation through their endpoint."""

    organization_path = "delivery__endpoint__organization_id"


class WebhookAttempt(models.Model):
    """One request: when, how long it took, what came back (an excerpt)."""

    delivery = models.ForeignKey(
        WebhookDelivery, models.CASCADE, related_name="log", verbose_name=_("delivery")
    )
    at = models.DateTimeField(_("time"))
    duration_ms = models.PositiveIntegerField(_("duration (ms)"))
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=255, blank=True)
    excerpt = models.TextField(_("answer"), blank=True)

    objects = WebhookAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        ordering = ["-id"]
        indexes = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.error}"
