"""Works out again what partners bill: by the tariff that the CDR embeds, else by the one that held then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from billing.services.pricing import cdr_priced
from emobility.lib.errors import Invalid
from emobility.lib.money import amount4, minor_places
from ocpi.core.fields import parse_moment
from ocpi.models import CdrCheck, ReceivedCdr, ReceivedLocation, ReceivedTariffVersion
from ocpi.models.cdr_check import CheckState
from registry.services.events import event_append

ENERGY_SLACK: Final = Decimal("0.01")
"""kWh by which sums may differ: each period is rounded for itself."""
LARGEST: Final = Decimal(10) ** 11
EMBEDDED: Final = "embedded in the CDR"


@dataclass(slots=True)
class Outcome:
    """What was found; amounts without and with VAT."""

    told: tuple[Decimal | None, Decimal | None]
    own: tuple[Decimal | None, Decimal | None] = (None, None)
    faults: list[str] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)
    tariff_from: str = ""
    known: bool = True


def cdr_check(*, cdr: ReceivedCdr, now: datetime) -> CdrCheck:
    """Price a partner's CDR and keep by how much it differs; told in the event log where it does."""
    payload = cdr.payload
    outcome = Outcome(amounts_of(payload.get("total_cost")))
    (_credited if payload.get("credit") else _priced)(cdr, outcome)
    state = CheckState.RIGHT
    if not outcome.known:
        state = CheckState.UNKNOWN
    elif outcome.faults:
        state = CheckState.DIFFERS
    told, own = outcome.told, outcome.own
    row, _created = CdrCheck.objects.update_or_create(
        cdr=cdr,
        defaults={
            "state": state,
            "currency": str(payload.get("currency", ""))[:3],
            "told_excl": told[0],
            "told_incl": told[1],
            "own_excl": own[0],
            "own_incl": own[1],
            "difference": told[0] - own[0] if told[0] is not None and own[0] is not None else None,
            "tariff_from": outcome.tariff_from[:60],
            "faults": outcome.faults,
            "lines": outcome.lines,
            "checked_at": now,
        },
    )
    if state == CheckState.DIFFERS:
        _tell(row, now)
    return row


def cdr_checks_missing(*, now: datetime, limit: int = 100) -> int:
    """Check CDRs that came in since; answers how many."""
    rows = ReceivedCdr.objects.filter(check_row=None).select_related("organization").order_by("pk")
    return len([cdr_check(cdr=row, now=now) for row in rows[:limit]])


def amounts_of(price: Any) -> tuple[Decimal | None, Decimal | None]:
    """A price without and with VAT: a number (2.1.1), two prices (2.2.1), or taxes apart (2.3.0)."""
    if not isinstance(price, Mapping):
        return _decimal(price), None
    if "before_taxes" not in price:
        return _decimal(price.get("excl_vat")), _decimal(price.get("incl_vat"))
    excl, taxes = _decimal(price["before_taxes"]), price.get("taxes") or []
    if excl is None or not taxes:
        return excl, excl
    return excl, excl + sum((_decimal(each.get("amount")) or Decimal(0) for each in taxes), Decimal(0))


def _decimal(value: Any) -> Decimal | None:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    amount = amount4(Decimal(str(value))) if is_number else None
    return amount if amount is not None and abs(amount) < LARGEST else None


def _credited(cdr: ReceivedCdr, outcome: Outcome) -> None:
    """A credit CDR takes back all of the one that it names (OCPI 2.2.1 §10.1.1)."""
    named = str(cdr.payload.get("credit_reference_id", ""))
    first = ReceivedCdr.objects.filter(
        organization_id=cdr.organization_id,
        country_code=cdr.country_code,
        party_id=cdr.party_id,
        object_key=named.upper(),
    ).first()
    outcome.tariff_from = f"credit of {named}"
    if first is None:
        outcome.known = False
        outcome.faults.append(_("The CDR that it credits is not here."))
        return
    excl, incl = amounts_of(first.payload.get("total_cost"))
    outcome.own = (None if excl is None else -excl, None if incl is None else -incl)
    outcome.faults += _money_faults(outcome, str(cdr.payload.get("currency", "")))


