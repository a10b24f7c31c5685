"""REST: "OCPP Control" at the addresses of the first interface: thin edges over the same orders."""

from typing import Any, ClassVar, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from central.api.ocpp_control_forms import (
    GetRequest,
    RebootRequest,
    SetRequest,
    StartRequest,
    StopRequest,
    UnlockRequest,
    UploadRequest,
)
from central.api.waiting import ORDER_RESPONSES, WAIT_PARAMETERS, HowSerializer, how_of, place
from central.models import Session
from registry.api.rights import RightPermission
from registry.rights import Right

HOW: Final = frozenset(HowSerializer().fields)
CHARGE_POINT: Final = ("charger_id", "charge_point", "cp_id")
KINDS: Final = {
    "soft": "gentle",
    "onidle": "gentle",
    "gentle": "gentle",
    "hard": "at_once",
    "immediate": "at_once",
    "at_once": "at_once",
    "immediateandresume": "resume",
    "resume": "resume",
}
"""The words of 1.6 and 2.x for a reset -> ours."""


class ControlView(APIView):
    """One order at an address of its own; `order` is its name among ours."""

    permission_classes = [RightPermission]
    write_right = Right.SERVICE
    order: ClassVar[str]

    def _order(self, request: Request) -> Response:
        body = request.data
        if not isinstance(body, dict):
            raise serializers.ValidationError({"detail": [_("A JSON object is needed.")]})
        words = {name: value for name, value in body.items() if name not in HOW}
        how = how_of(request)
        named = [words.pop(name) for name in CHARGE_POINT if name in words]
        charge_point = str(named[0]) if named else self.charge_point(request, words)
        return place(request, self.order, charge_point, self.params(words), how, own_words=True)

    def charge_point(self, request: Request, words: dict[str, Any]) -> str:
        """The charge point where none is named. Raises ValidationError."""
        raise serializers.ValidationError({"charger_id": [_("Name the charge point.")]})

    def params(self, words: dict[str, Any]) -> dict[str, Any]:
        """The order's parameters from the words of this interface."""
        return words


def _documented(name: str, request: type[serializers.Serializer[Any]], **example: Any) -> Any:
    return extend_schema(
        tags=["OCPP control"],
        operation_id=name,
        request=request,
        parameters=WAIT_PARAMETERS,
        responses=ORDER_RESPONSES,
        examples=[OpenApiExample("Example", value=example, request_only=True)],
    )


class RemoteStartView(ControlView):
    """Start charging."""

    order = "remote_start"

    @_documented(
        "remote_start", StartRequest, charger_id="CP-001", id_tag="04E91C5A", connector_id=1, wait=30
    )
    def post(self, request: Request) -> Response:
        """Ask a charge point to begin a session for a tag."""
        return self._order(request)

    def params(self, words: dict[str, Any]) -> dict[str, Any]:
        """A connector is the one of 1.6."""
        return _renamed(words, idTag="id_tag", connectorId="connector_id")


class RemoteStopView(ControlView):
    """Stop charging."""

    order = "remote_stop"

    @_documented("remote_stop", StopRequest, charger_id="CP-001", transaction_id="1794213", wait=30)
    def post(self, request: Request) -> Response:
        """Ask a charge point to end a session."""
        return self._order(request)

    def charge_point(self, request: Request, words: dict[str, Any]) -> str:
        """That of the session, among those that the caller may see."""
        sessions = Session.objects.visible_to(request.user).select_related("charge_point")
        handle = str(words.get("session") or words.get("transaction_id") or "")
        known = "uid" if len(handle) == UID_LENGTH else "transaction_id"
        found = list(sessions.filter(**{known: handle})[:2]) if handle and _askable(known, handle) else []
        if len(found) != 1:
            raise serializers.ValidationError({"charger_id": [_("Name the charge point.")]})
        return found[0].charge_point.cp_id

    def params(self, words: dict[str, Any]) -> dict[str, Any]:
        """As the order names them."""
        return _renamed(words, transactionId="transaction_id")


