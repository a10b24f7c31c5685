"""Endpoints: made, changed, tested, replayed, resumed; their secret is shown once and rotates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from emobility.lib.egress import EgressRefused, check_form
from emobility.lib.errors import Conflict, Invalid
from registry.catalog import table
from registry.models import ChargePoint, ChargePointGroup, Event, Organization, Site, User, WebhookEndpoint
from registry.services.audit import audit_record
from registry.services.event_numbers import events_number, newest_position
from registry.services.events import event_append
from registry.services.webhook_deliveries import delivery_new
from registry.services.webhook_matching import kinds_check
from registry.services.webhook_secrets import (
    OLD_SECRET_GOOD_FOR,
    headers_check,
    headers_seal,
    secret_make,
)

SLACK: Final = 10_000
"""Keys and times of the log run together, but for transactions that overlapped."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an endpoint is to be; `headers` None: as they are."""

    name: str
    url: str
    kinds: Collection[str] = ("*",)
    sites: Collection[Site] = ()
    groups: Collection[ChargePointGroup] = ()
    charge_points: Collection[ChargePoint] = ()
    headers: Mapping[str, Any] | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A new endpoint, or one with a new secret, and the secret to show this one time."""

    endpoint: WebhookEndpoint
    secret: str = field(repr=False)


def webhook_create(
    *, organization: Organization, wish: Wish, actor: User | str, origin: str = "", now: datetime
) -> Made:
    """Make an endpoint that hears of what happens from now on. Raises Invalid, Conflict."""
    secret = secret_make()
    endpoint = WebhookEndpoint(
        organization=organization,
        secret=secret,
        position=newest_position(),
        origin=origin,
        created_by=actor if isinstance(actor, User) else None,
    )
    with transaction.atomic():
        _fill(endpoint, wish)
        _audit(endpoint, "created", actor, now)
    return Made(endpoint, secret)


def webhook_change(
    *, endpoint: WebhookEndpoint, wish: Wish, actor: User | str, now: datetime
) -> WebhookEndpoint:
    """Change it; switched on again, it begins with what happens from now on. Raises Invalid, Conflict."""
    with transaction.atomic():
        locked = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
        if wish.is_active and not locked.is_active:
            locked.position = newest_position()
        _fill(locked, wish)
        _audit(locked, "changed", actor, now)
    return locked


def _fill(endpoint: WebhookEndpoint, wish: Wish) -> None:
    endpoint.name, endpoint.url = _name(wish.name), _url(wish.url)
    endpoint.kinds, endpoint.is_active = kinds_check(list(wish.kinds)), wish.is_active
    if wish.headers is not None:
        endpoint.headers = headers_seal(headers_check(wish.headers))
    owners = {site.organization_id for site in wish.sites} | {group.organization_id for group in wish.groups}
    owners |= {charge_point.organization_id for charge_point in wish.charge_points}
    if owners - {endpoint.organization_id}:
        raise Invalid(_("Some places belong to another organisation."))
    try:
        with transaction.atomic():
            endpoint.save()
    except IntegrityError as error:
        raise Conflict(_("There is a webhook with this name already.")) from error
    endpoint.sites.set(wish.sites)
    endpoint.groups.set(wish.groups)
    endpoint.charge_points.set(wish.charge_points)


def _name(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= 100:
        sentence = _("A name of at most 100 letters is needed.")
        raise Invalid(sentence, {"name": sentence})
    return name


def _url(url: str) -> str:
    try:
        check_form(url)
    except EgressRefused as error:
        raise Invalid(str(error), {"url": str(error)}) from error
    if len(url) > 500:
        sentence = _("The URL is too long.")
        raise Invalid(sentence, {"url": sentence})
    return url


def webhook_rotate(*, endpoint: WebhookEndpoint, actor: User | str, now: datetime) -> Made:
    """Give it a new secret; for a day requests are signed with both."""
    secret = secret_make()
    with transaction.atomic():
        locked = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
        locked.previous_secret, locked.previous_until = locked.secret, now + OLD_SECRET_GOOD_FOR
        locked.secret = secret
        locked.save(update_fields=["secret", "previous_secret", "previous_until", "updated_at"])
        _audit(locked, "rotated", actor, now)
    return Made(locked, secret)


def webhook_resume(*, endpoint: WebhookEndpoint, actor: User | str, now: datetime) -> None:
    """Go on where a pause began; nothing was lost. Raises Conflict where it is not paused."""
    with transaction.atomic():
        trouble = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(paused_at=None, paused_until=None)
        changed = trouble.update(
            paused_at=None, pause_reason="", paused_until=None, failures=0, failing_since=None
        )
        if not changed:
            raise Conflict(_("This webhook is not paused."))
        _audit(endpoint, "resumed", actor, now)


def webhook_delete(*, endpoint: WebhookEndpoint, actor: User | str, now: datetime) -> None:
    """Delete it with its deliveries; the event log stays."""
    with transaction.atomic():
        _audit(endpoint, "deleted", actor, now)
        endpoint.delete()


def webhook_test(*, endpoint: WebhookEndpoint, actor: User | str, now: datetime) -> Event:
    """Send it a test event, alone. Raises Conflict while it is switched off or paused."""
    if not endpoint.is_active or endpoint.paused_at:
        raise Conflict(_("This webhook is switched off or paused."))
    with transaction.atomic():
        data = {"endpoint": str(endpoint.uid), "text": "This is a test."}
        event = event_append(
            organization_id=endpoint.organization_id,
            kind=table.TEST,
            subject=endpoint.name,
            data=data,
            now=now,
        )
        delivery_new(endpoint, event, now).save()
        _audit(endpoint, "tested", actor, now)
    return event


def webhook_replay(*, endpoint: WebhookEndpoint, since: datetime, actor: User | str, now: datetime) -> None:
    """Send again all that fits from `since` on, in its order and with its ids. Raises Invalid."""
    if since > now:
        sentence = _("This time is still to come.")
        raise Invalid(sentence, {"since": sentence})
    while events_number():
        pass
    first = _first_since(endpoint.organization_id, since)
    with transaction.atomic():
        if first is not None:
            rows = WebhookEndpoint.objects.filter(pk=endpoint.pk, position__gte=first)
            rows.update(position=first - 1)
        _audit(endpoint, "replayed", actor, now, since=since.isoformat())


def _first_since(organization_id: int, since: datetime) -> int | None:
    """The lowest position of the organisation's events from `since` on, found by halves of the log."""
    low, high = 0, Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    while low < high:
        middle = (low + high) // 2
        at = Event.objects.filter(id__gte=middle).order_by("id").values_list("at", flat=True).first()
        if at is not None and at < since:
            low = middle + 1
        else:
            high = middle
    rows = Event.objects.filter(organization_id=organization_id, id__gte=max(low - SLACK, 0), at__gte=since)
    return rows.exclude(position=None).order_by("position").values_list("position", flat=True).first()


def _audit(endpoint: WebhookEndpoint, act: str, actor: User | str, now: datetime, **facts: Any) -> None:
    audit_record(
        actor=actor,
        action=f"webhook.{act}",
        organization_id=endpoint.organization_id,
        object_type="webhook",
        object_id=str(endpoint.uid),
        after={"name": endpoint.name, "url": endpoint.url, "kinds": endpoint.kinds, **facts},
        now=now,
    )
