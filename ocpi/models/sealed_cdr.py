"""Our CDRs as partners get them: rendered once, never again, so that every repeat has the same body."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models import Cdr
from emobility.lib.models import VisibleQuerySet
from registry.models import Organization


class SealedCdr(models.Model):
    """The OCPI object of one CDR, as location, tariff and token were when it was made (OCPI 2.2.1 §10.3.1).

    `payload` is of OCPI `version`; a partner of another version gets it converted. `place` is the Location of
    OCPI 2.1.1 with the one EVSE and connector, which that version wants inside.
    `token_country_code` and `token_party_id` name the provider whose token was used: only it may have it.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    cdr = models.OneToOneField(Cdr, models.PROTECT, related_name="sealed", verbose_name=_("CDR"))
    token_country_code = models.CharField(_("country code of the provider"), max_length=2)
    token_party_id = models.CharField(_("party id of the provider"), max_length=3)
    payload = models.JSONField(_("object"))
    version = models.CharField(_("OCPI version"), max_length=8, default="2.2.1")
    place = models.JSONField(_("place"), null=True)
    last_updated = models.DateTimeField(_("last updated"))

    objects = VisibleQuerySet["SealedCdr"].as_manager()

    class Meta:
        verbose_name = _("CDR for partners")
        verbose_name_plural = _("CDRs for partners")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["organization", "token_country_code", "token_party_id", "id"]),
            models.Index(
                fields=["organization", "token_country_code", "token_party_id", "last_updated", "id"],
                name="sealed_cdr_by_change",
            ),
        ]

    def __str__(self) -> str:
        return str(self.payload.get("id", ""))
