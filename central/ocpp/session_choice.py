"""How orders name a session of their charge point."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Session
from central.ocpp.offers import offer_sessions
from emobility.lib.errors import Invalid, NotFound
from registry.models import ChargePoint


class SessionFields(forms.Form):
    """A session by our id or by the charge point's transaction id."""

    session = forms.UUIDField(label=_("Session"), required=False)
    transaction_id = forms.CharField(label=_("Transaction"), max_length=36, required=False)


class SessionChoice(SessionFields):
    """A session among those that run."""

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer what runs there."""
        offer_sessions(self, charge_point)


def chosen_session(charge_point: ChargePoint, params: dict[str, Any]) -> Session:
    """The session that was chosen. Raises Invalid where none is named, NotFound."""
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
