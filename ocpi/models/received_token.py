"""Tokens of partners' drivers, word for word, and the id token by which our charge points know each."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models import IdToken
from ocpi.models.received import ReceivedObject


class ReceivedToken(ReceivedObject):
    """A token of a partner, found by owner, uid and type (OCPI 2.2.1 §12.2.1).

    `problem` says why no charge point takes it: another token of the organisation has its uid already.
    """

    token_type = models.CharField(_("type"), max_length=20, default="RFID")
    id_token = models.OneToOneField(
        IdToken,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="received_token",
        verbose_name=_("id token"),
    )
    problem = models.CharField(_("not usable because"), max_length=100, blank=True)

    class Meta(ReceivedObject.Meta):
        verbose_name = _("partner's id token")
        verbose_name_plural = _("partners' id tokens")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "country_code", "party_id", "object_key", "token_type"],
                name="received_token_once",
            )
        ]
