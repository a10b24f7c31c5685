"""REST: commands of partners, commands to partners, parties behind hubs."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.records import record
from central.models.charging_preference import Preference
from ocpi.models import HubClient, Partner, ReceivedCommand, SentCommand
from ocpi.services.command_wishes import NEEDED, command_wish
from ocpi.services.sent_commands import command_send

COMMON = ("uid", "partner", "module", "kind", "version", "response", "result", "message")
TIMES = ("created_at", "deadline_at", "finished_at")

record(
    "partner-commands",
    ReceivedCommand,
    fields=(*COMMON, "result_body", "command", "session", "reservation", *TIMES),
    filters=("uid", "partner", "module", "kind", "response", "result"),
    time_field="created_at",
)
record(
    "hub-clients",
    HubClient,
    fields=("partner", "country_code", "party_id", "role", "status", "received_at", "last_updated"),
    filters=("partner", "country_code", "party_id", "role", "status"),
    time_field="last_updated",
)


class PartnerField(serializers.PrimaryKeyRelatedField[Partner]):
    """A partner of the caller's organisation, by its id."""

    def get_queryset(self) -> Any:
        """Partners that the caller may see."""
        request = self.context.get("request")
        return Partner.objects.visible_to(request.user if request else None).select_related("organization")


class SendSerializer(serializers.Serializer[Any]):
    """A command for one of your drivers at a partner's charge point; what it needs depends on the command."""

    partner = PartnerField(queryset=Partner.objects.none())
    command = serializers.ChoiceField(choices=sorted(NEEDED))
    token = serializers.CharField(required=False, max_length=36, help_text=_("The uid of a driver's token."))
    location_id = serializers.CharField(required=False, max_length=39)
    evse_uid = serializers.CharField(required=False, max_length=39)
    connector_id = serializers.CharField(required=False, max_length=36)
    session_id = serializers.CharField(required=False, max_length=36)
    reservation_id = serializers.CharField(required=False, max_length=36)
    expiry_date = serializers.DateTimeField(required=False)
    authorization_reference = serializers.CharField(required=False, max_length=36)
    profile_type = serializers.ChoiceField(required=False, choices=Preference.choices)
    departure_time = serializers.DateTimeField(required=False)
    energy_need = serializers.DecimalField(
        required=False, max_digits=8, decimal_places=3, min_value=0, help_text=_("kWh")
    )
    discharge_allowed = serializers.BooleanField(required=False)
    charging_profile = serializers.DictField(required=False, help_text=_("ChargingProfile of OCPI 2.2.1."))
    duration = serializers.IntegerField(
        required=False, min_value=1, max_value=604_800, help_text=_("Seconds of the plan to ask for.")
    )


class Sending:
    """POST orders something of a partner; the answer is the command with what the partner said at once."""

    @extend_schema(
        request=SendSerializer,
        responses={201: dict[str, Any]},
        examples=[
            OpenApiExample(
                "Start charging",
                value={
                    "partner": 7,
                    "command": "START_SESSION",
                    "token": "APP-4711",
                    "location_id": "LOC1",
                    "evse_uid": "3256",
                },
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Send a command. Its result comes later: ask at `Location` until `result` is there."""
        view: Any = self
        form = SendSerializer(data=request.data, context=view.get_serializer_context())
        form.is_valid(raise_exception=True)
        values, now, person = dict(form.validated_data), timezone.now(), request.user
        partner, kind = values.pop("partner"), values.pop("command")
        wish = command_wish(partner=partner, kind=kind, params=values, now=now)
        row = command_send(partner=partner, wish=wish, requested_by=_person(person), now=now)
        where = {"Location": f"/api/commands-to-partners/{row.pk}/"}
        return Response(view.get_serializer(row).data, status.HTTP_201_CREATED, headers=where)


def _person(user: Any) -> Any:
    """Who is named as having asked: people and service accounts that are users."""
    return user if getattr(user, "pk", None) and user._meta.label == "registry.User" else None  # noqa: SLF001


record(
    "commands-to-partners",
    SentCommand,
    fields=(*COMMON, "payload", "result_body", *TIMES),
    filters=("uid", "partner", "module", "kind", "response", "result"),
    time_field="created_at",
    verbs=(Sending,),
)
