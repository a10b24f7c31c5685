"""Network profile: how the charge point reaches us, SetNetworkProfile (2.x B09)."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.db import transaction
from django.http.request import validate_host
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from central.models import Command
from central.ocpp.intents import answer_of, command, order
from central.ocpp.masking import masked
from central.services.command_secrets import command_secret_keep, with_secrets
from central.services.commands import command_create
from central.services.network_profiles import network_profile_record
from central.services.variables import HIDDEN
from emobility.lib.errors import Invalid
from registry.models import ChargePoint

ORDER = "network_profile"
ENCRYPTED = 2
"""Security profiles from this one on use TLS (2.x A00)."""
SECRETS = ("basic_auth_password", "apn_password", "sim_pin", "vpn_password", "vpn_key")
INTERFACES = (*(f"Wired{n}" for n in range(4)), *(f"Wireless{n}" for n in range(4)), "Any")
SPOKEN = {"1.6": "OCPP16", "2.0.1": "OCPP201", "2.1": "OCPP21"}
SPOKEN_2_0_1 = {"1.6": "OCPP16", "2.0.1": "OCPP20"}


def _text(label: Any, limit: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, required=False, **options)


def _secret(label: Any, limit: int, **options: Any) -> forms.CharField:
    return _text(label, limit, strip=False, widget=forms.PasswordInput, **options)


class NetworkParams(forms.Form):
    """The slot and what belongs into it."""

    slot = forms.IntegerField(
        label=_("Slot"), min_value=0, help_text=_("NetworkConfigurationPriority names slots in their order.")
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        help_text=_("wss://host/ocpp without the id, which the charge point adds by itself."),
    )
    security_profile = forms.TypedChoiceField(
        label=_("Security profile"),
        coerce=int,
        initial=ENCRYPTED,
        choices=[(1, _("1 password")), (2, _("2 password and TLS")), (3, _("3 client certificate"))],
    )
    interface = forms.ChoiceField(label=_("Interface"), choices=[(name, name) for name in INTERFACES])
    ocpp_version = forms.ChoiceField(
        label=_("OCPP"), choices=[(name, name) for name in SPOKEN], initial="2.0.1"
    )
    message_timeout = forms.IntegerField(label=_("Wait for answers (seconds)"), min_value=1, initial=30)
    identity = _text(_("Id to connect with (OCPP 2.1)"), 48)
    basic_auth_password = _secret(
        _("Password (OCPP 2.1)"),
        64,
        help_text=_("For another system only: here an order of its own rotates it. Left out, it stays."),
    )
    apn = _text(_("Mobile network: access point"), 2000)
    apn_authentication = forms.ChoiceField(
        label=_("Mobile network: authentication"),
        choices=[(name, name) for name in ("AUTO", "NONE", "PAP", "CHAP")],
        required=False,
    )
    apn_user = _text(_("Mobile network: user"), 50)
    apn_password = _secret(_("Mobile network: password"), 64)
    sim_pin = _secret(_("Mobile network: PIN"), 9)
    vpn_type = forms.ChoiceField(
        label=_("VPN: type"),
        choices=[("", _("none")), *((name, name) for name in ("IKEv2", "IPSec", "L2TP", "PPTP"))],
        required=False,
    )
    vpn_server = _text(_("VPN: server"), 2000)
    vpn_user = _text(_("VPN: user"), 50)
    vpn_group = _text(_("VPN: group"), 50)
    vpn_password = _secret(_("VPN: password"), 64)
    vpn_key = _secret(_("VPN: key"), 255)

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError for an address that does not fit the profile, and half a VPN."""
        asked = super().clean() or {}
        scheme = str(asked.get("url", "")).split("://")[0].lower()
        wanted = "wss" if asked.get("security_profile", 1) >= ENCRYPTED else "ws"
        if "url" in asked and scheme not in {wanted, "wss"}:
            raise forms.ValidationError({"url": _("This security profile needs an address with wss://.")})
        vpn = ("vpn_server", "vpn_user", "vpn_password", "vpn_key")
        if asked.get("vpn_type") and not all(asked.get(name) for name in vpn):
            raise forms.ValidationError({"vpn_type": _("A VPN needs a server, a user, a password, a key.")})
        if asked.get("sim_pin") and not asked["sim_pin"].isdecimal():
            raise forms.ValidationError({"sim_pin": _("A PIN consists of digits.")})
        return asked


