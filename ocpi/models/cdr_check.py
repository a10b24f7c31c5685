"""Partners' CDRs worked out again: what they come to by their tariff, and by how much they differ."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from ocpi.models.received import ReceivedCdr


class CheckState(models.TextChoices):
    """What the comparison gave."""

    RIGHT = "right", _("as worked out")
    DIFFERS = "differs", _("differs")
    UNKNOWN = "unknown", _("cannot be worked out")


class CdrCheckQuerySet(VisibleQuerySet["CdrCheck"]):
    """Checks belong to an organisation through their CDR."""

    organization_path = "cdr__organization_id"


class CdrCheck(models.Model):
    """One CDR, priced by our own engine; amounts without VAT where nothing else is said.

    `difference` is what the partner asks more than we worked out. `faults` are sentences: what differs, or
    why nothing could be worked out. `lines` are the price lines that we came to.
    """

    cdr = models.OneToOneField(ReceivedCdr, models.CASCADE, related_name="check_row", verbose_name=_("CDR"))
    state = models.CharField(_("result"), max_length=8, choices=CheckState.choices)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    told_excl = models.DecimalField(_("asked"), max_digits=16, decimal_places=4, null=True)
    told_incl = models.DecimalField(_("asked with VAT"), max_digits=16, decimal_places=4, null=True)
    own_excl = models.DecimalField(_("worked out"), max_digits=16, decimal_places=4, null=True)
    own_incl = models.DecimalField(_("worked out with VAT"), max_digits=16, decimal_places=4, null=True)
    difference = models.DecimalField(_("difference"), max_digits=16, decimal_places=4, null=True)
    tariff_from = models.CharField(_("tariff"), max_length=60, blank=True)
    faults = models.JSONField(_("findings"), default=list)
    lines = models.JSONField(_("price lines"), default=list)
    checked_at = models.DateTimeField(_("worked out at"))

    objects = CdrCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of a partner's CDR")
        verbose_name_plural = _("checks of partners' CDRs")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.cdr} {self.state}"
