"""Network profiles: ways to us that a charge point was given, by slot (2.x B09)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class NetworkProfile(models.Model):
    """What a charge point was last told for a slot; `word` is its answer, `details` the rest, no secrets."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="network_profiles", verbose_name=_("charge point")
    )
    slot = models.BigIntegerField(_("slot"))
    csms_url = models.TextField(_("address"))
    security_profile = models.BigIntegerField(_("security profile"))
    interface = models.CharField(_("interface"), max_length=20)
    details = models.JSONField(_("details"), default=dict, blank=True)
    word = models.CharField(_("charge point's word"), max_length=20)
    told_at = models.DateTimeField(_("told"))

    objects = ChargePointQuerySet["NetworkProfile"].as_manager()

    class Meta:
        verbose_name = _("network profile")
        verbose_name_plural = _("network profiles")
        ordering = ["charge_point", "slot"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "slot"], name="network_profile_once")]

    def __str__(self) -> str:
        return str(self.slot)
