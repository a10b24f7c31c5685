"""REST: organisations and people; made and changed as in the back office."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from emobility.lib.api import ScopedViewSet
from emobility.lib.errors import Invalid
from registry.api.base import FaultSerializer
from registry.api.callers import request_address
from registry.api.rights import RightPermission
from registry.models import Organization, User
from registry.models.user import PEOPLE_ROLES
from registry.services.organization_rows import organization_save
from registry.services.people import PersonValues, user_change, user_invite, user_invite_again

FAULTS = {400: FaultSerializer, 403: FaultSerializer, 404: FaultSerializer, 409: FaultSerializer}


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    """A charging company."""

    class Meta:
        model = Organization
        fields = (
            "id",
            "name",
            "slug",
            "country_code",
            "party_id",
            "website",
            "currency",
            "time_zone",
            "holds_new_charge_points",
        )


class UserSerializer(serializers.ModelSerializer[User]):
    """A person."""

    organization = serializers.CharField(source="organization.slug", default=None)

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "organization",
            "role",
            "email",
            "first_name",
            "last_name",
            "is_active",
            "is_staff",
            "last_login",
        )


class InviteRequest(serializers.Serializer[Any]):
    """A new person; `is_staff` opens the back office, else REST only."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=PEOPLE_ROLES)
    email = serializers.EmailField(required=False, default="", allow_blank=True)
    first_name = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)
    last_name = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)
    is_staff = serializers.BooleanField(default=True)
    organization = serializers.CharField(max_length=50, required=False)


class PersonChange(serializers.Serializer[Any]):
    """What can be changed of a person."""

    role = serializers.ChoiceField(choices=PEOPLE_ROLES, required=False)
    is_active = serializers.BooleanField(required=False)


class InvitedSerializer(UserSerializer):
    """With the address where the person chooses a password; it works once, for three days."""

    invitation = serializers.URLField()

    class Meta(UserSerializer.Meta):
        fields = (*UserSerializer.Meta.fields, "invitation")  # type: ignore[assignment]  # one more


class RowViewSet(ScopedViewSet):
    """What both share."""

    permission_classes = [RightPermission]
    lookup_value_regex = "[0-9]+"

    def filled(self, form: type[serializers.Serializer[Any]], **options: Any) -> dict[str, Any]:
        """The checked values of the request; raises ValidationError."""
        read = form(data=self.request.data, context=self.get_serializer_context(), **options)
        read.is_valid(raise_exception=True)
        values: dict[str, Any] = read.validated_data
        return values

    def who(self) -> dict[str, Any]:
        """Actor, address and time of a service's call."""
        return {"actor": self.request.user, "address": request_address(self.request), "now": timezone.now()}


@extend_schema(tags=["organisations"])
class OrganizationViewSet(RowViewSet):
    """Your organisation; the platform's administrators see and make all."""

    queryset = Organization.objects.order_by("-id")
    serializer_class = OrganizationSerializer

    @extend_schema(request=OrganizationSerializer, responses={201: OrganizationSerializer} | FAULTS)
    def create(self, request: Request) -> Response:
        """Make an organisation."""
        made = organization_save(row=None, values=self.filled(OrganizationSerializer), **self.who())
        return Response(OrganizationSerializer(made).data, status=201)

    @extend_schema(
        request=OrganizationSerializer(partial=True), responses={200: OrganizationSerializer} | FAULTS
    )
    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change it."""
        row = self.get_object()
        values = self.filled(OrganizationSerializer, instance=row, partial=True)
        return Response(OrganizationSerializer(organization_save(row=row, values=values, **self.who())).data)


@extend_schema(tags=["users"])
class UserViewSet(RowViewSet):
    """People of your organisation."""

    queryset = User.objects.filter(is_service=False).select_related("organization").order_by("-id")
    serializer_class = UserSerializer

    @extend_schema(request=InviteRequest, responses={201: InvitedSerializer} | FAULTS)
    def create(self, request: Request) -> Response:
        """Invite a person: hand on the `invitation`, an address that works once and is not shown again."""
        values = self.filled(InviteRequest)
        organization = owner_of(request, values.pop("organization", None))
        user, way = user_invite(organization=organization, values=PersonValues(**values), **self.who())
        return self._invited(user, way)

    @extend_schema(request=PersonChange, responses={200: UserSerializer} | FAULTS)
    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change the role, or let the person in no more (all tokens end at once)."""
        values = self.filled(PersonChange)
        user = user_change(
            user=self.get_object(), role=values.get("role"), active=values.get("is_active"), **self.who()
        )
        return Response(UserSerializer(user).data)

    @extend_schema(request=None, responses={201: InvitedSerializer} | FAULTS)
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, pk: str = "") -> Response:
        """Another invitation, for who lost theirs or the password."""
        user: Any = self.get_object()
        return self._invited(user, user_invite_again(user=user, **self.who()))

    def _invited(self, user: User, way: str) -> Response:
        name, token = way.split("/")
        url = reverse("invitation", args=[name, token], request=self.request)
        body = UserSerializer(user).data | {"invitation": url}
        return Response(body, status=201, headers={"Cache-Control": "no-store"})


def owner_of(request: Request, slug: str | None) -> Organization:
    """The organisation with this short name if visible, else the caller's own. Raises Invalid."""
    user: Any = request.user
    rows = Organization.objects.visible_to(user)
    found = rows.filter(slug=slug).first() if slug else user.organization
    if found is None:
        raise Invalid(_("Some values are wrong."), {"organization": _("Name an organisation of yours.")})
    return found
