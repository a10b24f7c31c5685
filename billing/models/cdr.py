"""Charge detail records: what a session came to, never changed."""

from datetime import datetime
from typing import Any, Final, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.immutable import refuse_change
from billing.models.tariff import TariffVersion
from central.models import Session
from emobility.lib.models import VisibleQuerySet
from registry.models import Organization

RELEASED: Final = "accepted"
"""The decision of a review that lets a held CDR go (billing.models.review)."""


class CdrKind(models.TextChoices):
    """An original, or what corrects one."""

    ORIGINAL = "original", _("original")
    CREDIT = "credit", _("credit")
    REPLACEMENT = "replacement", _("replacement")


class CdrQuerySet(VisibleQuerySet["Cdr"]):
    """CDRs of an organisation."""

    def ready_for_delivery(self) -> Self:
        """Those that nobody has to look at first, or that somebody looked at and released as they are."""
        return self.filter(models.Q(needs_review=False) | models.Q(reviews__decision=RELEASED))


class Cdr(models.Model):
    """One CDR: immutable; a correction is a credit CDR and a new one (OCPI 2.2.1 §10.3).

    Energy in Wh, times in seconds, amounts with four decimals in `currency`. `needs_review` keeps it from
    partners and invoices until a review releases it. A credit CDR names in `credit_of` what it takes back,
    and only its totals are negative; a replacement names in `replaces` the CDR before it. `basis` is a print
    of what the session said when it was made; `signed_data` the OCPI SignedData of its meter, if any.
    How the price came about (numbers as text, so that they stay exact):
    `periods`: `[{start_date_time, end_date_time, energy_wh, time_s, parking_time_s}]`, they add up, and a new
    one begins where another price does; that of a reservation with `reservation_time_s`; with `min_power`,
    `max_power` (kW), `min_current`, `max_current` (A) where measured or the tariff depends on them;
    `lines`: `[{dimension, quantity, billed, unit_price, vat, step_size, excl_vat, incl_vat, reason,
    element}]`;
    `costs`: `{fixed|energy|time|parking|reservation: {excl_vat, incl_vat}}`, only what the tariff prices;
    `tariff`: the OCPI Tariff object as it was, numbers as OCPI writes them; null where none applied.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="cdrs", verbose_name=_("organisation")
    )
    session = models.ForeignKey(Session, models.PROTECT, related_name="cdrs", verbose_name=_("session"))
    cdr_id = models.CharField(_("CDR id"), max_length=39, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=CdrKind.choices, default=CdrKind.ORIGINAL)
    credit_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credits", verbose_name=_("credits")
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replacements", verbose_name=_("replaces")
    )
    tariff_version = models.ForeignKey(
        TariffVersion, models.PROTECT, null=True, blank=True, verbose_name=_("tariff version")
    )
    currency = models.CharField(_("currency"), max_length=3)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    energy_wh = models.BigIntegerField(_("energy (Wh)"))
    total_time_s = models.PositiveIntegerField(_("time (s)"), default=0)
    parking_time_s = models.PositiveIntegerField(_("parking time (s)"), default=0)
    total_cost_excl = models.DecimalField(_("total excl. VAT"), max_digits=14, decimal_places=4)
    total_cost_incl = models.DecimalField(_("total incl. VAT"), max_digits=14, decimal_places=4)
    costs = models.JSONField(_("cost by dimension"), default=dict)
    tariff = models.JSONField(_("tariff"), null=True, blank=True)
    periods = models.JSONField(_("charging periods"), default=list)
    lines = models.JSONField(_("price lines"), default=list)
    needs_review = models.BooleanField(_("needs review"), default=False)
    review_reasons = models.JSONField(_("reasons for review"), default=list, blank=True)
    signed_data = models.JSONField(_("signed meter data"), null=True, blank=True)
    basis = models.CharField(max_length=32, blank=True, editable=False)
    created_at = models.DateTimeField(_("made"))

    objects = CdrQuerySet.as_manager()

    class Meta:
        verbose_name = _("CDR")
        verbose_name_plural = _("CDRs")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(kind="original"), name="one_original_cdr_per_session"
            ),
            models.UniqueConstraint(
                fields=["credit_of"], condition=models.Q(kind="credit"), name="one_credit_for_each_cdr"
            ),
            models.UniqueConstraint(fields=["replaces"], name="one_replacement_for_each_cdr"),
        ]
        indexes = [models.Index(fields=["organization", "created_at", "id"])]

    def __str__(self) -> str:
        return self.cdr_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only once (raises Conflict)."""
        refuse_change(self)
        super().save(*args, **kwargs)

    @property
    def released_at(self) -> datetime | None:
        """When it became free to go: at once, or when a review released it; None while it is held."""
        if not self.needs_review:
            return self.created_at
        times = [review.decided_at for review in self.reviews.all() if review.decision == RELEASED]
        return times[0] if times else None

    @property
    def ready_for_delivery(self) -> bool:
        """False while a person has to look at it first: it goes to no partner and on no invoice."""
        return self.released_at is not None
