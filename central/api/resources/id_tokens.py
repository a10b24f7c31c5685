"""REST: id tokens and their groups; made, changed, blocked and read."""

from typing import Any

from django.utils.translation import gettext as _
from django_filters import BooleanFilter, CharFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from central.api.own_rows import OwnRelated, OwnRowsViewSet
from central.api.records import resource
from central.models import Evse, IdToken, IdTokenGroup
from emobility.lib.display import masked
from emobility.lib.filters import TimeFilter
from registry.models import ChargePoint, Site
from registry.rights import Right, may

LARGEST_NUMBER = 2**31 - 1


def uid_taken(serializer: Any, **match: Any) -> bool:
    """Whether another row of the organisation has this uid."""
    user, row = serializer.context["request"].user, serializer.instance
    owner = row.organization_id if row is not None else getattr(user, "organization_id", None)
    rows = serializer.Meta.model.objects.filter(organization_id=owner, **match)
    return bool(rows.exclude(pk=getattr(row, "pk", None)).exists())


@extend_schema_field({"type": "string", "example": "CP-1/2"})
class EvseField(serializers.RelatedField[Evse, str, str]):
    """An EVSE as `<charge point>/<number>`."""

    default_error_messages = {"unknown": _("There is no EVSE {place}; write CP-1/2.")}

    def get_queryset(self) -> Any:
        """EVSEs that the caller may see, of the token's organisation."""
        request = self.context.get("request")
        rows: Any = Evse.objects.visible_to(request.user if request else None)
        owner = getattr(self.root.instance, "organization_id", None)
        return rows.filter(charge_point__organization_id=owner) if owner else rows

    def to_representation(self, value: Any) -> str:
        """As a person writes it."""
        return f"{value.charge_point.cp_id}/{value.number}"

    def to_internal_value(self, data: Any) -> Evse:
        """The EVSE. Raise ValidationError for an unknown one."""
        cp_id, _slash, number = str(data).rpartition("/")
        known = number.isascii() and number.isdecimal() and len(number) < 10 and "\x00" not in cp_id
        rows = self.get_queryset().filter(charge_point__cp_id=cp_id, number=int(number)) if known else ()
        found: list[Evse] = list(rows)
        if not found:
            self.fail("unknown", place=str(data)[:60])
        return found[0]


class IdTokenSerializer(serializers.ModelSerializer[IdToken]):
    """A token. `expires_at` may lie in the past: such a token is refused as expired.

    Empty `sites`, `charge_points` and `evses` mean everywhere. The uid is masked for those who may only look.
    """

    group = OwnRelated(slug_field="uid", queryset=IdTokenGroup.objects.all(), required=False, allow_null=True)
    sites = OwnRelated(slug_field="id", queryset=Site.objects.all(), many=True, required=False)
    charge_points = OwnRelated(
        slug_field="cp_id", queryset=ChargePoint.objects.all(), many=True, required=False
    )
    evses = EvseField(queryset=Evse.objects.all(), many=True, required=False)

    class Meta:
        model = IdToken
        fields = (
            "id",
            "uid",
            "token_type",
            "group",
            "holder",
            "contract_id",
            "blocked",
            "valid_from",
            "expires_at",
            "concurrent_sessions",
            "language",
            "message",
            "sites",
            "charge_points",
            "evses",
            "whitelist",
            "visual_number",
            "out_of_credit",
            "last_used",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("last_used", "created_at", "updated_at")
        extra_kwargs: dict[str, dict[str, Any]] = {
            "concurrent_sessions": {"min_value": 0, "max_value": 32767}
        }

    def to_representation(self, instance: IdToken) -> Any:
        """Whole for those who operate."""
        shown = super().to_representation(instance)
        if not may(self.context["request"].user, Right.OPERATE):
            shown["uid"] = masked(instance.uid)
        return shown

    def validate_uid(self, uid: str) -> str:
        """Raise ValidationError for a uid that another token of the organisation has, in any letters."""
        if uid_taken(self, uid_key=uid.upper()):
            raise serializers.ValidationError(_("Another token has this uid."))
        return uid

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError where the token would end before it begins."""
        row = self.instance
        begins = attrs.get("valid_from", getattr(row, "valid_from", None))
        ends = attrs.get("expires_at", getattr(row, "expires_at", None))
        if begins is not None and ends is not None and ends <= begins:
            raise serializers.ValidationError({"expires_at": [_("It would end before it begins.")]})
        return attrs


class IdTokenFilter(FilterSet):
    """Uid (whole, in any letters), group, type, holder, blocked, and when it expires."""

    uid = CharFilter(field_name="uid_key", method="with_uid")
    group = CharFilter(field_name="group__uid")
    token_type = CharFilter()
    holder = CharFilter(lookup_expr="iexact")
    contract_id = CharFilter()
    blocked = BooleanFilter()
    expires_before = TimeFilter(field_name="expires_at", lookup_expr="lt")
    expires_after = TimeFilter(field_name="expires_at", lookup_expr="gte")

    def with_uid(self, rows: Any, name: str, value: str) -> Any:
        """The token with this uid."""
        return rows.filter(uid_key=value.upper())


@extend_schema(tags=["id tokens"])
class IdTokenViewSet(OwnRowsViewSet):
    """Id tokens of your organisation: cards and app users. One that shall charge no more is `blocked`."""

    queryset = IdToken.objects.select_related("group").prefetch_related(
        "sites", "charge_points", "evses__charge_point"
    )
    serializer_class = IdTokenSerializer
    see_right = Right.INSPECT
    write_right = Right.OPERATE
    http_method_names = ["get", "post", "patch", "put", "head", "options"]
    filterset_class = IdTokenFilter
    ordering_fields = {"uid": "uid_key", "expires_at": "expires_at", "last_used": "last_used"}
    audited = ("uid", "token_type", "blocked", "valid_from", "expires_at", "whitelist", "out_of_credit")


resource("id-tokens", IdTokenViewSet)
