"""Battery swaps: batteries that a driver brought and took (2.1 S01-S03); no charging transactions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from central.models.id_token import IdToken
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class BatterySwapState(models.TextChoices):
    """How far a swap is."""

    REQUESTED = "requested", _("requested")
    ACCEPTED = "accepted", _("waits for the driver")
    REFUSED = "refused", _("refused")
    UNDELIVERED = "undelivered", _("not delivered")
    HALF = "half", _("half done")
    DONE = "done", _("done")
    NOT_TAKEN = "not_taken", _("battery not taken")


class BatterySwap(models.Model):
    """One swap: what went in and what went out, in either order, tied by `request_id` (S03.FR.03).

    `batteries_in`, `batteries_out`: as OCPP writes them (`evseId`, `serialNumber`, `soC`, `soH` in percent).
    OCPP gives no time of the events: `in_at`, `out_at`, `not_taken_at` are when they were received.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="battery_swaps", verbose_name=_("charge point")
    )
    request_id = models.BigIntegerField(_("request"))
    id_tag = models.CharField(_("tag"), max_length=255, blank=True)
    id_tag_type = models.CharField(_("type of tag"), max_length=20, blank=True)
    id_token = models.ForeignKey(
        IdToken, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("id token")
    )
    state = models.CharField(_("state"), max_length=12, choices=BatterySwapState.choices)
    changed_at = models.DateTimeField(_("state since"))
    word = models.CharField(_("charge point's word"), max_length=255, blank=True)
    batteries_in = models.JSONField(_("brought"), default=list, blank=True)
    batteries_out = models.JSONField(_("taken"), default=list, blank=True)
    in_at = models.DateTimeField(_("brought at"), null=True, blank=True)
    out_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    not_taken_at = models.DateTimeField(_("not taken in time"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"))
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )

    objects = ChargePointQuerySet["BatterySwap"].as_manager()

    class Meta:
        verbose_name = _("battery swap")
        verbose_name_plural = _("battery swaps")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["charge_point", "request_id"]),
            models.Index(fields=["id"], condition=models.Q(state="requested"), name="battery_swap_requested"),
        ]

    def __str__(self) -> str:
        return str(self.request_id)
