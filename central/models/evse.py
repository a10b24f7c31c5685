"""EVSEs: the parts of a charge point that charge one car at a time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class Evse(models.Model):
    """EVSE `number` of a charge point; in OCPP 1.6 connector N is EVSE N with its only connector 1."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="evses", verbose_name=_("charge point")
    )
    number = models.PositiveIntegerField(_("EVSE"))

    objects = ChargePointQuerySet["Evse"].as_manager()

    class Meta:
        verbose_name = _("EVSE")
        verbose_name_plural = _("EVSEs")
        ordering = ["charge_point", "number"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "number"], name="evse_number_once")]

    def __str__(self) -> str:
        return f"EVSE {self.number}"
