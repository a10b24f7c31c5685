"""REST: statistics of charge points, sites and organisations by period."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from central.selectors.groups import members_of
from central.selectors.periods import DAY, HOUR, MONTH, WEEK, periods_between, usual_begin, zone_named
from central.selectors.statistics import Statistics, statistics_of
from emobility.lib.clock import utc_now
from emobility.lib.filters import LARGEST_KEY, YEARS
from registry.api.rights import RightPermission
from registry.models import ChargePoint, ChargePointGroup, Organization, Site
from registry.rights import Right

COLUMNS = {
    "": "",
    "site": "site_id",
    "charge_point": "cp_id",
    "organization": "organization_id",
}


class MomentField(serializers.DateTimeField):
    """A time that can be told in every zone."""

    default_error_messages = {"range": _("This time is out of range.")}

    def to_internal_value(self, value: Any) -> datetime:
        """Raise ValidationError for a time before 1900 or after 8999."""
        try:
            found = super().to_internal_value(value)
        except OverflowError:
            self.fail("range")
        if not YEARS[0] <= found.year < YEARS[1]:
            self.fail("range")
        return found


class PeriodQuery(serializers.Serializer[Any]):
    """Which time, cut into which periods, by which clock.

    Without `from` the last 24 hours, 30 days, 12 weeks or 12 months; without `to` until now; without
    `time_zone` that of the site or of the organisation.
    """

    period = serializers.ChoiceField(choices=(HOUR, DAY, WEEK, MONTH), default=DAY)
    to = MomentField(required=False, help_text="until (exclusive), ISO 8601")
    time_zone = serializers.CharField(required=False, max_length=64, help_text="like Europe/Berlin")
    excluded_minutes = serializers.FloatField(
        default=0,
        min_value=0,
        max_value=1_000_000,
        help_text="minutes of outage of each port that 23 CFR 680.116(b)(3) excludes, like maintenance",
    )


# `from` is a word of Python's, so it cannot be a name in the class.
PeriodQuery._declared_fields["from"] = MomentField(  # noqa: SLF001 -- where DRF keeps declared fields
    required=False, help_text="from (inclusive), ISO 8601"
)


class StatisticsQuery(PeriodQuery):
    """Of which charge points, and by what they are grouped."""

    group_by = serializers.ChoiceField(
        choices=tuple(COLUMNS), default="", allow_blank=True, help_text="one result for each of these"
    )
    site = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_KEY)
    group = serializers.IntegerField(
        required=False, min_value=0, max_value=LARGEST_KEY, help_text="a group of charge points"
    )
    charge_point = serializers.CharField(required=False, max_length=48)


class FiguresSerializer(serializers.Serializer[Any]):
    """What a time brought; percentages are of the time of all EVSEs, null where there was none."""

    sessions = serializers.IntegerField()
    energy_wh = serializers.IntegerField()
    utilisation_percent = serializers.FloatField(allow_null=True)
    availability_percent = serializers.FloatField(allow_null=True)
    faults = serializers.IntegerField()
    peak_power_w = serializers.IntegerField(allow_null=True)
    seconds = serializers.DictField(child=serializers.IntegerField())


class PeriodFiguresSerializer(FiguresSerializer):
    """A period and what it brought."""

    to = serializers.DateTimeField()


PeriodFiguresSerializer._declared_fields["from"] = serializers.DateTimeField()  # noqa: SLF001 -- as above


class UptimeSerializer(serializers.Serializer[Any]):
    """The uptime that two laws ask for, of the whole time, in percent."""

    uk_pcpr_2023_percent = serializers.FloatField(allow_null=True)
    uk_pcpr_2023_measured_percent = serializers.FloatField(allow_null=True)
    us_23_cfr_680_116_percent = serializers.FloatField(allow_null=True)


class GroupStatisticsSerializer(serializers.Serializer[Any]):
    """The statistics of some charge points."""

    group = serializers.CharField(allow_null=True, help_text="cp_id, or id of the site or organisation")
    name = serializers.CharField(allow_blank=True)
    charge_points = serializers.IntegerField()
    evses = serializers.IntegerField()
    total = FiguresSerializer()
    uptime = UptimeSerializer()
    periods = PeriodFiguresSerializer(many=True)


class StatisticsSerializer(serializers.Serializer[Any]):
    """Statistics, their time and their clock."""

    to = serializers.DateTimeField()
    period = serializers.CharField()
    time_zone = serializers.CharField()
    group_by = serializers.CharField(allow_blank=True)
    results = GroupStatisticsSerializer(many=True)


StatisticsSerializer._declared_fields["from"] = serializers.DateTimeField()  # noqa: SLF001 -- as above


def statistics_answer(
    rows: QuerySet[ChargePoint], asked: dict[str, Any], *, zone_name: str, group_by: str
) -> dict[str, Any]:
    """The answer for the charge points of `rows`. Raises Invalid."""
    now = utc_now()
    zone = zone_named(asked.get("time_zone") or zone_name)
    end = asked.get("to") or now
    begin = asked.get("from") or usual_begin(end, asked["period"], zone)
    periods = periods_between(begin, end, asked["period"], zone)
    found = statistics_of(rows, periods, group_by=COLUMNS[group_by], now=now)
    names = _names(group_by, found)
    return StatisticsSerializer(
        {
            "from": periods.begin,
            "to": periods.end,
            "period": asked["period"],
            "time_zone": zone.key,
            "group_by": group_by,
            "results": [
                _told(group, names, figures, asked["excluded_minutes"])
                for group, figures in sorted(found.items(), key=lambda each: str(each[0]))
            ],
        }
    ).data


def _told(group: Any, names: dict[Any, str], figures: Statistics, excluded: float) -> dict[str, Any]:
    bounds = figures.periods.bounds
    return {
        "group": group if group not in {"", None} else None,
        "name": names.get(group, str(group or "")),
        "charge_points": figures.charge_points,
        "evses": len(figures.evses),
        "total": figures.total().told(),
        "uptime": figures.uptime(excluded),
        "periods": [
            {"from": begin, "to": end, **each.told()}
            for begin, end, each in zip(bounds, bounds[1:], figures.figures, strict=False)
        ],
    }


def _names(group_by: str, found: dict[Any, Statistics]) -> dict[Any, str]:
    models: dict[str, Any] = {"site": Site, "organization": Organization}
    if group_by not in models:
        return {}
    rows = models[group_by].objects.filter(pk__in=[group for group in found if group is not None])
    return dict(rows.values_list("pk", "name"))


class StatisticsView(APIView):
    """Statistics of the charge points that you see: all together, or by site, charge point, organisation."""

    permission_classes = [RightPermission]
    see_right = Right.SEE

    @extend_schema(parameters=[StatisticsQuery], responses={200: StatisticsSerializer}, tags=["statistics"])
    def get(self, request: Request) -> Response:
        """Sessions, energy, utilisation, availability, faults and peak power by period; both uptimes."""
        query = StatisticsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked, user = query.validated_data, request.user
        rows = ChargePoint.objects.visible_to(user)
        site = Site.objects.visible_to(user).filter(pk=asked["site"]).first() if "site" in asked else None
        if "site" in asked:
            rows = rows.filter(site=site) if site else rows.none()
        if "charge_point" in asked:
            rows = rows.filter(cp_id=asked["charge_point"])
        if "group" in asked:
            group = ChargePointGroup.objects.visible_to(user).filter(pk=asked["group"]).first()
            rows = rows.filter(pk__in=members_of(group).values("pk")) if group else rows.none()
        place: Any = site or getattr(user, "organization", None)
        zone = place.time_zone if place else "UTC"
        return Response(statistics_answer(rows, asked, zone_name=zone, group_by=asked["group_by"]))
