"""Reservations: an EVSE kept free for a tag until a time, and what became of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from central.models.session import Session
from emobility.lib.models import VisibleQuerySet
from registry.models import ChargePoint, Organization


class ReservationState(models.TextChoices):
    """The life of a reservation; `unknown`: nobody can say whether the charge point holds it."""

    REQUESTED = "requested", _("requested")
    ACTIVE = "active", _("active")
    REJECTED = "rejected", _("rejected")
    USED = "used", _("used")
    EXPIRED = "expired", _("expired")
    REMOVED = "removed", _("removed by the charge point")
    CANCELLED = "cancelled", _("cancelled")
    UNKNOWN = "unknown", _("unknown")


class Reservation(models.Model):
    """What we asked a charge point to keep free; `number` is OCPP's reservationId there, chosen by us.

    `evse_number` is empty where any EVSE will do. `word` is the charge point's latest own word about it
    (`Occupied`, `Removed`), `session` the one that used it, or that bills one which expired. `held_at`: since
    when the charge point holds it.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="reservations", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="reservations", verbose_name=_("charge point")
    )
    number = models.BigIntegerField(_("reservation"))
    evse_number = models.PositiveIntegerField(_("EVSE"), null=True, blank=True)
    connector_type = models.CharField(_("type of connector"), max_length=20, blank=True)
    id_tag = models.CharField(_("tag"), max_length=255)
    id_tag_type = models.CharField(_("type of tag"), max_length=20, blank=True)
    group = models.CharField(_("group"), max_length=255, blank=True)
    held_at = models.DateTimeField(_("held since"), null=True, blank=True)
    expires_at = models.DateTimeField(_("until"))
    state = models.CharField(
        _("state"), max_length=10, choices=ReservationState.choices, default=ReservationState.REQUESTED
    )
    word = models.CharField(_("charge point's word"), max_length=20, blank=True)
    session = models.ForeignKey(
        Session,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reservations",
        verbose_name=_("used by session"),
    )
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    requested_at = models.DateTimeField(_("asked"))
    changed_at = models.DateTimeField(_("state since"))

    objects = VisibleQuerySet["Reservation"].as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["charge_point", "number"], name="reservation_number_once")
        ]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "state"]),
            models.Index(fields=["state", "expires_at"]),
        ]

    def __str__(self) -> str:
        return str(self.number)
