"""What providers of partners' tokens said in real time, or by an order of theirs: the latest for a place."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.id_token import IdToken
from emobility.lib.models import VisibleQuerySet
from registry.models import ChargePoint, Organization


class ProviderAnswer(models.Model):
    """The provider's word on one of its tokens at one charge point; it counts until `good_until`.

    `status` is OCPP's word, `word` the provider's own (OCPI AllowedType). `by_order`: the provider ordered
    something here for the token, so it is not asked meanwhile. `reference` goes into session and CDR.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="provider_answers", verbose_name=_("charge point")
    )
    id_token = models.ForeignKey(
        IdToken, models.CASCADE, related_name="provider_answers", verbose_name=_("id token")
    )
    status = models.CharField(_("answer"), max_length=20)
    word = models.CharField(_("provider's word"), max_length=20)
    reference = models.CharField(_("reference"), max_length=36, blank=True)
    message = models.CharField(_("message to the driver"), max_length=512, blank=True)
    by_order = models.BooleanField(_("by an order"), default=False)
    at = models.DateTimeField(_("told"))
    good_until = models.DateTimeField(_("good until"))

    objects = VisibleQuerySet["ProviderAnswer"].as_manager()

    class Meta:
        verbose_name = _("provider's answer")
        verbose_name_plural = _("providers' answers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["charge_point", "id_token"], name="provider_answer_once")
        ]
        indexes = [
            models.Index(fields=["organization", "-id"]),
            models.Index(fields=["good_until"]),
        ]

    def __str__(self) -> str:
        return f"{self.id_token} {self.word}"
