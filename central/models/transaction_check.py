"""Transaction checks: what a charge point said when asked whether a transaction goes on."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from central.models.command import Command
from central.models.session import Session
from emobility.lib.models import ChargePointQuerySet
from registry.models import ChargePoint


class TransactionCheck(models.Model):
    """One answer to GetTransactionStatus (2.x E14): of one transaction, or of the charge point's queue.

    `ongoing` is None where no transaction was named (E14.FR.06).
    """

    charge_point = models.ForeignKey(
        ChargePoint, models.CASCADE, related_name="transaction_checks", verbose_name=_("charge point")
    )
    session = models.ForeignKey(
        Session,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="transaction_checks",
        verbose_name=_("session"),
    )
    transaction_id = models.CharField(_("transaction"), max_length=36, blank=True)
    ongoing = models.BooleanField(_("goes on"), null=True, blank=True)
    messages_in_queue = models.BooleanField(_("messages wait at the charge point"))
    command = models.ForeignKey(
        Command, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("command")
    )
    at = models.DateTimeField(_("time"))

    objects = ChargePointQuerySet["TransactionCheck"].as_manager()

    class Meta:
        verbose_name = _("transaction check")
        verbose_name_plural = _("transaction checks")
        ordering = ["-id"]
        indexes = [models.Index(fields=["charge_point", "-at"]), models.Index(fields=["session", "-at"])]

    def __str__(self) -> str:
        return self.transaction_id or "-"
