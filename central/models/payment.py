"""Paying at the charge point: settlements, checks of VAT numbers, payments begun on the web (2.1 C21-C25)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from central.models.session import Session
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class Settlement(models.Model):
    """What a payment terminal settled, or failed to (2.1 NotifySettlement, C21, C22); `key` is its content.

    `psp_ref` is the terminal's reference and the session's tag. The amount is in the charge point's currency.
    `receipt_*` is what the charge point shows to the driver: its own, or what we answered (`receipt_by_us`).
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="settlements", verbose_name=_("charge point")
    )
    session = models.ForeignKey(
        Session, models.SET_NULL, null=True, blank=True, related_name="settlements", verbose_name=_("session")
    )
    key = models.CharField(max_length=64, editable=False)
    transaction_id = models.CharField(_("transaction"), max_length=36, blank=True)
    psp_ref = models.CharField(_("payment reference"), max_length=255)
    status = models.CharField(_("status"), max_length=10)
    status_info = models.CharField(_("said by the terminal"), max_length=500, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=4)
    settled_at = models.DateTimeField(_("settled"))
    receipt_id = models.CharField(_("receipt"), max_length=50, blank=True)
    receipt_url = models.CharField(_("receipt's address"), max_length=2000, blank=True)
    receipt_by_us = models.BooleanField(_("receipt by us"), default=False)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    vat_company = models.JSONField(_("company"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"))

    objects = ChargePointQuerySet["Settlement"].as_manager()

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "key"], name="settlement_once")]
        indexes = [
            models.Index(fields=["charge_point", "-settled_at"]),
            models.Index(fields=["received_at"], name="settlement_received"),
        ]

    def __str__(self) -> str:
        return self.psp_ref


class VatCheck(models.Model):
    """A VAT number that a driver typed in for a receipt, and what we said of it (2.1 VatNumberValidation).

    Asking again renews the row. `company` is an OCPP address where the checker knows one.
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="vat_checks", verbose_name=_("charge point")
    )
    evse_number = models.PositiveIntegerField(_("EVSE"), default=0)
    vat_number = models.CharField(_("VAT number"), max_length=20)
    status = models.CharField(_("answered"), max_length=10)
    reason = models.CharField(_("because"), max_length=100, blank=True)
    company = models.JSONField(_("company"), null=True, blank=True)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"))
    at = models.DateTimeField(_("time"))

    objects = ChargePointQuerySet["VatCheck"].as_manager()

    class Meta:
        verbose_name = _("VAT number check")
        verbose_name_plural = _("VAT number checks")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["charge_point", "evse_number", "vat_number"], name="vat_check_once"
            )
        ]

    def __str__(self) -> str:
        return self.vat_number


class WebPaymentState(models.TextChoices):
    """How far the notice of a payment on the web is."""

    REQUESTED = "requested", _("requested")
    TOLD = "told", _("told")
    REFUSED = "refused", _("refused")
    UNDELIVERED = "undelivered", _("not delivered")


class WebPayment(models.Model):
    """A driver pays on the web for an EVSE (2.1 C25.FR.21): it is kept from others until `expires_at`."""

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="web_payments", verbose_name=_("charge point")
    )
    evse_number = models.PositiveIntegerField(_("EVSE"))
    timeout_s = models.PositiveIntegerField(_("kept for (s)"))
    state = models.CharField(_("state"), max_length=12, choices=WebPaymentState.choices)
    changed_at = models.DateTimeField(_("state since"))
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(_("time"))
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )

    objects = ChargePointQuerySet["WebPayment"].as_manager()

    class Meta:
        verbose_name = _("payment on the web")
        verbose_name_plural = _("payments on the web")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="requested"), name="web_payment_requested")
        ]

    def __str__(self) -> str:
        return f"{self.charge_point_id}/{self.evse_number}"
