"""The review queue: what does not add up, why, the evidence side by side, and what to do."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from billing.admin.review_actions import REVIEW_ACTIONS
from billing.admin.review_story import decision_badge, review_story
from billing.models import Review
from billing.models.review import Decision
from billing.services.summaries import review_words
from emobility.lib.display import NOTHING, age, kwh, link, money
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin


class DecisionFilter(ChoiceFilter):
    """Open ones, or by what was decided."""

    title, parameter_name = _("state"), "state"
    options = (("open", _("open")), *((value, word) for value, word in Decision.choices if value))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Only those."""
        value = self.value()
        return queryset.filter(decision="" if value == "open" else value) if value else queryset


@admin.register(Review)
class ReviewAdmin(HistoryStoryAdmin):
    """Cases, newest first."""

    object_actions = REVIEW_ACTIONS
    paginator = InfinitePaginator
    list_display = ("opened", "what", "why", "energy", "amount", "state")
    list_filter = (DecisionFilter, OrganizationFilter)
    list_select_related = (
        "organization",
        "session__charge_point",
        "session__site",
        "event__charge_point",
        "event__session",
        "cdr",
        "decided_by",
    )
    search_fields = ("session__transaction_id", "session__charge_point__cp_id", "event__key", "cdr__cdr_id")
    ordering = ("-id",)
    empty_text = _("Nothing waits for you: everything that was reported adds up.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what both pages show; for a page of one case, with what its charge point told of the cost."""
        rows = super().get_queryset(request).select_related(*self.list_select_related)
        place = request.resolver_match
        if place is None or "object_id" not in place.kwargs:
            return rows
        return rows.select_related("session__charge_point_cost", "session__organization")

    @display(description=_("opened"), ordering="opened_at")
    def opened(self, review: Review) -> Any:
        """How long it waits."""
        return age(review.opened_at, timezone.now())

    @display(description=_("of"))
    def what(self, review: Review) -> Any:
        """The session or message it is about."""
        if review.event is not None:
            return format_html("{} · {}", review.event.charge_point, _("message in quarantine"))
        if review.session is None:
            return NOTHING
        where = link(object_url(review.session), review.session)
        return format_html("{} · {}", review.session.charge_point, where)

    @display(description=_("why"))
    def why(self, review: Review) -> Any:
        """The reasons in words."""
        return format_html_join(", ", "{}", ((review_words(each),) for each in review.reasons)) or NOTHING

    @display(description=_("energy"))
    def energy(self, review: Review) -> str:
        """What was reported."""
        return kwh(review.session.energy_wh) if review.session and review.event is None else NOTHING

    @display(description=_("amount incl. VAT"))
    def amount(self, review: Review) -> str:
        """What the held CDR comes to."""
        return money(review.cdr.total_cost_incl, review.cdr.currency) if review.cdr else NOTHING

    @display(description=_("state"), ordering="decision")
    def state(self, review: Review) -> Any:
        """Open, or what was decided."""
        return decision_badge(review)

    def story(self, request: HttpRequest, obj: Review) -> dict[str, Any]:
        """Why, the evidence, the proposal, the decision."""
        return review_story(request, obj)
