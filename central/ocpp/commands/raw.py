"""Raw: any request of the version to a charge point, word for word, checked against its schema."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import ChargePointStatus, Command
from central.ocpp.catalog import VERSIONS
from central.ocpp.errors import OcppError
from central.ocpp.handles import with_own_handle
from central.ocpp.intents import command, order, to_charge_point
from central.ocpp.masking import masked
from central.ocpp.schemas import validate_request
from central.services.commands import command_create
from emobility.lib.errors import Invalid
from registry.models import ChargePoint
from registry.rights import Right

RAW: Final = "raw"


class RawParams(forms.Form):
    """The action's name and its payload."""

    action = forms.CharField(label=_("Action"), max_length=50, help_text=_("As OCPP writes it, like Reset."))
    payload = forms.JSONField(
        label=_("Payload"),
        required=False,
        help_text=_("JSON. It leaves as it stands; the version's schema must allow it."),
    )

    def for_charge_point(self, charge_point: ChargePoint) -> None:
        """Offer the actions that its version lets us send."""
        version = _version(charge_point)
        if version:
            names = sorted(to_charge_point(version))
            self.fields["action"] = forms.ChoiceField(
                label=_("Action"), choices=[("", "…"), *((name, name) for name in names)]
            )

    def clean_payload(self) -> dict[str, Any]:
        """Raise ValidationError unless it is an object."""
        payload = self.cleaned_data["payload"]
        if payload is None:
            return {}
        if not isinstance(payload, dict):
            raise forms.ValidationError(_("A JSON object is needed."))
        return payload


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue a request; checked now where we know what the charge point speaks, else when it is sent.

    Raises Invalid with the field at fault, and for secrets: those have orders of their own that store none.
    """
    action, payload = params["action"], params.get("payload") or {}
    version = _version(charge_point)
    if version:
        payload = with_own_handle(charge_point.pk, version, payload)
        _check(version, action, payload)
    elif not any(action in to_charge_point(known) for known in VERSIONS):
        raise Invalid(_t("Some values are wrong."), {"action": _t("No version lets us send it.")})
    if masked(action, payload) != payload:
        fault = _t("It carries a secret, which a raw request would store. There is an order for it.")
        raise Invalid(fault, {"payload": fault})
    return command_create(
        charge_point=charge_point, order=RAW, params={"action": action, "payload": payload}, **common
    )


def _version(charge_point: ChargePoint) -> str:
    spoken = ChargePointStatus.objects.filter(charge_point=charge_point).values_list(
        "ocpp_version", flat=True
    )
    return spoken.first() or ""


def _check(version: str, action: str, payload: dict[str, Any]) -> None:
    if action not in to_charge_point(version):
        fault = _t("OCPP {version} does not let us send it.").format(version=version)
        raise Invalid(_t("Some values are wrong."), {"action": fault})
    try:
        validate_request(version, action, payload)
    except OcppError as error:
        field = f"payload.{error.field}" if error.field else "payload"
        raise Invalid(
            _t("The schema of {action} refuses it.").format(action=action), {field: error.description}
        ) from error


order(
    RAW,
    _("Raw request"),
    explain=_(
        "Sends any request of the charge point's version as you write it. What its answer means is applied as"
        " for the order that usually sends it."
    ),
    form=RawParams,
    right=Right.MANAGE,
    group="special",
    icon="code",
    danger=True,
    create=create,
    again=True,
)


@command(RAW)
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request as it was written. Raises ValueError for an action that we may not send."""
    action = str(command.params["action"])
    if action not in to_charge_point(version):
        raise ValueError(f"OCPP {version} does not let us send {action}.")
    return action, with_own_handle(command.charge_point_id, version, dict(command.params["payload"]))
