"""What is pulled from partners: how far each list was read, and what a full round saw."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from ocpi.models.partner import Partner


class PullStateQuerySet(VisibleQuerySet["PullState"]):
    """States belong to an organisation through their partner."""

    organization_path = "partner__organization_id"


class PullState(models.Model):
    """One list of one partner (OCPI 2.2.1 §4.1.4).

    A round reads the list page by page; `next_url` is where the one under way goes on. `mark` is the latest
    `last_updated` that was seen, by the partner's clock: the next round asks from there on, with an overlap.
    A full round (`is_full`) asks for everything and notes each object, so that what is gone can be swept.
    """

    partner = models.ForeignKey(
        Partner, models.CASCADE, related_name="pull_states", verbose_name=_("partner")
    )
    module = models.CharField(_("module"), max_length=30)
    mark = models.DateTimeField(_("read up to"), null=True, blank=True)
    due_at = models.DateTimeField(_("next due"))
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    wants_full = models.BooleanField(_("full round next"), default=True)
    started_at = models.DateTimeField(_("round began"), null=True, blank=True)
    is_full = models.BooleanField(_("full round"), default=False)
    next_url = models.CharField(_("goes on at"), max_length=1000, blank=True)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    total = models.PositiveIntegerField(_("total"), null=True, blank=True)
    count = models.PositiveIntegerField(_("objects"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    newest = models.DateTimeField(null=True, blank=True, editable=False)
    last_at = models.DateTimeField(_("last round"), null=True, blank=True)
    last_full_at = models.DateTimeField(_("last full round"), null=True, blank=True)
    last_count = models.PositiveIntegerField(_("objects in the last round"), default=0)
    last_swept = models.PositiveIntegerField(_("swept in the last full round"), default=0)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    error = models.CharField(_("error"), max_length=255, blank=True)

    objects = PullStateQuerySet.as_manager()

    class Meta:
        verbose_name = _("pull")
        verbose_name_plural = _("pulls")
        ordering = ["partner", "module"]
        constraints = [models.UniqueConstraint(fields=["partner", "module"], name="pull_state_once")]
        indexes = [models.Index(fields=["due_at"])]

    def __str__(self) -> str:
        return f"{self.partner} {self.module}"


class PullSeenQuerySet(VisibleQuerySet["PullSeen"]):
    """What was seen belongs to an organisation through its partner."""

    organization_path = "state__partner__organization_id"


class PullSeen(models.Model):
    """An object that the full round under way saw: "CC/PID/ID", upper case."""

    state = models.ForeignKey(PullState, models.CASCADE, related_name="seen", verbose_name=_("pull"))
    key = models.CharField(_("object"), max_length=120)

    objects = PullSeenQuerySet.as_manager()

    class Meta:
        verbose_name = _("object seen by a pull")
        verbose_name_plural = _("objects seen by pulls")
        constraints = [models.UniqueConstraint(fields=["state", "key"], name="pull_seen_once")]

    def __str__(self) -> str:
        return self.key
