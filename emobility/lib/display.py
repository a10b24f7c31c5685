"""How values look to people: energy, power, money, times with their age, states as coloured words."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from emobility.lib.money import amount4, round_minor

NOTHING = "–"  # noqa: RUF001 -- the dash that a person sees in an empty cell
TIGHT = "\N{NO-BREAK SPACE}"
TONES = frozenset({"good", "busy", "warn", "bad", "mute", "info"})


def kwh(energy_wh: int | None) -> str:
    """Energy in Wh as kWh with three decimals."""
    return NOTHING if energy_wh is None else f"{number_format(Decimal(energy_wh) / 1000, 3)}{TIGHT}kWh"


def kw(power_w: int | None) -> str:
    """Power in W as kW with one decimal."""
    return NOTHING if power_w is None else f"{number_format(Decimal(power_w) / 1000, 1)}{TIGHT}kW"


def money(amount: Decimal | None, currency: str) -> str:
    """An amount in the currency's minor unit."""
    return NOTHING if amount is None else f"{number_format(round_minor(amount, currency))}{TIGHT}{currency}"


def money_part(amount: Decimal, currency: str) -> str:
    """A part of a sum, which is rounded once at its end: up to four decimals, so that the parts add up."""
    exact, coarse = amount4(amount), round_minor(amount, currency)
    shown = coarse if coarse == exact else exact.normalize()
    return f"{number_format(shown)}{TIGHT}{currency}"


def span(length: timedelta) -> str:
    """A length of time in its two largest useful units: "42 s", "14 min", "3 h 05", "2 d"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds}{TIGHT}s"
    if seconds < 3600:
        return f"{seconds // 60}{TIGHT}min"
    if seconds < 86_400:
        return f"{seconds // 3600}{TIGHT}h{TIGHT}{seconds % 3600 // 60:02d}"
    return f"{seconds // 86_400}{TIGHT}d"


def age(since: datetime | None, now: datetime) -> SafeString | str:
    """How long ago, kept up to date by the page's script; the moment in UTC on hover."""
    if since is None:
        return ""
    return format_html(
        '<time class="em-age" data-age="{}" datetime="{}" title="{}">{}</time>',
        int(since.timestamp()),
        _iso(since),
        _utc(since),
        span(now - since),
    )


def moment(at: datetime | None, zone: str = "UTC", *, seconds: bool = False) -> SafeString | str:
    """A moment in the zone of its place; in UTC on hover."""
    if at is None:
        return NOTHING
    local = at.astimezone(ZoneInfo(zone))
    text = f"{date_format(local, 'j M Y')} {local:%H:%M:%S}" if seconds else date_format(local, "j M Y H:i")
    return format_html('<time class="em-time" datetime="{}" title="{}">{}</time>', _iso(at), _utc(at), text)


def badge(word: Any, tone: str, since: datetime | None = None, now: datetime | None = None) -> SafeString:
    """A state: a colour, a word and, where `since` and `now` are given, its age."""
    tone = tone if tone in TONES else "mute"
    old = age(since, now) if since is not None and now is not None else ""
    return format_html('<span class="em-badge em-{}"><b>{}</b> {}</span>', tone, word, old)


def badges(items: Iterable[SafeString]) -> SafeString:
    """Several states in a row."""
    return format_html(
        '<span class="em-row">{}</span>', format_html_join(" ", "{}", ((item,) for item in items))
    )


def link(url: str, text: Any) -> SafeString:
    """A link in a cell."""
    return format_html('<a class="em-link" href="{}">{}</a>', url, text)


def keep(text: Any) -> SafeString | str:
    """A name on one line, cut where it is very long; whole on hover."""
    return format_html('<span class="em-keep" title="{}">{}</span>', text, text) if text else ""


def code(text: Any) -> SafeString:
    """A protocol's own word, an id or an address."""
    return format_html('<code class="em-code">{}</code>', text)


def pretty(value: Any) -> SafeString:
    """JSON for reading."""
    if value in (None, ""):
        return format_html('<span class="em-mute">{}</span>', _("none"))
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return format_html('<pre class="em-json" tabindex="0">{}</pre>', text)


def masked(secret: str, keep: int = 4) -> str:
    """All but the last `keep` characters hidden."""
    return secret if len(secret) <= keep else "•" * min(len(secret) - keep, 8) + secret[-keep:]


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
