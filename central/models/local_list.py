"""Local authorisation lists: what charge points may decide without us (1.6 §3.5.2, 2.x D01, D02)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from emobility.lib.models import ChargePointQuerySet, VisibleQuerySet
from registry.models import ChargePoint


class LocalListState(models.TextChoices):
    """How what the charge point holds stands to what it should hold."""

    UNKNOWN = "unknown", _("unknown")
    IN_STEP = "in_step", _("in step")
    SENDING = "sending", _("being sent")
    BEHIND = "behind", _("behind")
    FAILED = "failed", _("failed")
    NOT_SUPPORTED = "not_supported", _("not supported")


class LocalListEntryQuerySet(VisibleQuerySet["LocalListEntry"]):
    """Entries belong to an organisation through their list's charge point."""

    organization_path = "local_list__charge_point__organization_id"


class LocalList(models.Model):
    """The list in one charge point, as it last accepted it.

    `version` is what we know it to have (0: none), `wanted_version` what was asked for last. Its own word is
    `reported_version`: 0 for an empty list, -1 for one that knows no lists (1.6 §5.10, 2.x D02). `trusted` is
    false while its content may be another than `entries`: then only a full list brings it in step.
    """

    charge_point = models.OneToOneField(
        ChargePoint,
        models.CASCADE,
        related_name="local_list",
        verbose_name=_("charge point"),
    )
    version = models.BigIntegerField(_("version"), default=0)
    wanted_version = models.BigIntegerField(_("wanted version"), default=0)
    reported_version = models.BigIntegerField(_("version it reports"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)
    entries_count = models.PositiveIntegerField(_("entries"), default=0)
    left_out = models.PositiveIntegerField(_("left out"), default=0)
    state = models.CharField(
        _("state"), max_length=14, choices=LocalListState.choices, default=LocalListState.UNKNOWN
    )
    state_at = models.DateTimeField(_("since"), null=True, blank=True)
    trusted = models.BooleanField(_("content known"), default=False)
    synced_at = models.DateTimeField(_("last in step"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last compared"), null=True, blank=True)
    error = models.CharField(_("what went wrong"), max_length=255, blank=True)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )

    objects = ChargePointQuerySet["LocalList"].as_manager()

    class Meta:
        verbose_name = _("local list")
        verbose_name_plural = _("local lists")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "checked_at"])]

    def __str__(self) -> str:
        return str(self.charge_point)


class LocalListEntry(models.Model):
    """A tag in a charge point's list: `info` is what the charge point answers for it, as it was sent."""

    local_list = models.ForeignKey(
        LocalList, models.CASCADE, related_name="entries", verbose_name=_("local list")
    )
    uid = models.CharField(_("uid"), max_length=255)
    uid_key = models.CharField(max_length=255, editable=False)
    token_type = models.CharField(_("type"), max_length=20, blank=True)
    info = models.JSONField(_("answer"), default=dict, blank=True)

    objects = LocalListEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a local list")
        verbose_name_plural = _("entries of local lists")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["local_list", "uid_key", "token_type"], name="local_list_entry_once"
            )
        ]

    def __str__(self) -> str:
        return self.uid
