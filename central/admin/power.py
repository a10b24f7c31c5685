"""External limits, composite schedules, what cars need and say, and signals about power."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from central.admin.filters import CommandSiteFilter
from central.admin.schedules import schedule_cards
from central.admin.words import command_badge
from central.models import ChargingLimit, ChargingNeeds, CompositeSchedule, EvSchedule, PowerSignal
from central.models.charging_limit import LimitState
from central.models.charging_needs import SignalKind
from central.selectors.overview import zone_of
from emobility.lib.display import NOTHING, badge, code, kw, kwh, link, moment, pretty
from registry.admin.actions import object_url
from registry.admin.filters import ChoiceFilter, OrganizationFilter
from registry.admin.story import HistoryStoryAdmin


class PowerAdmin(HistoryStoryAdmin):
    """Something told of a charge point's power."""

    list_filter: Any = (CommandSiteFilter, OrganizationFilter)
    list_select_related: Any = ("charge_point__site", "charge_point__organization")
    search_fields = ("charge_point__cp_id",)
    ordering = ("-id",)
    empty_link = reverse_lazy("admin:registry_chargepoint_changelist")

    @display(description=_("time"), ordering="at")
    def time(self, row: Any) -> Any:
        """When, at its place."""
        return moment(row.at, zone_of(row.charge_point), seconds=True)

    @display(description=_("EVSE"), ordering="evse_number")
    def place(self, row: Any) -> Any:
        """Which EVSE, or the whole."""
        return row.evse_number or _("all")

    @display(description=_("answered"))
    def answer(self, row: Any) -> Any:
        """The status of the answer."""
        good = {"Accepted": "good", "Processing": "busy"}
        return badge(row.status, good.get(row.status, "mute")) if row.status else NOTHING

    def where(self, row: Any) -> list[tuple[Any, Any]]:
        """The facts that all of them have."""
        facts = [
            (_("Charge point"), link(object_url(row.charge_point), row.charge_point)),
            (_("EVSE"), self.place(row)),
            (_("Time"), self.time(row)),
        ]
        session, command = getattr(row, "session", None), getattr(row, "command", None)
        if session:
            facts.append((_("Session"), link(object_url(session), session)))
        if command:
            facts.append((_("Command"), link(object_url(command), command_badge(command, timezone.now()))))
        return facts


class LimitStateFilter(ChoiceFilter):
    """By whether it holds."""

    title, parameter_name = _("state"), "state"
    options = LimitState.choices


@admin.register(ChargingLimit)
class ChargingLimitAdmin(PowerAdmin):
    """Limits of other systems, newest first."""

    list_display = ("time", "charge_point", "place", "source", "state_now")
    list_filter = (LimitStateFilter, CommandSiteFilter, OrganizationFilter)
    empty_text = _("No other system limits a charge point.")

    @display(description=_("state"), ordering="state")
    def state_now(self, row: ChargingLimit) -> Any:
        """Whether it holds, and since when."""
        tone = "warn" if row.state == LimitState.ACTIVE else "mute"
        label = LimitState(row.state).label.capitalize()
        return badge(label, tone, row.ended_at or row.at, timezone.now())

    def story(self, request: HttpRequest, obj: ChargingLimit) -> dict[str, Any]:
        """Who limits what, until when."""
        zone = zone_of(obj.charge_point)
        words = {True: _("yes"), False: _("no"), None: NOTHING}
        facts = [
            *self.where(obj),
            (_("Set by"), code(obj.source)),
            (_("Critical for the grid"), words[obj.is_grid_critical]),
            (_("Generated locally"), words[obj.is_local_generation]),
            (_("Ended"), moment(obj.ended_at, zone, seconds=True)),
        ]
        return {
            "title": _("Limit by {source}").format(source=obj.source),
            "state_badge": self.state_now(obj),
            "cards": [{"title": _("Limit"), "facts": facts}, *schedule_cards(obj.schedules, zone, obj.at)],
        }


