"""List filters of central."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.admin.options import ModelAdmin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from central.admin.words import STOP_REASONS
from central.models import ChargePointStatus
from central.models.command import CommandState
from central.models.message import Direction
from central.models.session import SessionState
from central.ocpp.intents import ORDERS
from central.selectors.groups import members_of
from central.selectors.overview import STATES
from registry.admin.filters import ChoiceFilter, SiteFilter, VisibleFilter
from registry.models import ChargePointGroup

MOST_WORDS = 100


class StateFilter(ChoiceFilter):
    """By the one word that says how a charge point is."""

    title, parameter_name = _("state"), "state"
    options = tuple((key, word) for key, (word, tone) in STATES.items())


class ProtocolFilter(ChoiceFilter):
    """By OCPP version."""

    title, parameter_name, field = _("protocol"), "protocol", "live__ocpp_version"
    options = (("1.6", "OCPP 1.6"), ("2.0.1", "OCPP 2.0.1"), ("2.1", "OCPP 2.1"))


class MonitorFilter(ChoiceFilter):
    """By what the charge point's monitor says of its engine."""

    title, parameter_name, field = _("monitor"), "monitor", "live__monitor_state"
    options = (("HEALTHY", _("healthy")), ("FAULT", _("fault")))


class ReportedFilter(DropdownFilter):
    """By a word that the charge points themselves reported."""

    column = ""

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> list[tuple[str, str]]:
        """The words reported by visible charge points."""
        rows = ChargePointStatus.objects.visible_to(request.user).exclude(**{self.column: ""})
        words = rows.order_by(self.column).values_list(self.column, flat=True).distinct()[:MOST_WORDS]
        return [(word, word) for word in words]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Charge points that reported the chosen word."""
        return queryset.filter(**{f"live__{self.column}": self.value()}) if self.value() else queryset


class ModelFilter(ReportedFilter):
    """By model."""

    title, parameter_name, column = _("model"), "model", "model"


class FirmwareFilter(ReportedFilter):
    """By firmware."""

    title, parameter_name, column = _("firmware"), "firmware", "firmware_version"


class GroupFilter(VisibleFilter):
    """By group: those in it by hand and those that fit its rule."""

    title, parameter_name, model = _("group"), "group", ChargePointGroup

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Charge points that belong to the chosen group."""
        value = str(self.value() or "")
        if not value:
            return queryset
        groups = ChargePointGroup.objects.visible_to(request.user)
        group = groups.filter(pk=value).first() if value.isdigit() else None
        return queryset.filter(pk__in=members_of(group).values("pk")) if group else queryset.none()


class SessionStateFilter(ChoiceFilter):
    """Running or ended."""

    title, parameter_name = _("state"), "state"
    options = SessionState.choices


class ReviewFilter(ChoiceFilter):
    """What waits for a person."""

    title, parameter_name, field = _("review"), "review", "needs_review"
    options = (("1", _("needs review")), ("0", _("in order")))


class StopFilter(ChoiceFilter):
    """By why it ended."""

    title, parameter_name = _("reason of the end"), "stop_reason"
    options = tuple(STOP_REASONS.items())


class PeriodFilter(DropdownFilter):
    """By the last hours or days; `column` is compared."""

    title, parameter_name = _("age"), "since"
    column = "created_at"
    options = (("1", _("last hour")), ("24", _("last 24 hours")), ("168", _("last 7 days")))

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Any:
        """The periods."""
        return self.options

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows of the chosen period."""
        hours = str(self.value() or "")
        if not hours.isdigit() or len(hours) > 4:
            return queryset
        return queryset.filter(**{f"{self.column}__gte": timezone.now() - timedelta(hours=int(hours))})


class StartedFilter(PeriodFilter):
    """By the start of a session."""

    title, column = _("started"), "started_at"


class MessageTimeFilter(PeriodFilter):
    """By the time of a message."""

    column = "at"


class OrderFilter(ChoiceFilter):
    """By what was ordered."""

    title, parameter_name = _("order"), "order"

    def lookups(self, request: HttpRequest, model_admin: "ModelAdmin[Any]") -> Iterator[tuple[str, Any]]:
        """Every order that there is."""
        yield from sorted(
            ((name, each.label) for name, each in ORDERS.items()), key=lambda pair: str(pair[1])
        )


class CommandStateFilter(ChoiceFilter):
    """By what became of the command."""

    title, parameter_name = _("state"), "state"
    options = (("trouble", _("in trouble")), *CommandState.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Whole orders in that state; trouble is everything that did not end well."""
        if self.value() == "trouble":
            return queryset.whole_in(TROUBLE)
        return queryset.whole_in([self.value()]) if self.value() else queryset


class DirectionFilter(ChoiceFilter):
    """By who sent the message."""

    title, parameter_name = _("direction"), "direction"
    options = Direction.choices


class MessageErrorFilter(ChoiceFilter):
    """Messages that were answered with an error, or could not be read."""

    title, parameter_name = _("errors"), "errors"
    options = (("1", _("only errors")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Only rows with an error code."""
        return queryset.exclude(error_code="") if self.value() else queryset


class CommandSiteFilter(SiteFilter):
    """By the charge point's site."""

    parameter_name = "charge_point__site_id"


TROUBLE = (
    CommandState.REJECTED,
    CommandState.FAILED,
    CommandState.TIMED_OUT,
    CommandState.UNKNOWN,
    CommandState.EXPIRED,
)