def create(*, charge_point: ChargePoint, params: dict[str, Any], **common: Any) -> Command:
    """Queue it; secrets are kept apart until it has ended.

    Raises Invalid for credentials in the address, and for what would lock it out of this platform.
    """
    if masked("", params["url"]) != params["url"]:
        fault = _t("No credentials in the address.")
        raise Invalid(fault, {"url": fault})
    if _is_own(params["url"]):
        _check_own(charge_point, params)
    secrets = {name: params[name] for name in SECRETS if params.get(name)}
    with transaction.atomic():
        command = command_create(
            charge_point=charge_point, order=ORDER, params=params | dict.fromkeys(secrets, HIDDEN), **common
        )
        command_secret_keep(command=command, content=secrets)
    return command


def _check_own(charge_point: ChargePoint, params: dict[str, Any]) -> None:
    """A password that only the charge point knows, or a lower profile than it had, is refused at our door."""
    if params.get("basic_auth_password"):
        fault = _t("This platform would not know it: rotate the password by its own order.")
        raise Invalid(fault, {"basic_auth_password": fault})
    if params["security_profile"] < charge_point.security_profile:
        fault = _t(
            "It has used a higher one here, and would be refused: an administrator must reset it before."
        )
        raise Invalid(fault, {"security_profile": fault})


def _is_own(url: str) -> bool:
    """True for an address of this platform, as far as the settings tell its names."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return validate_host(host, [name for name in settings.ALLOWED_HOSTS if name != "*"])


order(
    ORDER,
    _("Network profile"),
    explain=_(
        "Writes a way to reach us into a slot of the charge point, which uses it once"
        " NetworkConfigurationPriority names the slot and it has restarted. A wrong address can make it"
        " unreachable."
    ),
    form=NetworkParams,
    group="configuration",
    icon="lan",
    danger=True,
    create=create,
    again=True,
    newest=("identity", "basic_auth_password"),
)


@command(ORDER, versions=("2.0.1", "2.1"))
def build(version: str, command: Command) -> tuple[str, dict[str, Any]]:
    """The request. Raises ValueError for what 2.0.1 lacks, and where the secrets are gone."""
    params = with_secrets(command, command.params)
    spoken = (SPOKEN if version == "2.1" else SPOKEN_2_0_1).get(params["ocpp_version"])
    if spoken is None:
        raise ValueError("OCPP 2.0.1 cannot name OCPP 2.1 in a profile.")
    data: dict[str, Any] = {
        "ocppVersion": spoken,
        "ocppTransport": "JSON",
        "ocppCsmsUrl": params["url"],
        "messageTimeout": params["message_timeout"],
        "securityProfile": params["security_profile"],
        "ocppInterface": params["interface"],
    }
    data |= _given(params, {"identity": "identity", "basic_auth_password": "basicAuthPassword"})
    if params.get("apn"):
        data["apn"] = _apn(params)
    if params.get("vpn_type"):
        data["vpn"] = _vpn(params)
    return "SetNetworkProfile", {"configurationSlot": params["slot"], "connectionData": data}


@answer_of("SetNetworkProfile", versions=("2.0.1", "2.1"))
def apply(command: Command, request: dict[str, Any], answer: dict[str, Any], now: datetime) -> bool:
    """Keep the slot's content without its secrets, and the answer."""
    return network_profile_record(
        charge_point_id=command.charge_point_id,
        slot=int(request["configurationSlot"]),
        data=masked("SetNetworkProfile", request["connectionData"]),
        word=answer["status"],
        now=now,
    )


def _apn(params: dict[str, Any]) -> dict[str, Any]:
    apn = {"apn": params["apn"], "apnAuthentication": params.get("apn_authentication") or "AUTO"}
    apn |= _given(params, {"apn_user": "apnUserName", "apn_password": "apnPassword"})
    return apn | ({"simPin": int(params["sim_pin"])} if params.get("sim_pin") else {})


def _vpn(params: dict[str, Any]) -> dict[str, Any]:
    names = ("server", "user", "group", "password", "key", "type")
    return _given(params, {f"vpn_{name}": name for name in names})


def _given(params: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {ours: params[name] for name, ours in names.items() if params.get(name)}