@admin.register(CompositeSchedule)
class CompositeScheduleAdmin(PowerAdmin):
    """What charge points expect to charge with, newest first."""

    list_display = ("time", "charge_point", "place", "begins")
    empty_text = _("No charge point was asked for its composite schedule.")

    @display(description=_("from"), ordering="starts_at")
    def begins(self, row: CompositeSchedule) -> Any:
        """The beginning, at its place."""
        return moment(row.starts_at, zone_of(row.charge_point))

    def story(self, request: HttpRequest, obj: CompositeSchedule) -> dict[str, Any]:
        """The schedule, drawn."""
        cards = schedule_cards([obj.schedule], zone_of(obj.charge_point), obj.starts_at)
        facts = [*self.where(obj), (_("From"), self.begins(obj))]
        title = _("Composite schedule of {name}").format(name=obj.charge_point)
        return {"title": title, "cards": [{"title": _("Answer"), "facts": facts}, *cards]}


@admin.register(ChargingNeeds)
class ChargingNeedsAdmin(PowerAdmin):
    """What cars asked for, newest first."""

    list_display = ("time", "charge_point", "place", "transfer", "energy", "leaves", "answer")
    empty_text = _("No car told its needs yet: that takes ISO 15118 at charge point and car.")

    @display(description=_("energy"), ordering="energy_wh")
    def energy(self, row: ChargingNeeds) -> str:
        """How much it wants."""
        return kwh(row.energy_wh)

    @display(description=_("departure"), ordering="departure_at")
    def leaves(self, row: ChargingNeeds) -> Any:
        """When it leaves, at its place."""
        return moment(row.departure_at, zone_of(row.charge_point))

    def story(self, request: HttpRequest, obj: ChargingNeeds) -> dict[str, Any]:
        """What it wants, and what it was told."""
        charge = NOTHING if obj.state_of_charge is None else f"{obj.state_of_charge} %"
        facts = [
            *self.where(obj),
            (_("Energy transfer"), code(obj.transfer)),
            (_("Energy"), kwh(obj.energy_wh)),
            (_("Most power"), kw(obj.max_power_w)),
            (_("Departure"), self.leaves(obj)),
            (_("Battery"), charge),
            (_("Control"), obj.control_mode or NOTHING),
            (_("Answered"), self.answer(obj)),
        ]
        return {
            "title": _("Charging needs at {name}").format(name=obj.charge_point),
            "cards": [
                {"title": _("Needs"), "width": "em-w6", "facts": facts},
                {"title": _("Word for word"), "width": "em-w6", "body": pretty(obj.needs)},
            ],
        }


@admin.register(EvSchedule)
class EvScheduleAdmin(PowerAdmin):
    """How cars mean to charge, newest first."""

    list_display = ("time", "charge_point", "place", "session", "answer")
    list_select_related = ("charge_point__site", "charge_point__organization", "session")
    empty_text = _("No car told its schedule yet.")

    def story(self, request: HttpRequest, obj: EvSchedule) -> dict[str, Any]:
        """The schedule, drawn."""
        cards = schedule_cards([obj.schedule], zone_of(obj.charge_point), obj.time_base)
        facts = [*self.where(obj), (_("Answered"), self.answer(obj))]
        title = _("Schedule of a car at {name}").format(name=obj.charge_point)
        return {"title": title, "cards": [{"title": _("Told"), "facts": facts}, *cards]}


@admin.register(PowerSignal)
class PowerSignalAdmin(PowerAdmin):
    """Decisions about power, newest first."""

    list_display = ("time", "charge_point", "what", "transaction_id", "by", "answer")
    empty_text = _("No priority, energy transfer or grid signal was decided yet.")

    @display(description=_("what"), ordering="kind")
    def what(self, row: PowerSignal) -> Any:
        """The kind of decision."""
        return SignalKind(row.kind).label

    @display(description=_("by"))
    def by(self, row: PowerSignal) -> Any:
        """Who decided: only what we decide is answered."""
        return _("us") if row.status else _("the charge point")

    def story(self, request: HttpRequest, obj: PowerSignal) -> dict[str, Any]:
        """What was decided, and how it was answered."""
        facts = [
            *self.where(obj),
            (_("Transaction"), code(obj.transaction_id) if obj.transaction_id else NOTHING),
            (_("By"), self.by(obj)),
            (_("Answered"), self.answer(obj)),
        ]
        title = f"{SignalKind(obj.kind).label} · {obj.charge_point}"
        return {
            "title": title,
            "cards": [
                {"title": _("Decision"), "facts": facts},
                {"title": _("Value"), "body": pretty(obj.value)},
            ],
        }
