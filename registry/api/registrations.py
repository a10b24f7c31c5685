"""`POST /cp/register`, `GET /cp`, `GET /cp/{cp_id}`, `DELETE /cp/{cp_id}`."""

from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from emobility.lib.errors import Forbidden
from registry.api.base import SECONDS, FaultSerializer, MachineText, RegistryView
from registry.api.callers import actor_of, applicant_of, request_address
from registry.models.charge_point import RegistrationStatus
from registry.permissions import ChargePointActor
from registry.selectors.charge_points import charge_point_get, charge_points_listed
from registry.services.applications import Application
from registry.services.registrations import charge_point_deregister, charge_point_register

MAX_PAGE = 1000


class RegisterRequest(serializers.Serializer[Any]):
    """What a charge point says of itself; `credentials` or `enrolment_token` prove that it may."""

    cp_id = MachineText(help_text="1 to 48 letters, digits or * - _ = + | @ . and inner spaces")
    location = MachineText(help_text="city or address, up to 200 characters")
    metadata = serializers.JSONField(required=False, allow_null=True, help_text="any object up to 16 KiB")
    certificate_pem = MachineText(required=False, allow_blank=True, allow_null=True)
    credentials = MachineText(required=False, allow_blank=True, allow_null=True, max_length=256)
    enrolment_token = MachineText(required=False, allow_blank=True, allow_null=True, max_length=256)


class RegisterResponse(serializers.Serializer[Any]):
    """The new secret, shown only here, and a first token."""

    cp_id = serializers.CharField()
    status = serializers.CharField()
    credentials = serializers.CharField()
    token = serializers.CharField()
    token_expires_at = serializers.DateTimeField(format=SECONDS)
    message = serializers.CharField()


class ChargePointResponse(serializers.Serializer[Any]):
    """A charge point as its organisation sees it: no secret, no certificate text."""

    cp_id = serializers.CharField()
    location = serializers.CharField()
    status = serializers.CharField()
    registered_at = serializers.DateTimeField(format=SECONDS)
    last_authenticated = serializers.DateTimeField(format=SECONDS, allow_null=True)
    metadata = serializers.JSONField()
    certificate_fingerprint = serializers.CharField(allow_null=True)


class ListQuery(serializers.Serializer[Any]):
    """The filter and the page."""

    status_filter = serializers.ChoiceField(RegistrationStatus.values, required=False)
    limit = serializers.IntegerField(required=False, default=MAX_PAGE, min_value=1, max_value=MAX_PAGE)
    offset = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2**31)


class ListResponse(serializers.Serializer[Any]):
    """`total` counts all that fit the filter; `cps` holds one page of them."""

    total = serializers.IntegerField()
    cps = ChargePointResponse(many=True)


class DeregisterResponse(serializers.Serializer[Any]):
    """What became of it."""

    cp_id = serializers.CharField()
    status = serializers.CharField()
    message = serializers.CharField()


FAULTS = {401: FaultSerializer, 403: FaultSerializer}


class RegisterView(RegistryView):
    """Enrolment, and new credentials for who proves to be registered."""

    @extend_schema(
        request=RegisterRequest,
        responses={
            200: RegisterResponse,
            400: FaultSerializer,
            409: FaultSerializer,
            429: FaultSerializer,
            **FAULTS,
        },
    )
    def post(self, request: Request) -> Response:
        """Register a charge point; a taken id yields only to proof (then its old secret is dead)."""
        form = RegisterRequest(data=request.data)
        form.is_valid(raise_exception=True)
        body = form.validated_data
        made = charge_point_register(
            application=Application(
                body["cp_id"], body["location"], body.get("metadata"), body.get("certificate_pem") or ""
            ),
            applicant=applicant_of(request, body),
            now=now(),
        )
        answer = {
            "cp_id": made.charge_point.cp_id,
            "status": made.charge_point.status,
            "credentials": made.credentials,
            "token": made.token,
            "token_expires_at": made.token_expires_at,
            "message": _("CP registered successfully. Store the credentials: they are shown only once."),
        }
        return Response(RegisterResponse(answer).data)


class ChargePointListView(RegistryView):
    """The charge points of the caller's organisation."""

    @extend_schema(
        operation_id="cp_list",
        parameters=[
            OpenApiParameter("status_filter", enum=RegistrationStatus.values),
            OpenApiParameter("limit", int),
            OpenApiParameter("offset", int),
        ],
        responses={200: ListResponse, 400: FaultSerializer, **FAULTS},
    )
    def get(self, request: Request) -> Response:
        """List them, by id."""
        actor = actor_of(request)
        query = ListQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        rows = charge_points_listed(actor=actor, status=wanted.get("status_filter"))
        start = wanted["offset"]
        page = rows.order_by("cp_id")[start : start + wanted["limit"]]
        return Response(ListResponse({"total": rows.count(), "cps": page}).data)


class ChargePointView(RegistryView):
    """One charge point."""

    @extend_schema(responses={200: ChargePointResponse, 404: FaultSerializer, **FAULTS})
    def get(self, request: Request, cp_id: str) -> Response:
        """Show it to its organisation, or to itself."""
        return Response(ChargePointResponse(charge_point_get(actor=actor_of(request), cp_id=cp_id)).data)

    @extend_schema(responses={200: DeregisterResponse, 404: FaultSerializer, **FAULTS})
    def delete(self, request: Request, cp_id: str) -> Response:
        """Deregister it: secret, tokens and open socket die, its history stays."""
        actor = actor_of(request)
        if isinstance(actor, ChargePointActor):
            raise Forbidden(str(_("A charge point may not deregister itself.")))
        gone = charge_point_deregister(actor=actor, cp_id=cp_id, address=request_address(request), now=now())
        answer = {"cp_id": gone.cp_id, "status": gone.status, "message": _("CP deregistered successfully")}
        return Response(DeregisterResponse(answer).data)
