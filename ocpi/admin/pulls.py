"""What is pulled from partners: each list with its last round, its trouble and the next time."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from emobility.lib.display import age, badge, code, link, moment
from ocpi.models import PullState
from ocpi.services.pull_states import pulls_ask
from ocpi.tasks import poke_pull
from registry.admin.actions import ObjectAction, object_url
from registry.admin.filters import ChoiceFilter
from registry.admin.story import HistoryStoryAdmin
from registry.rights import Right


def pull_badge(state: PullState) -> SafeString:
    """How the list is: failing, being read, odd, or well."""
    now = timezone.now()
    if state.failures:
        return badge(_("Failing"), "bad")
    if state.started_at:
        return badge(_("Being read"), "info", state.started_at, now)
    if state.last_at is None:
        return badge(_("Waiting"), "mute")
    if state.refused:
        return badge(_("Partly refused"), "warn", state.last_at, now)
    return badge(_("Read"), "good", state.last_at, now)


class PullTroubleFilter(ChoiceFilter):
    """Lists that cannot be read, or only partly."""

    title, parameter_name = _("result"), "result"
    options = (("failing", _("failing")), ("refused", _("partly refused")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """By what went wrong."""
        wanted = {"failing": {"failures__gt": 0}, "refused": {"refused__gt": 0}}.get(self.value() or "")
        return queryset.filter(**wanted) if wanted else queryset


def _pull(request: HttpRequest, obj: PullState, values: dict[str, Any]) -> str:
    pulls_ask(partner=obj.partner, module=obj.module, full=True, now=timezone.now())
    poke_pull()
    return _t("The whole list is read now.")


@admin.register(PullState)
class PullStateAdmin(HistoryStoryAdmin):
    """Lists of partners, by partner and module."""

    list_display = ("partner", "module", "state", "objects_last", "full", "next_round", "error")
    list_filter = (PullTroubleFilter,)
    list_select_related = ("partner__organization",)
    search_fields = ("module", "partner__country_code", "partner__party_id", "partner__name")
    empty_text = _("Lists appear here when a partner is registered that offers some.")
    object_actions = (
        ObjectAction(
            slug="pull",
            label=_("Pull the whole list"),
            explain=_("Reads everything that the partner shows us, now; what is gone there ends here."),
            right=Right.MANAGE,
            run=_pull,
            icon="sync",
        ),
    )

    @display(description=_("state"))
    def state(self, state: PullState) -> SafeString:
        """With its age."""
        return pull_badge(state)

    @display(description=_("objects"))
    def objects_last(self, state: PullState) -> str:
        """How many the last round brought."""
        return "" if state.last_at is None else str(state.last_count)

    @display(description=_("last full round"), ordering="last_full_at")
    def full(self, state: PullState) -> Any:
        """How long ago."""
        return age(state.last_full_at, timezone.now())

    @display(description=_("next"), ordering="due_at")
    def next_round(self, state: PullState) -> Any:
        """When it is read again."""
        return moment(state.due_at, state.partner.organization.time_zone)

    def story(self, request: HttpRequest, obj: PullState) -> dict[str, Any]:
        """How far, how often, what went wrong."""
        zone = obj.partner.organization.time_zone
        facts = [
            (_("Partner"), link(object_url(obj.partner), obj.partner)),
            (_("Module"), obj.module),
            (_("Last round"), moment(obj.last_at, zone, seconds=True)),
            (_("Objects in it"), self.objects_last(obj)),
            (_("Refused"), str(obj.refused)),
            (_("Newest object"), moment(obj.mark, zone, seconds=True)),
            (_("Last full round"), moment(obj.last_full_at, zone, seconds=True)),
            (_("Ended by it"), str(obj.last_swept)),
            (_("Next round"), moment(obj.due_at, zone, seconds=True)),
            (_("Under way"), code(obj.next_url) if obj.next_url else ""),
            (_("Failures in a row"), str(obj.failures)),
            (_("Trouble"), obj.error),
        ]
        return {"state_badge": pull_badge(obj), "cards": [{"facts": facts}]}
