"""`POST /cp/register`, `POST /cp/{cp_id}/fault` and `/recovered` at Central: what monitors tell."""

from typing import Any

from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from central.services.enrolments import charge_point_announce, monitor_report
from registry.api.base import FaultSerializer, MachineText, RegistryView
from registry.api.callers import bearer_token, request_address
from registry.services.addresses import is_loopback_address


class AnnounceRequest(serializers.Serializer[Any]):
    """A charge point and the address of its engine: checked for form, stored, never dialled."""

    cp_id = MachineText(max_length=256)
    cp_e_host = MachineText(max_length=1000)
    cp_e_port = serializers.IntegerField()


class ReportRequest(serializers.Serializer[Any]):
    """Why, in the monitor's words."""

    reason = MachineText(required=False, allow_blank=True, allow_null=True, default="")


class DoneResponse(serializers.Serializer[Any]):
    """It is noted."""

    status = serializers.CharField()
    message = serializers.CharField()


RESPONSES = {200: DoneResponse, 400: FaultSerializer, 401: FaultSerializer, 403: FaultSerializer}


class MonitorView(RegistryView):
    """An endpoint for `Authorization: Bearer <token of the charge point>`; the service checks it."""

    authentication_classes = []

    def proofs(self, request: Request) -> dict[str, Any]:
        """What the service needs to know of the caller."""
        return {
            "token": bearer_token(request),
            "on_this_machine": is_loopback_address(request_address(request)),
            "now": now(),
        }

    def get_authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"

    def done(self, message: str) -> Response:
        """The answer of the documents."""
        return Response(DoneResponse({"status": "ok", "message": message}).data)


class AnnounceView(MonitorView):
    """A registered charge point comes to Central."""

    @extend_schema(request=AnnounceRequest, responses=RESPONSES, operation_id="central_cp_register")
    def post(self, request: Request) -> Response:
        """Note it: 401 without a valid token, 403 with another charge point's or a deregistered one."""
        form = AnnounceRequest(data=request.data)
        form.is_valid(raise_exception=True)
        body = form.validated_data
        charge_point_announce(
            cp_id=body["cp_id"], host=body["cp_e_host"], port=body["cp_e_port"], **self.proofs(request)
        )
        return self.done(f"CP {body['cp_id']} registered")


class ReportView(MonitorView):
    """The monitor reports of its engine; `fault` says which of the two reports a path means."""

    fault = True

    @extend_schema(request=ReportRequest, responses=RESPONSES)
    def post(self, request: Request, cp_id: str) -> Response:
        """Note it beside the OCPP state; no session ends by it."""
        form = ReportRequest(data=request.data)
        form.is_valid(raise_exception=True)
        reason = form.validated_data["reason"] or ""
        monitor_report(cp_id=cp_id, fault=self.fault, reason=reason, **self.proofs(request))
        return self.done(f"CP {cp_id} {'fault' if self.fault else 'recovery'} noted")
