"""Authorisation policies and local lists in plain words: on their own pages and on a charge point's."""

from datetime import datetime
from typing import Any, Final

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from central.admin.cards import card
from central.models import AuthorizationPolicy, IdTokenGroup, LocalList
from central.models.authorization_policy import Access, UnknownOffline
from central.models.local_list import LocalListState
from central.selectors.overview import zone_of
from central.services.policies import Policy, policy_effective
from emobility.lib.display import age, badge, link, moment
from registry.admin.actions import object_url
from registry.rights import Right

LABELS: Final = {
    "access": _("Who may charge"),
    "unknown_offline": _("Unknown offline"),
    "plug_and_charge": _("Plug and charge"),
    "group_stop": _("Group stop"),
    "sessions_at_once": _("Sessions at once"),
    "master_group_id": _("Master passes"),
    "local_list": _("Local list"),
    "shows_costs": _("Prices on displays"),
}
LIST_TONES: Final = {
    LocalListState.UNKNOWN: "mute",
    LocalListState.IN_STEP: "good",
    LocalListState.SENDING: "busy",
    LocalListState.BEHIND: "warn",
    LocalListState.FAILED: "bad",
    LocalListState.NOT_SUPPORTED: "mute",
}
_CHOSEN: Final = {
    ("access", Access.TOKENS): _("only known tags"),
    ("access", Access.FREE): _("everybody"),
    ("unknown_offline", UnknownOffline.DENY): _("refused, and kept for review"),
    ("unknown_offline", UnknownOffline.ACCEPT): _("accepted"),
    ("plug_and_charge", True): _("with a valid contract"),
    ("plug_and_charge", False): _("no"),
    ("group_stop", True): _("members stop each other's sessions"),
    ("group_stop", False): _("only the tag that began it"),
    ("sessions_at_once", 0): _("any number"),
    ("local_list", True): _("kept in step"),
    ("local_list", False): _("only sent on demand"),
    ("shows_costs", None): _("where the charge point says that it shows them"),
    ("shows_costs", True): _("told to all"),
    ("shows_costs", False): _("told to none"),
}


def rule_words(name: str, value: Any) -> Any:
    """What a rule says."""
    if name == "master_group_id":
        group = IdTokenGroup.objects.filter(pk=value).first() if value else None
        return link(object_url(group), group) if group is not None else _("none")
    return _CHOSEN.get((name, value), value)


def policy_facts(policy: Policy, sources: Any) -> list[tuple[Any, Any]]:
    """Each rule with its value and the place that says so."""
    return [
        (label, format_html("{} {}", rule_words(name, getattr(policy, name)), source_words(sources[name])))
        for name, label in LABELS.items()
    ]


def source_words(source: AuthorizationPolicy | None) -> Any:
    """Where a rule comes from."""
    if source is None:
        return format_html('<span class="em-sub">{}</span>', _("(default)"))
    return format_html('<span class="em-sub">({})</span>', link(object_url(source), place_words(source)))


def place_words(policy: AuthorizationPolicy) -> Any:
    """For which place a policy speaks."""
    if policy.charge_point is not None:
        return _("charge point {name}").format(name=policy.charge_point)
    if policy.group is not None:
        return _("group {name}").format(name=policy.group)
    if policy.site is not None:
        return _("site {name}").format(name=policy.site)
    return _("whole organisation")


def list_badge(row: LocalList, now: datetime) -> Any:
    """How a local list stands, since when."""
    state = LocalListState(row.state)
    return badge(state.label.capitalize(), LIST_TONES[state], row.state_at, now)


def list_facts(row: LocalList, zone: str, now: datetime) -> list[tuple[Any, Any]]:
    """What is known of a local list."""
    said = {None: "", 0: _("0: it has none"), -1: _("-1: it knows no local lists")}
    return [
        (_("State"), list_badge(row, now)),
        (_("Version"), row.version or _("none")),
        (_("Wanted version"), row.wanted_version or ""),
        (_("It reports"), said.get(row.reported_version, row.reported_version)),
        (_("Reported"), age(row.reported_at, now)),
        (_("Tags"), row.entries_count),
        (_("Left out"), row.left_out or ""),
        (_("Last in step"), moment(row.synced_at, zone)),
        (_("What went wrong"), row.error),
    ]


@card(Right.INSPECT)
def policy_card(obj: Any, now: datetime) -> dict[str, Any]:
    """The card of a charge point's page: the rules that hold, where they come from, its local list."""
    effective = policy_effective(obj)
    facts = policy_facts(effective.policy, effective.sources)
    row: LocalList | None = getattr(obj, "local_list", None)
    if row is not None:
        words = _("{count} tags, version {version}").format(count=row.entries_count, version=row.version)
        mark = format_html("{} {}", list_badge(row, now), link(object_url(row), words))
        facts.append((_("In the device"), mark))
    return {"key": "policy", "title": _("Who may charge"), "facts": facts}


def list_zone(row: LocalList) -> str:
    """The time zone of a list's charge point."""
    return zone_of(row.charge_point)
