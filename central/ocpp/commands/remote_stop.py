"""Remote stop: 1.6 RemoteStopTransaction (§5.12), 2.x RequestStopTransaction (F03).

The session ends when the charge point reports it, not with the answer.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command, Session
from central.ocpp.intents import command, order
from central.services.commands import REMOTE_STOP, remote_stop
from emobility.lib.errors import Invalid, NotFound
from registry.models import ChargePoint


class StopParams(forms.Form):
    """The session by our id or by the charge point's transaction id."""

    session = forms.UUIDField(label=_("Session"), required=False)
    transaction_id = forms.CharField(label=_("Transaction"), max_length=36, required=False)


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue the end of a session. Raises Invalid, NotFound, Conflict."""
    return remote_stop(session=_session_of(charge_point, params), **common)


def _session_of(charge_point: ChargePoint, params: dict[str, Any]) -> Session:
    sessions = Session.objects.filter(charge_point=charge_point).select_related("charge_point")
    if "session" in params:
        found = sessions.filter(uid=params["session"]).first()
    elif "transaction_id" in params:
        found = sessions.filter(transaction_id=params["transaction_id"]).first()
    else:
        raise Invalid(_t("Name the session."), {"params": _t("needs session or transaction_id")})
    if found is None:
        raise NotFound(_t("No such session."))
    return found


order(
    REMOTE_STOP,
    _("Stop charging"),
    explain=_("Asks the charge point to end a session. The driver's car stops charging."),
    form=StopParams,
    icon="stop",
    danger=True,
    create=create,
)


@command(REMOTE_STOP)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request, by the charge point's own handle of the transaction."""
    transaction_id = str(command.params["transaction_id"])
    if version == "1.6":
        return "RemoteStopTransaction", {"transactionId": int(transaction_id)}
    return "RequestStopTransaction", {"transactionId": transaction_id}
