"""The outbox: the latest state of each object that a partner must get, until it got it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from ocpi.models.partner import Partner


class DeliveryState(models.TextChoices):
    """Waiting, delivered, or given up on until a person looks."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    DEAD = "dead", _("given up")


class DeliveryQuerySet(VisibleQuerySet["Delivery"]):
    """Deliveries belong to an organisation through their partner."""

    organization_path = "partner__organization_id"


class Delivery(models.Model):
    """One object for one partner; `revision` grows with each change, so that the latest state wins.

    `source_at` is the change of our row that the revision stands for, `told_at` the one that the partner has.
    A worker claims a delivery by moving
    `next_attempt_at` to the end of its lease; `uncertain` says that an earlier request may have arrived
    although no answer came back.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="deliveries", verbose_name=_("partner"))
    module = models.CharField(_("module"), max_length=30)
    object_id = models.CharField(_("object"), max_length=64)
    source_id = models.BigIntegerField(_("our row"))
    source_at = models.DateTimeField(_("changed"))
    revision = models.PositiveIntegerField(_("revision"), default=1)
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    uncertain = models.BooleanField(_("may have arrived"), default=False)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    remote_url = models.URLField(_("at the partner"), max_length=255, blank=True)
    last_error = models.CharField(_("last error"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("made"))

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "module", "object_id"], name="delivery_once")
        ]
        indexes = [
            models.Index(fields=["partner", "state", "next_attempt_at"]),
            models.Index(fields=["state", "next_attempt_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.module} {self.object_id}"
