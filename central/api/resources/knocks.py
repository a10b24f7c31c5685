"""REST: unknown ids that knocked, adopted or forgotten; and refused connections of known ones."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from central.api.records import record
from central.models import Knock, Refusal
from central.ocpp.adoption import knock_adopt
from central.services.knocks import knock_forget
from emobility.lib.clock import utc_now
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.models import Organization

NO_STORE = {"Cache-Control": "no-store"}


class AdoptRequest(serializers.Serializer[Any]):
    """Whose it becomes: the slug of an organisation, where the caller may choose among several."""

    organization = serializers.SlugField(required=False)


class AdoptedSerializer(serializers.Serializer[Any]):
    """The charge point, and the password to type into it: it is shown this one time."""

    charge_point = serializers.CharField()
    password = serializers.CharField()
    security_profile = serializers.IntegerField()


class KnockVerbs:
    """What can be done with an id that knocked."""

    @extend_schema(
        request=AdoptRequest,
        responses={201: AdoptedSerializer, 400: FaultSerializer, 403: FaultSerializer, 409: FaultSerializer},
        examples=[OpenApiExample("Example", value={"organization": "amber"}, request_only=True)],
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def adopt(self, request: Request, pk: str = "") -> Response:
        """Make it a charge point; the answer shows its password once."""
        form = AdoptRequest(data=request.data)
        form.is_valid(raise_exception=True)
        view, user = _typed(self, request)
        charge_point, password = knock_adopt(
            knock=view.get_object(),
            organization=_owner(user, form.validated_data.get("organization")),
            actor=user,
            address=request_address(request),
            now=utc_now(),
        )
        told = {
            "charge_point": charge_point.cp_id,
            "password": password,
            "security_profile": charge_point.security_profile,
        }
        return Response(AdoptedSerializer(told).data, status=201, headers=NO_STORE)

    @extend_schema(request=None, responses={204: None, 403: FaultSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def forget(self, request: Request, pk: str = "") -> Response:
        """Take it off the list, until it knocks again."""
        view, _user = _typed(self, request)
        knock_forget(cp_id=view.get_object().cp_id)
        return Response(status=204)


def _typed(view: Any, request: Request) -> tuple[Any, Any]:
    return view, request.user


def _owner(user: Any, slug: str | None) -> Organization:
    """The organisation that is meant. Raises ValidationError where that is not clear."""
    owners = Organization.objects.visible_to(user)
    found = list((owners.filter(slug=slug) if slug else owners)[:2])
    if len(found) != 1:
        fault = _("There is none.") if slug else _("Name the organisation that it shall belong to.")
        raise serializers.ValidationError({"organization": [fault]})
    return found[0]


record(
    "unknown-charge-points",
    Knock,
    fields=("cp_id", "address", "offered", "user_fits", "secure", "first_seen", "last_seen", "count"),
    filters=("cp_id", "address"),
    time_field="last_seen",
    verbs=(KnockVerbs,),
)
record(
    "refused-connections",
    Refusal,
    fields=("charge_point", "reason", "address", "offered", "secure", "count", "total", "last_seen"),
    filters=("reason",),
    time_field="last_seen",
)
