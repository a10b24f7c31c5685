"""What a charge point said of a transaction, word for word: the source of each session and of its repeats."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.session import Session
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class SessionEvent(models.Model):
    """One start, update or stop; `key` is its content key, unique within the charge point.

    A repeat finds its row and gets the stored `answer`. An event that matches no session has none and says
    why in `quarantine_reason`: it waits for a person.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.PROTECT, related_name="session_events", verbose_name=_("charge point")
    )
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("session")
    )
    key = models.CharField(max_length=255)
    kind = models.CharField(_("kind"), max_length=10)
    seq_no = models.BigIntegerField(_("sequence number"), null=True, blank=True)
    at = models.DateTimeField(_("time"))
    received_at = models.DateTimeField(_("received"))
    payload = models.JSONField(_("payload"))
    answer = models.JSONField(_("answer"), default=dict)
    quarantine_reason = models.CharField(_("in quarantine because"), max_length=100, blank=True)

    objects = ChargePointQuerySet["SessionEvent"].as_manager()

    class Meta:
        verbose_name = _("session event")
        verbose_name_plural = _("session events")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "key"], name="session_event_once")]
        indexes = [
            models.Index(fields=["session", "id"]),
            models.Index(
                fields=["charge_point", "id"],
                condition=~models.Q(quarantine_reason=""),
                name="session_event_quarantine",
            ),
        ]

    def __str__(self) -> str:
        return self.key
