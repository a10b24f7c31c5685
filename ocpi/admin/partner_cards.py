"""What a partner's page tells: who, how, what goes to and fro, how it got registered."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from emobility.lib.display import age, badge, code, keep, link, moment
from ocpi.admin.deliveries import delivery_badge
from ocpi.admin.handshakes import exchange_badge, steps_shown
from ocpi.admin.pulls import pull_badge
from ocpi.core.leniency import tolerates
from ocpi.models import Delivery, Exchange, Partner
from ocpi.models.delivery import DeliveryState
from ocpi.models.deviation import Sloppiness
from ocpi.services.partner_rows import role_keys
from registry.admin.actions import object_url

ROWS = 12


def facts_card(obj: Any, roles: str) -> dict[str, Any]:
    """Who it is and how it is."""
    now, zone = timezone.now(), obj.organization.time_zone
    facts = [
        (_("Roles"), roles),
        (_("OCPI version"), obj.version),
        (_("Versions URL"), code(obj.versions_url)),
        (_("Registered"), moment(obj.registered_at, zone)),
        (_("Last contact"), age(obj.last_contact, now)),
        (_("Failures in a row"), str(obj.failures)),
        (_("Paused until"), moment(obj.paused_until, zone)),
        (_("Our token is sent"), obj.get_token_form_display()),
        (_("It sends its token"), obj.get_token_form_seen_display()),
    ]
    return {"key": "facts", "title": _("Partner"), "width": "em-w6", "facts": facts}


def parties_card(obj: Partner) -> dict[str, Any]:
    """The parties that it may speak for: agreed on at the registration."""
    rows = [
        [
            (_("Party"), f"{role.get('country_code', '')}-{role.get('party_id', '')}"),
            (_("Role"), role.get("role", "")),
            (_("Name"), (role.get("business_details") or {}).get("name", "")),
        ]
        for role in obj.roles
        if isinstance(role, dict)
    ]
    rows += [
        [(_("Party"), f"{country_code}-{party_id}"), (_("Role"), role), (_("Name"), _waits(obj))]
        for role, country_code, party_id in role_keys(obj.proposed_roles)
    ]
    return {
        "key": "parties",
        "title": _("Agreed parties"),
        "state": badge(_("A change waits"), "warn") if obj.proposed_roles else badge(_("Pinned"), "info"),
        "width": "em-w6",
        "columns": [_("Party"), _("Role"), _("Name")],
        "rows": rows,
        "empty": _("None: the partner is not registered."),
    }


def _waits(obj: Partner) -> SafeString:
    return badge(_("Wanted, not approved"), "warn", obj.proposed_at, timezone.now())


def deviations_card(obj: Partner) -> dict[str, Any]:
    """What it does beside the specification, and whether its profile lets that pass."""
    now = timezone.now()
    rows = [
        [
            (_("What"), link(object_url(row), row.get_kind_display())),
            (_("Verdict"), badge(_("Tolerated"), "mute") if row.tolerated else badge(_("Refused"), "bad")),
            (_("Last seen"), age(row.last_seen_at, now)),
            (_("Example"), keep(row.detail)),
        ]
        for row in obj.deviations.all()
    ]
    strict = [kind.label for kind in Sloppiness if not tolerates(obj, kind)]
    return {
        "key": "deviations",
        "title": _("Deviations"),
        "width": "em-w6",
        "columns": [_("What"), _("Verdict"), _("Last seen"), _("Example")],
        "rows": rows,
        "empty": _("It keeps to the specification so far. Not tolerated: {kinds}.").format(
            kinds=", ".join(str(each) for each in strict) or _("nothing")
        ),
    }


def endpoints_card(obj: Partner) -> dict[str, Any]:
    """What it offers."""
    rows = [
        [(_("Module"), endpoint.identifier), (_("Interface"), endpoint.role), (_("URL"), code(endpoint.url))]
        for endpoint in obj.endpoints.all()
    ]
    return {
        "key": "endpoints",
        "title": _("Endpoints"),
        "width": "em-w6",
        "columns": [_("Module"), _("Interface"), _("URL")],
        "rows": rows,
        "empty": _("None: the partner is not registered."),
    }


def pulls_card(obj: Partner) -> dict[str, Any]:
    """Its lists, when they were last read."""
    now = timezone.now()
    rows = [
        [
            (_("Module"), link(object_url(state), state.module)),
            (_("State"), pull_badge(state)),
            (_("Objects"), "" if state.last_at is None else str(state.last_count)),
            (_("Whole list"), age(state.last_full_at, now)),
            (_("Trouble"), keep(state.error)),
        ]
        for state in obj.pull_states.all()
    ]
    return {
        "key": "pulls",
        "title": _("Last sync"),
        "width": "em-w6",
        "columns": [_("Module"), _("State"), _("Objects"), _("Whole list"), _("Trouble")],
        "rows": rows,
        "empty": _("It offers no list that we read."),
    }


def sent_card(obj: Any) -> dict[str, Any]:
    """The outbox: what failed first, then the newest."""
    rows = [
        [
            (_("Object"), link(object_url(delivery), keep(f"{delivery.module} {delivery.object_id}"))),
            (_("State"), delivery_badge(delivery)),
            (_("Trouble"), keep(delivery.last_error)),
        ]
        for delivery in _outbox(obj)
    ]
    return {
        "key": "outbox",
        "title": _("Outbox"),
        "width": "em-w6",
        "columns": [_("Object"), _("State"), _("Trouble")],
        "rows": rows,
        "more": f"{reverse('admin:ocpi_delivery_changelist')}?partner__id__exact={obj.pk}",
        "empty": _("Nothing was for this partner yet. Sessions of its drivers are sent as they happen."),
    }


def _outbox(obj: Partner) -> list[Delivery]:
    mine = Delivery.objects.filter(partner=obj)
    troubled = mine.filter(Q(state=DeliveryState.DEAD) | Q(state=DeliveryState.WAITING, attempts__gt=0))
    first = list(troubled[: ROWS // 2])
    return first + list(mine.exclude(pk__in=[row.pk for row in first])[: ROWS - len(first)])


def messages_card(obj: Partner) -> dict[str, Any]:
    """The latest messages in both directions."""
    zone = obj.organization.time_zone
    rows = [
        [
            (_("Time"), link(object_url(row), moment(row.at, zone, seconds=True))),
            (_("Request"), f"{row.method} {row.module}"),
            (_("From"), _("us") if row.outgoing else _("partner")),
            (_("Result"), exchange_badge(row)),
        ]
        for row in Exchange.objects.filter(partner=obj).defer("request_body", "response_body")[:ROWS]
    ]
    return {
        "key": "messages",
        "title": _("Messages"),
        "width": "em-w6",
        "columns": [_("Time"), _("Request"), _("From"), _("Result")],
        "rows": rows,
        "more": f"{reverse('admin:ocpi_exchange_changelist')}?partner__id__exact={obj.pk}",
        "empty": _("Nothing was said yet."),
    }


def registration_card(handshake: str) -> dict[str, Any]:
    """How it got registered, step by step; kept as long as messages are."""
    shown: SafeString | str = ""
    if handshake:
        shown = steps_shown(Exchange.objects.filter(handshake=handshake))
    empty = "" if shown else _("No message of the registration is kept (any more).")
    return {"key": "registration", "title": _("Registration"), "body": shown, "empty": empty}
