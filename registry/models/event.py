"""The append-only event log: every fact that others may want to hear of, written with the fact."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from emobility.lib.outlets import Outlet
from registry.models.charge_point import ChargePoint
from registry.models.organization import Organization

SEQUENCE: Final = "numbering"
"""The reader that holds the end of the sequence."""
ROUND: Final = "round"
"""The reader whose turn is that of the one who goes round (services.event_rounds)."""


class Event(models.Model):
    """A fact: `kind` is dotted (`session.ended`), `subject` names the thing, `data` holds ids and values.

    `position` is given after the commit, in one sequence without gaps (services.event_numbers): who has read
    up to a position has missed nothing before it, whichever transaction was slow. Until then it is null.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("charge point"),
    )
    kind = models.CharField(_("kind"), max_length=64)
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    data = models.JSONField(_("data"), default=dict)
    at = models.DateTimeField(_("time"))
    position = models.BigIntegerField(_("position"), null=True, blank=True, editable=False)

    objects = VisibleQuerySet["Event"].as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["charge_point", "-id"]),
            models.Index(fields=["kind", "-id"]),
            # Two partial ones: writing a fact touches the first alone, numbering it the second alone.
            models.Index(fields=["id"], condition=models.Q(position=None), name="event_without_position"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["position"], condition=models.Q(position__isnull=False), name="event_position_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

    @property
    def uid(self) -> str:
        """The id that others know it by, the same in each attempt and each replay."""
        return f"evt_{self.pk}"


class EventReader(Outlet):
    """How far one reader of the whole log has come: the sequence itself, the Redis stream, MQTT."""

    name = models.CharField(_("name"), max_length=30, unique=True)
    position = models.BigIntegerField(_("position"), default=0)
    last_error = models.CharField(_("last error"), max_length=255, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)

    class Meta:
        verbose_name = _("reader of the event log")
        verbose_name_plural = _("readers of the event log")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
