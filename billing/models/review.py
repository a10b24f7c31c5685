"""The review queue: what does not add up waits here for a person, and who decided what stays here."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.cdr import Cdr
from central.models import Session, SessionEvent
from emobility.lib.models import VisibleQuerySet
from registry.models import Organization, User


class Decision(models.TextChoices):
    """What became of a case; an open one has none."""

    OPEN = "", _("open")
    ACCEPTED = "accepted", _("accepted as it is")
    REPAIRED = "repaired", _("repaired")
    WAIVED = "waived", _("billed nothing")
    LINKED = "linked", _("linked to a session")
    DISMISSED = "dismissed", _("kept as evidence only")
    SETTLED = "settled", _("settled by itself: the charge point reported what was missing")


class Review(models.Model):
    """One case: a held CDR, a session in doubt before its CDR, or a message in quarantine (`event`).

    `repair` holds what a person put instead of what was reported: `{energy_wh, started_at, ended_at}`.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="reviews", verbose_name=_("organisation")
    )
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="reviews", verbose_name=_("session")
    )
    cdr = models.ForeignKey(
        Cdr, models.PROTECT, null=True, blank=True, related_name="reviews", verbose_name=_("CDR")
    )
    event = models.OneToOneField(
        SessionEvent, models.PROTECT, null=True, blank=True, related_name="review", verbose_name=_("message")
    )
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision.choices, default=Decision.OPEN, blank=True
    )
    note = models.CharField(_("why"), max_length=200, blank=True)
    repair = models.JSONField(_("repair"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = VisibleQuerySet["Review"].as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=models.Q(decision="", event__isnull=True),
                name="one_open_review_per_session",
            ),
            models.UniqueConstraint(fields=["cdr", "decision"], name="each_decision_once_per_cdr"),
        ]
        indexes = [
            models.Index(fields=["organization", "decision", "-id"]),
            models.Index(fields=["opened_at"], condition=models.Q(decision=""), name="review_open"),
        ]

    def __str__(self) -> str:
        return f"{_('Review')} {self.pk}"

    @property
    def is_open(self) -> bool:
        """True while nobody decided."""
        return self.decision == Decision.OPEN
