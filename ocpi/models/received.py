"""What partners sent us: their sessions and CDRs, word for word."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from emobility.lib.models import VisibleQuerySet
from ocpi.models.partner import Partner
from registry.models import Organization


class ReceivedObject(models.Model):
    """An object of a partner: its owner (upper case), its id and its payload as received.

    `object_key` is the id in upper case: ids are compared without case and echoed as they came.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", verbose_name=_("partner"))
    country_code = models.CharField(_("country code"), max_length=2)
    party_id = models.CharField(_("party id"), max_length=3)
    object_id = models.CharField(_("id"), max_length=39)
    object_key = models.CharField(max_length=39, editable=False)
    payload = models.JSONField(_("object"))
    received_at = models.DateTimeField(_("received"))
    last_updated = models.DateTimeField(_("last updated"))

    objects = VisibleQuerySet["ReceivedObject"].as_manager()

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.object_id


class ReceivedSession(ReceivedObject):
    """A session of one of our drivers at a partner's charge point."""

    class Meta(ReceivedObject.Meta):
        verbose_name = _("partner's session")
        verbose_name_plural = _("partners' sessions")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "country_code", "party_id", "object_key"],
                name="received_session_once",
            )
        ]


class ReceivedCdr(ReceivedObject):
    """A CDR of one of our drivers at a partner's charge point: immutable once received."""

    class Meta(ReceivedObject.Meta):
        verbose_name = _("partner's CDR")
        verbose_name_plural = _("partners' CDRs")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "country_code", "party_id", "object_key"], name="received_cdr_once"
            )
        ]
