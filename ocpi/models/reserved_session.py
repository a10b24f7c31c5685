"""Reservations of partners' drivers as the sessions that partners are told (OCPI 2.2.1 §9.1.4)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models import IdToken, Reservation, Session
from emobility.lib.models import VisibleQuerySet
from registry.models import Organization


class ReservedSession(models.Model):
    """A session that began as a reservation: `uid` is its Session.id for partners, before and after.

    `started_at` is when the charge point took the reservation. `session` is the one that used it; without one
    at `ended_at` it came to nothing. `by_command` and `authorization_reference` as the partner asked for it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    reservation = models.ForeignKey(
        Reservation, models.CASCADE, related_name="+", verbose_name=_("reservation")
    )
    id_token = models.ForeignKey(IdToken, models.CASCADE, related_name="+", verbose_name=_("id token"))
    session = models.OneToOneField(
        Session,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="reserved",
        verbose_name=_("used by session"),
    )
    by_command = models.BooleanField(_("by command"), default=False)
    authorization_reference = models.CharField(_("authorisation reference"), max_length=36, blank=True)
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    last_updated = models.DateTimeField(_("last updated"))

    objects = VisibleQuerySet["ReservedSession"].as_manager()

    class Meta:
        verbose_name = _("reservation told as session")
        verbose_name_plural = _("reservations told as sessions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reservation"],
                name="reserved_session_open_once",
                condition=models.Q(session=None, ended_at=None),
            )
        ]
        indexes = [models.Index(fields=["organization", "last_updated"])]

    def __str__(self) -> str:
        return str(self.uid)
