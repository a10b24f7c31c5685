"""Tariffs that charge points calculate by themselves, and what they make of them (2.1 I07-I12)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from central.models.session import Session
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class ChargePointTariffState(models.TextChoices):
    """Whether a tariff is at its charge point."""

    REQUESTED = "requested", _("requested")
    INSTALLED = "installed", _("installed")
    REPLACED = "replaced", _("replaced")
    CLEARED = "cleared", _("cleared")
    GONE = "gone", _("not there any more")
    REFUSED = "refused", _("refused")
    UNDELIVERED = "undelivered", _("not delivered")


class TariffKind(models.TextChoices):
    """For everybody without a tariff of their own, or for one driver (2.1 TariffKindEnumType)."""

    DEFAULT = "DefaultTariff", _("default")
    DRIVER = "DriverTariff", _("one driver's")


class ChargePointTariff(models.Model):
    """A tariff at a charge point by its `tariff_id`; `evse_numbers` are where, none or 0 meaning all.

    `tariff` is OCPP's TariffType as it was sent; null for one that is reported and that we do not know.
    `session` is the one whose tariff was changed (I11).
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="tariffs", verbose_name=_("charge point")
    )
    tariff_id = models.CharField(_("tariff"), max_length=60)
    kind = models.CharField(_("kind"), max_length=13, choices=TariffKind.choices, default=TariffKind.DEFAULT)
    evse_numbers = models.JSONField(_("EVSEs"), default=list, blank=True)
    id_tags = models.JSONField(_("tags"), default=list, blank=True)
    session = models.ForeignKey(
        Session, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("session")
    )
    tariff = models.JSONField(_("as sent"), null=True, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=ChargePointTariffState.choices)
    changed_at = models.DateTimeField(_("state since"))
    word = models.CharField(_("charge point's word"), max_length=255, blank=True)
    reported_at = models.DateTimeField(_("last reported"), null=True, blank=True)
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )

    objects = ChargePointQuerySet["ChargePointTariff"].as_manager()

    class Meta:
        verbose_name = _("tariff at a charge point")
        verbose_name_plural = _("tariffs at charge points")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["charge_point", "tariff_id"], name="charge_point_tariff_once")
        ]

    def __str__(self) -> str:
        return self.tariff_id


class SessionCost(models.Model):
    """What the charge point itself calculated for a session (2.1 I12 costDetails), beside our own price.

    Amounts in `currency`, without and with tax. `details` is OCPP's CostDetailsType. `seq_no` is the event
    that brought it: an older one that comes late changes nothing. `is_final`: it came with the end.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="session_costs", verbose_name=_("charge point")
    )
    session = models.OneToOneField(
        Session, models.CASCADE, related_name="charge_point_cost", verbose_name=_("session")
    )
    tariff_id = models.CharField(_("tariff"), max_length=60, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    total_excl = models.DecimalField(
        _("total excl. tax"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    total_incl = models.DecimalField(
        _("total incl. tax"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    failed = models.BooleanField(_("could not calculate"), default=False)
    failure = models.CharField(_("because"), max_length=500, blank=True)
    details = models.JSONField(_("details"), default=dict)
    is_final = models.BooleanField(_("final"), default=False)
    seq_no = models.BigIntegerField(_("sequence number"), default=0)
    at = models.DateTimeField(_("time"))

    objects = ChargePointQuerySet["SessionCost"].as_manager()

    class Meta:
        verbose_name = _("cost by the charge point")
        verbose_name_plural = _("costs by charge points")
        ordering = ["-id"]

    def __str__(self) -> str:
        total = self.total_excl if self.total_incl is None else self.total_incl
        return f"{total:.2f} {self.currency}" if total is not None else self.currency
