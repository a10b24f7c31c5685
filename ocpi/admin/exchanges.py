"""The OCPI message log: each request with its answer beside it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from emobility.lib.display import badge, code, link, moment, pretty
from ocpi.admin.handshakes import exchange_badge
from ocpi.models import Exchange
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin


class ResultFilter(ChoiceFilter):
    """Those that went wrong."""

    title, parameter_name = _("result"), "result"
    options = (("trouble", _("in trouble")),)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Errors of HTTP, of OCPI, or no answer at all."""
        if not self.value():
            return queryset
        return queryset.exclude(http_status__lt=400, error="", status_code__lt=2000)


class OutgoingFilter(ChoiceFilter):
    """By who asked."""

    title, parameter_name, field = _("sent by"), "outgoing", "outgoing"
    options = (("1", _("us")), ("0", _("partner")))


def _list_url() -> str:
    return reverse("admin:ocpi_exchange_changelist")


@admin.register(Exchange)
class ExchangeAdmin(HistoryStoryAdmin):
    """Requests and answers, newest first; secrets are masked."""

    paginator = InfinitePaginator
    list_display = ("time", "partner", "sender", "method", "path", "result", "took")
    list_filter = (OutgoingFilter, ResultFilter, OrganizationFilter)
    list_select_related = ("partner", "organization")
    search_fields = ("=request_id", "=correlation_id", "url")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The list does not need the bodies."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("_changelist")
        return rows.defer("request_body", "response_body") if is_list else rows

    @display(description=_("time"), ordering="id")
    def time(self, exchange: Exchange) -> Any:
        """When it was asked."""
        return moment(exchange.at, exchange.organization.time_zone, seconds=True)

    @display(description=_("from"))
    def sender(self, exchange: Exchange) -> SafeString:
        """Who asked."""
        return badge(_("Us"), "mute") if exchange.outgoing else badge(_("Partner"), "info")

    @display(description=_("address"))
    def path(self, exchange: Exchange) -> SafeString:
        """Where to."""
        return code(exchange.url[-80:])

    @display(description=_("result"))
    def result(self, exchange: Exchange) -> SafeString:
        """HTTP status, OCPI status, or the trouble."""
        return exchange_badge(exchange)

    @display(description=_("took"))
    def took(self, exchange: Exchange) -> str:
        """How long the answer took."""
        return "" if exchange.duration_ms is None else f"{exchange.duration_ms} ms"

    def story(self, request: HttpRequest, obj: Exchange) -> dict[str, Any]:
        """The request, its answer beside it."""
        facts = [
            (_("Partner"), link(object_url(obj.partner), obj.partner) if obj.partner else ""),
            (_("Time"), self.time(obj)),
            (_("From"), self.sender(obj)),
            (_("Request"), code(f"{obj.method} {obj.url}")),
            (_("Result"), self.result(obj)),
            (_("Took"), self.took(obj)),
            (_("Request id"), code(obj.request_id)),
            (_("Correlation id"), link(f"{_list_url()}?q={obj.correlation_id}", code(obj.correlation_id))),
        ]
        return {
            "title": f"{obj.method} {obj.module or obj.url}",
            "cards": [
                {"key": "facts", "title": _("Message"), "facts": facts},
                {"title": _("Request"), "width": "em-w6", "body": pretty(obj.request_body)},
                {"title": _("Answer"), "width": "em-w6", "body": pretty(obj.response_body)},
            ],
        }
