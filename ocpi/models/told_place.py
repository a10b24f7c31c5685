"""Where partners were last told that a charge point stands: so that it leaves there when it moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models import ChargePoint


class ToldPlace(models.Model):
    """A charge point and the Location.id that it was last told under."""

    charge_point = models.OneToOneField(
        ChargePoint, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("charge point")
    )
    object_id = models.CharField(_("location"), max_length=36)

    class Meta:
        verbose_name = _("place told")
        verbose_name_plural = _("places told")

    def __str__(self) -> str:
        return self.object_id