class UnlockView(ControlView):
    """Unlock a connector."""

    order = "unlock"

    @_documented("unlock", UnlockRequest, charger_id="CP-001", connector_id=1, wait=30)
    def post(self, request: Request) -> Response:
        """Free a cable that is stuck."""
        return self._order(request)

    def params(self, words: dict[str, Any]) -> dict[str, Any]:
        """The first connector where none is named."""
        named = {"connector", "connector_id", "evse_id", "evse_number"} & set(words)
        return words if named else {**words, "evse_number": 1}


class RebootView(ControlView):
    """Restart."""

    order = "reset"

    @_documented("reboot", RebootRequest, charger_id="CP-001", type="Soft", wait=30)
    def post(self, request: Request) -> Response:
        """Restart a charge point, gently where nothing else is said."""
        return self._order(request)

    def params(self, words: dict[str, Any]) -> dict[str, Any]:
        """Words of 1.6 and 2.x become ours; an unknown one is refused by the order."""
        rest = {name: value for name, value in words.items() if name not in {"type", "kind", "hard"}}
        kind = str(
            words.get("type") or words.get("kind") or ("Hard" if words.get("hard") is True else "Soft")
        )
        return {**rest, "kind": KINDS.get(kind.lower(), kind)}


class ConfigurationGetView(ControlView):
    """Read the configuration."""

    order = "configuration_get"

    @_documented("configuration_get", GetRequest, charger_id="CP-001", keys=["HeartbeatInterval"], wait=30)
    def post(self, request: Request) -> Response:
        """Ask a charge point for values of its configuration."""
        return self._order(request)

    def params(self, words: dict[str, Any]) -> dict[str, Any]:
        """Names as a list."""
        rest = {name: value for name, value in words.items() if name not in {"keys", "key"}}
        keys = words.get("keys", words.get("key"))
        names = [keys] if isinstance(keys, str) else keys
        if names is None:
            return rest
        if not isinstance(names, list):
            raise serializers.ValidationError({"keys": [_("A list of names is needed.")]})
        return {**rest, "variables": [{"name": str(name)} for name in names]}


class ConfigurationSetView(ControlView):
    """Change the configuration."""

    order = "configuration_set"

    @_documented(
        "configuration_set",
        SetRequest,
        charger_id="CP-001",
        key="HeartbeatInterval",
        value="300",
        wait=30,
    )
    def post(self, request: Request) -> Response:
        """Set values of a charge point's configuration; several are one order with parts."""
        return self._order(request)

    def params(self, words: dict[str, Any]) -> dict[str, Any]:
        """Names with their values as a list."""
        rest = {name: value for name, value in words.items() if name not in {"key", "value", "values"}}
        values = dict(words["values"]) if isinstance(words.get("values"), dict) else {}
        if "key" in words:
            values[str(words["key"])] = words.get("value", "")
        if not values:
            return rest
        return {**rest, "variables": [{"name": name, "value": _text(each)} for name, each in values.items()]}


class DiagnosticsUploadView(ControlView):
    """Diagnostics."""

    order = "diagnostics_get"

    @_documented(
        "diagnostics_upload",
        UploadRequest,
        charger_id="CP-001",
        location="https://files.example/upload/CP-001",
        wait=30,
    )
    def post(self, request: Request) -> Response:
        """Ask a charge point to upload its diagnostics."""
        return self._order(request)

    def params(self, words: dict[str, Any]) -> dict[str, Any]:
        """The times in our words."""
        return _renamed(words, start_time="oldest_at", stop_time="latest_at")


UID_LENGTH: Final = 36
LONGEST_HANDLE: Final = 36


def _askable(known: str, handle: str) -> bool:
    if known == "transaction_id":
        return len(handle) <= LONGEST_HANDLE
    try:
        serializers.UUIDField().to_internal_value(handle)
    except serializers.ValidationError:
        return False
    return True


def _renamed(words: dict[str, Any], **names: str) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in words.items()}


def _text(value: Any) -> str:
    """A value of the configuration is a text: true and false as OCPP writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


CONTROLS: Final = {
    "ocpp/remote/start": RemoteStartView,
    "ocpp/remote/stop": RemoteStopView,
    "ocpp/unlock": UnlockView,
    "ocpp/reboot": RebootView,
    "ocpp/configuration/get": ConfigurationGetView,
    "ocpp/configuration/set": ConfigurationSetView,
    "diagnostics/upload": DiagnosticsUploadView,
}
"""The addresses below /api/."""
