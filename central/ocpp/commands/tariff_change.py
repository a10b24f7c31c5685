"""Change the tariff of a running session: ChangeTransactionTariff (2.1 I11)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command, Session
from central.models.charge_point_tariff import TariffKind
from central.ocpp.answers import word_of
from central.ocpp.intents import answer_of, command, order
from central.ocpp.session_choice import SessionChoice, chosen_session
from central.ocpp.tariff_forms import TariffChoice, offered
from central.ocpp.tariffs import tariff_2_1
from central.services.charge_point_tariffs import CHANGE, Installed, tariff_answered, tariff_request
from emobility.lib.errors import Invalid
from registry.models import ChargePoint
from registry.rights import Right

VERSIONS = ("2.1",)


class TariffChangeParams(SessionChoice, TariffChoice):
    """Which tariff for which session."""

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer sessions and tariffs."""
        SessionChoice.for_charge_point(self, charge_point)
        TariffChoice.for_charge_point(self, charge_point)


def create(*, charge_point: ChargePoint, params: dict[str, Any], now: datetime, **common: Any) -> Command:
    """Write the tariff down for its session, as it will be sent, and queue it."""
    session = chosen_session(charge_point, params)
    try:
        tariff = tariff_2_1(offered(charge_point, params, now), place=f".s{session.pk}")
    except ValueError as error:
        raise Invalid(_t("OCPP cannot say this tariff."), {"tariff": str(error)}) from error
    return tariff_request(
        charge_point=charge_point,
        order=CHANGE,
        installed=Installed(tariff, kind=TariffKind.DRIVER, session=session),
        params={"transaction_id": session.transaction_id, "tariff": tariff},
        now=now,
        **common,
    )


order(
    CHANGE,
    _("Change tariff of a session"),
    explain=_(
        "The charge point calculates by another tariff from now on. The driver sees other prices than at the "
        "start; the law may forbid that. Billing goes on by our own price."
    ),
    form=TariffChangeParams,
    right=Right.MANAGE,
    group="prices",
    icon="price_change",
    danger=True,
    create=create,
)


@command(CHANGE, versions=VERSIONS)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request, by the charge point's own handle of the transaction."""
    params = command.params
    return "ChangeTransactionTariff", {"transactionId": params["transaction_id"], "tariff": params["tariff"]}


@answer_of("ChangeTransactionTariff", versions=VERSIONS)
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """The session has another tariff, or why not (TxNotFound, NoCurrencyChange ...)."""
    sessions = Session.objects.filter(charge_point=command.charge_point_id)
    installed = Installed(
        request["tariff"],
        kind=TariffKind.DRIVER,
        session=sessions.filter(transaction_id=request["transactionId"]).first(),
    )
    return tariff_answered(
        command=command, installed=installed, status=answer["status"], word=word_of(answer), now=now
    )
