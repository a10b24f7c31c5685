"""Reports of the device model: what was asked for, which parts came, what is missing (2.x B07, B08, N02)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class ReportKind(models.TextChoices):
    """What a report is about."""

    VARIABLES = "variables", _("variables")
    MONITORS = "monitors", _("monitors")


class ReportState(models.TextChoices):
    """The life of a report; an incomplete one may still be completed by late parts."""

    ANNOUNCED = "announced", _("announced")
    COLLECTING = "collecting", _("collecting")
    COMPLETE = "complete", _("complete")
    INCOMPLETE = "incomplete", _("incomplete")
    EMPTY = "empty", _("empty")
    REFUSED = "refused", _("refused")


class DeviceReport(models.Model):
    """One report; `number` is its requestId, ours where a `command` asked for it.

    `parts` maps seqNo to a digest of what came, `last_part` is the seqNo that said that nothing follows.
    `word` is the charge point's answer to the request. What came is applied part by part, in any order.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="device_reports", verbose_name=_("charge point")
    )
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    number = models.BigIntegerField(_("report"))
    kind = models.CharField(_("about"), max_length=10, choices=ReportKind.choices)
    base = models.CharField(_("what was asked for"), max_length=30, blank=True)
    criteria = models.JSONField(_("criteria"), default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ReportState.choices, default=ReportState.ANNOUNCED
    )
    word = models.CharField(_("charge point's word"), max_length=20, blank=True)
    parts = models.JSONField(_("parts"), default=dict, blank=True)
    last_part = models.BigIntegerField(_("last part"), null=True, blank=True)
    items = models.PositiveIntegerField(_("entries"), default=0)
    seen = models.JSONField(default=list, blank=True, editable=False)
    generated_at = models.DateTimeField(_("generated"), null=True, blank=True)
    opened_at = models.DateTimeField(_("begun"))
    heard_at = models.DateTimeField(_("latest part"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = ChargePointQuerySet["DeviceReport"].as_manager()

    class Meta:
        verbose_name = _("device report")
        verbose_name_plural = _("device reports")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["charge_point", "kind", "number"]),
            models.Index(fields=["state", "heard_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.base}".strip()

    @property
    def missing(self) -> list[int]:
        """The numbers of the parts that are known to be missing; what follows the last one, nobody knows."""
        have = {int(number) for number in self.parts}
        end = self.last_part if self.last_part is not None else max(have, default=-1)
        return sorted(set(range(min(end + 1, MOST_PARTS))) - have)

    @property
    def is_whole(self) -> bool:
        """True where the last part is known and every part before it came."""
        return self.last_part is not None and not self.missing

    @property
    def is_selective(self) -> bool:
        """True where it was asked for with criteria, so that what it leaves out may exist all the same."""
        return bool(self.criteria)


MOST_PARTS = 10_000
"""Gaps are listed up to this number; a seqNo may be any integer."""