def _priced(cdr: ReceivedCdr, outcome: Outcome) -> None:
    try:
        tariff, outcome.tariff_from = _tariff_of(cdr)
        zone, assumed = _zone_of(cdr)
        body = cdr_priced(tariff=tariff, cdr=cdr.payload, time_zone=zone)
    except Invalid as error:
        outcome.known = False
        details = [f"{name}: {fault}" for name, fault in list(error.fields.items())[:10]]
        outcome.faults += details or [error.message]
        return
    outcome.own = amounts_of(body["total_cost"])
    outcome.lines = body["lines"]
    outcome.faults += [*body["warnings"], *_sum_faults(cdr.payload, body)]
    outcome.faults += _money_faults(outcome, body["currency"])
    if assumed and outcome.faults and "start_time" in str(tariff):
        outcome.faults.append(_("The time zone of the place is not known: UTC was taken."))


def _tariff_of(cdr: ReceivedCdr) -> tuple[Any, str]:
    """The one tariff of all periods, and where it is from; raises Invalid."""
    embedded = [each for each in cdr.payload.get("tariffs") or [] if isinstance(each, Mapping)]
    named = {
        str(period.get("tariff_id", "")).upper()
        for period in cdr.payload.get("charging_periods") or []
        if isinstance(period, Mapping) and period.get("tariff_id")
    }
    fitting = [each for each in embedded if not named or str(each.get("id", "")).upper() in named]
    if len(named) > 1 or len(fitting) > 1:
        raise Invalid(_("Several tariffs in one CDR are not worked out."))
    if fitting:
        return fitting[0], EMBEDDED
    version = _version_then(cdr, next(iter(named), ""))
    if version is None:
        raise Invalid(_("It embeds no tariff, and we have none by its id."))
    return version.payload, f"{version.tariff.object_id}, {version.last_updated:%Y-%m-%d %H:%M}"


def _version_then(cdr: ReceivedCdr, tariff_key: str) -> ReceivedTariffVersion | None:
    start = parse_moment(str(cdr.payload.get("start_date_time", "")))
    rows = ReceivedTariffVersion.objects.filter(
        tariff__organization_id=cdr.organization_id,
        tariff__country_code=cdr.country_code,
        tariff__party_id=cdr.party_id,
        tariff__object_key=tariff_key,
    ).select_related("tariff")
    if start is None or not tariff_key:
        return None
    return rows.filter(last_updated__lte=start).order_by("-last_updated", "-pk").first()


def _zone_of(cdr: ReceivedCdr) -> tuple[str, bool]:
    """The zone of the place, where the CDR or its operator told it; True where it had to be assumed."""
    place = cdr.payload.get("cdr_location") or cdr.payload.get("location") or {}
    if isinstance(place, Mapping) and place.get("time_zone"):
        return "", False
    known = ReceivedLocation.objects.filter(
        organization_id=cdr.organization_id,
        country_code=cdr.country_code,
        party_id=cdr.party_id,
        object_key=str(place.get("id", "") if isinstance(place, Mapping) else "").upper(),
    ).first()
    zone = known.payload.get("time_zone") if known else None
    return (zone, False) if isinstance(zone, str) and zone else ("", True)


def _sum_faults(payload: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    """Where the totals are not those of the periods."""
    told, own = _decimal(payload.get("total_energy")), _decimal(body["total_energy"])
    if told is not None and own is not None and abs(told - own) > ENERGY_SLACK:
        yield _("total_energy is {told} kWh, its periods come to {own} kWh.").format(told=told, own=own)


def _money_faults(outcome: Outcome, currency: str) -> Iterator[str]:
    """Where the totals differ by more than the smallest coin."""
    names = (_("without VAT"), _("with VAT"))
    for name, told, own in zip(names, outcome.told, outcome.own, strict=True):
        if told is None or own is None:
            continue
        coin = Decimal(1).scaleb(-minor_places(currency))
        if abs(told - own) >= coin:
            yield _("It asks {told} {currency} {name}, worked out are {own}.").format(
                told=told.normalize(), currency=currency, name=name, own=own.normalize()
            )


def _tell(row: CdrCheck, now: datetime) -> None:
    cdr = row.cdr
    event_append(
        organization_id=cdr.organization_id,
        kind="partner_cdr.differs",
        subject=cdr.object_id,
        data={
            "id": cdr.pk,
            "party": f"{cdr.country_code}-{cdr.party_id}",
            "difference": None if row.difference is None else str(row.difference),
            "currency": row.currency,
        },
        now=now,
    )
