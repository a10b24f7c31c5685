"""Remote start: 1.6 RemoteStartTransaction (§5.11), 2.x RequestStartTransaction (F01, F02)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.services.commands import REMOTE_START, remote_start
from central.services.session_start import session_link_order

ID_TAG_LIMIT = 20


class StartParams(forms.Form):
    """For whom, and at which EVSE (any where it is left out)."""

    id_tag = forms.CharField(label=_("Tag"), max_length=36)
    evse_number = forms.IntegerField(label=_("EVSE"), min_value=1, required=False)


def create(*, params: dict[str, Any], **common: Any) -> Command:
    """Queue a start for a tag, known or not."""
    return remote_start(**params, **common)


order(
    REMOTE_START,
    _("Start charging"),
    explain=_("Asks the charge point to begin a session for a tag."),
    form=StartParams,
    icon="play_arrow",
    create=create,
    again=True,
)


@command(REMOTE_START)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request; remoteStartId is the command's number. Raises ValueError for a tag too long for 1.6."""
    return _build_1_6(command) if version == "1.6" else _build_2(command)


def _build_1_6(command: Command) -> tuple[str, dict[str, Any]]:
    id_tag = str(command.params["id_tag"])
    if len(id_tag) > ID_TAG_LIMIT:
        raise ValueError("OCPP 1.6 knows tags of up to 20 characters.")
    request: dict[str, Any] = {"idTag": id_tag}
    if command.params.get("evse_number"):
        request["connectorId"] = command.params["evse_number"]
    return "RemoteStartTransaction", request


def _build_2(command: Command) -> tuple[str, dict[str, Any]]:
    params = command.params
    request: dict[str, Any] = {
        "idToken": {"idToken": params["id_tag"], "type": params.get("id_tag_type") or "Central"},
        "remoteStartId": command.pk,
    }
    if params.get("evse_number"):
        request["evseId"] = params["evse_number"]
    if params.get("group"):
        request["groupIdToken"] = {"idToken": params["group"], "type": "Central"}
    return "RequestStartTransaction", request


@answer_of("RemoteStartTransaction", versions=("1.6",))
@answer_of("RequestStartTransaction", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Accepted or not; a transaction that had begun already (F02, cable first) is tied to the order."""
    accepted = answer.get("status") == "Accepted"
    if accepted and answer.get("transactionId"):
        session_link_order(command=command, transaction_id=answer["transactionId"])
    return accepted
