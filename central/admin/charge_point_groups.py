"""Groups of charge points: made here, by hand and by rule."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.words import state_badge
from central.selectors.groups import members_of
from central.selectors.overview import for_display, with_state
from emobility.lib.display import age, link
from registry.admin.actions import object_url
from registry.admin.filters import OrganizationFilter
from registry.admin.story import StoryAdmin
from registry.models import ChargePointGroup
from registry.rights import Right, may

SHOWN = 50


def rule_words(group: ChargePointGroup) -> str:
    """The rule as a sentence; '' where there is none."""
    parts = (
        (_("site {value}"), group.rule_site if group.rule_site_id else ""),
        (_("vendor {value}"), group.rule_vendor),
        (_("model {value}"), group.rule_model),
        (_("firmware {value}…"), group.rule_firmware),
    )
    return ", ".join(str(format_lazy(words, value=value)) for words, value in parts if value)


@admin.register(ChargePointGroup)
class ChargePointGroupAdmin(StoryAdmin):
    """The organisation's groups, each with a link to its charge points."""

    list_display = ("name", "description", "rule", "by_hand")
    list_filter = (OrganizationFilter,)
    list_select_related = ("organization", "rule_site")
    search_fields = ("name", "description", "rule_vendor", "rule_model")
    ordering = ("name",)
    autocomplete_fields = ("members", "rule_site")
    empty_text = _("A group gathers charge points, by hand or by a rule, for orders and policies.")
    fieldsets = (
        (None, {"fields": ("organization", "name", "description")}),
        (
            _("By rule"),
            {
                "fields": ("rule_site", "rule_vendor", "rule_model", "rule_firmware"),
                "description": _(
                    "Charge points that fit all of what is filled in belong by themselves. Leave all of it"
                    " empty for a group by hand alone."
                ),
            },
        ),
        (_("By hand"), {"fields": ("members",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of charge points by hand."""
        return super().get_queryset(request).annotate(hand=Count("members"))

    @display(description=_("rule"))
    def rule(self, group: ChargePointGroup) -> str:
        """What a charge point must be to belong by itself."""
        return rule_words(group)

    @display(description=_("by hand"), ordering="hand")
    def by_hand(self, group: Any) -> str:
        """How many were put there."""
        return str(group.hand)

    def buttons(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        """With the way to an order for all of them."""
        found = super().buttons(request, obj)
        if not may(request.user, Right.OPERATE):
            return found
        words = {
            "icon": "dynamic_feed",
            "label": _("Order for all"),
            "explain": _("One order to each of them."),
        }
        url = f"{reverse('admin:central_bulkcommand_add')}?group={obj.pk}"
        return [{"action": words, "url": url, "at_once": False, "hindrance": ""}, *found]

    def story(self, request: HttpRequest, obj: ChargePointGroup) -> dict[str, Any]:
        """The rule, and who belongs now."""
        now = timezone.now()
        members = members_of(obj)
        count = members.count()
        rows = [
            [
                (_("Charge point"), link(object_url(point), point)),
                (_("State"), state_badge(point, now)),
                (_("Site"), str(point.site or "")),
                (_("Model"), _live(point, "model")),
                (_("Firmware"), _live(point, "firmware_version")),
                (_("Last seen"), age(getattr(getattr(point, "live", None), "last_seen", None), now)),
            ]
            for point in for_display(with_state(members))[:SHOWN]
        ]
        return {
            "summary": obj.description,
            "cards": [
                {"title": _("Group"), "facts": _facts(obj, count)},
                {
                    "title": _("Charge points"),
                    "columns": [name for name, _value in rows[0]] if rows else [],
                    "rows": rows,
                    "more": f"{reverse('admin:registry_chargepoint_changelist')}?group={obj.pk}",
                    "empty": _("Nobody belongs yet: put charge points in by hand, or give the group a rule."),
                },
            ],
        }


def _facts(group: Any, count: int) -> list[tuple[Any, Any]]:
    return [
        (_("Belong now"), str(count)),
        (_("By rule"), rule_words(group) or _t("no rule")),
        (_("By hand"), str(group.hand)),
    ]


def _live(point: Any, name: str) -> str:
    return str(getattr(getattr(point, "live", None), name, ""))
