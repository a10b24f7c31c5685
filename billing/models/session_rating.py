"""The price of a running session: its tariff version and the state of the fold so far."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.tariff import TariffAssignment, TariffVersion
from central.models import IdToken, Session


class SessionRating(models.Model):
    """Which tariff version a session began with, and where its rating stands.

    `assignment` put that tariff in force there; `id_token` is whose session it was when that was looked up.
    `state` holds the folds of periods and price (billing.services.running_cost), `rated_until` the latest
    sample in them. Amounts have four decimals; once `settled` they are those of the CDR.
    """

    session = models.OneToOneField(
        Session, models.CASCADE, primary_key=True, related_name="rating", verbose_name=_("session")
    )
    tariff_version = models.ForeignKey(
        TariffVersion, models.PROTECT, null=True, blank=True, verbose_name=_("tariff version")
    )
    assignment = models.ForeignKey(
        TariffAssignment,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("put in force by"),
    )
    id_token = models.ForeignKey(IdToken, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.JSONField(default=dict)
    rated_until = models.DateTimeField(null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    amount_excl = models.DecimalField(_("cost excl. VAT"), max_digits=14, decimal_places=4, default=0)
    amount_incl = models.DecimalField(_("cost incl. VAT"), max_digits=14, decimal_places=4, default=0)
    settled = models.BooleanField(_("settled"), default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("session rating")
        verbose_name_plural = _("session ratings")

    def __str__(self) -> str:
        return f"{self.amount_incl} {self.currency}"
