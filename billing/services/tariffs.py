"""Tariffs: made, given a new version, put in force somewhere and taken out again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Tariff, TariffAssignment, TariffVersion
from billing.services.tariff_parsing import tariff_parse
from billing.services.tariff_structure import TariffStructure, TaxIncluded, elements_json, limit_json
from central.models import Connector, IdTokenGroup
from emobility.lib.errors import Conflict, Invalid
from registry.models import ChargePoint, Organization, Party, Site


def tariff_create(
    *,
    organization: Organization,
    tariff_id: str,
    name: str,
    currency: str,
    elements: Sequence[Mapping[str, Any]],
    min_price: Mapping[str, Any] | None = None,
    max_price: Mapping[str, Any] | None = None,
    tariff_type: str = "",
    tax_included: str = "",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    now: datetime,
) -> Tariff:
    """A tariff with its first version (OCPI structure), valid from `valid_from` or now on.

    Raises Invalid with the fields named, Conflict where the organisation has a tariff of that id (any case).
    """
    if not tariff_id or len(tariff_id) > 36:
        raise Invalid(
            _("The tariff cannot be used."), fields={"tariff_id": _("1 to 36 characters are needed.")}
        )
    structure = _parsed(currency, elements, min_price, max_price, tariff_type, tax_included)
    with transaction.atomic():
        if Tariff.objects.filter(organization=organization, tariff_id__iexact=tariff_id).exists():
            raise Conflict(_("A tariff with this id exists."), fields={"tariff_id": _("In use.")})
        tariff = Tariff.objects.create(organization=organization, tariff_id=tariff_id, name=name[:100])
        _version(tariff, 1, structure, valid_from or now, valid_until)
    return tariff


def tariff_version_create(
    *,
    tariff: Tariff,
    currency: str,
    elements: Sequence[Mapping[str, Any]],
    min_price: Mapping[str, Any] | None = None,
    max_price: Mapping[str, Any] | None = None,
    tariff_type: str = "",
    tax_included: str = "",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    now: datetime,
) -> TariffVersion:
    """What the tariff charges from `valid_from` (or now) on; sessions that began before keep their version.

    Raises Invalid with the fields named; a version cannot begin in the past.
    """
    structure = _parsed(currency, elements, min_price, max_price, tariff_type, tax_included)
    if valid_from is not None and valid_from < now:
        raise Invalid(
            _("The tariff cannot be used."),
            fields={"valid_from": _("Sessions of the past keep their price: choose a time from now on.")},
        )
    with transaction.atomic():
        Tariff.objects.select_for_update().get(pk=tariff.pk)
        latest = tariff.versions.order_by("-number").first()
        number = 1 if latest is None else latest.number + 1
        version = _version(tariff, number, structure, valid_from or now, valid_until)
        tariff.save(update_fields=["updated_at"])
    return version


def tariff_assign(
    *,
    organization: Organization,
    tariff: Tariff,
    site: Site | None = None,
    charge_point: ChargePoint | None = None,
    connector: Connector | None = None,
    token_group: IdTokenGroup | None = None,
    party: Party | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    now: datetime,
) -> TariffAssignment:
    """Put a tariff in force at one place (none: everywhere) for one audience (none: everybody).

    It may begin in the past: sessions that had no tariff then get it with their next CDR, those that have
    one keep it. Raises Invalid where a thing belongs to another organisation, two places or two audiences
    are given, or the end is first.
    """
    start = valid_from or now
    things: dict[str, Any] = {
        "tariff": tariff,
        "site": site,
        "charge_point": charge_point,
        "connector": connector,
        "token_group": token_group,
        "party": party,
    }
    faults = _assignment_faults(organization, things)
    if valid_until is not None and valid_until <= start:
        faults["valid_until"] = _("The end comes before the start.")
    if faults:
        raise Invalid(_("The tariff cannot be put in force there."), fields=faults)
    return TariffAssignment.objects.create(
        organization=organization, valid_from=start, valid_until=valid_until, **things
    )


def tariff_assignment_end(*, assignment: TariffAssignment, now: datetime) -> None:
    """Take a tariff out of force: the row stays, so that past sessions can be worked out again."""
    if assignment.valid_until is None or assignment.valid_until > now:
        assignment.valid_until = max(now, assignment.valid_from)
        assignment.save(update_fields=["valid_until", "updated_at"])


def version_structure(version: TariffVersion, time_zone: str = "UTC") -> TariffStructure:
    """The structure that rating takes, of a stored version, in the local time of a place."""
    return tariff_parse(
        {
            "currency": version.currency,
            "elements": version.elements,
            "min_price": version.min_price,
            "max_price": version.max_price,
            "type": version.tariff_type,
            "tax_included": version.tax_included,
        },
        time_zone=time_zone,
    )


def version_ocpi(version: TariffVersion) -> dict[str, Any]:
    """The OCPI 2.2.1 Tariff object of a version (needs `tariff__organization` at hand)."""
    tariff = version.tariff
    body: dict[str, Any] = {
        "country_code": tariff.organization.country_code,
        "party_id": tariff.organization.party_id,
        "id": tariff.tariff_id,
        "currency": version.currency,
        "elements": version.elements,
        "start_date_time": version.valid_from.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "last_updated": version.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if version.valid_until is not None:
        body["end_date_time"] = version.valid_until.strftime("%Y-%m-%dT%H:%M:%SZ")
    optional = {
        "type": version.tariff_type,
        "tax_included": version.tax_included,
        "min_price": version.min_price,
        "max_price": version.max_price,
    }
    return body | {name: value for name, value in optional.items() if value}


def _parsed(
    currency: str,
    elements: Sequence[Mapping[str, Any]],
    min_price: Mapping[str, Any] | None,
    max_price: Mapping[str, Any] | None,
    tariff_type: str,
    tax_included: str,
) -> TariffStructure:
    return tariff_parse(
        {
            "currency": currency,
            "elements": elements,
            "min_price": min_price,
            "max_price": max_price,
            "type": tariff_type,
            "tax_included": tax_included,
        }
    )


def _version(
    tariff: Tariff, number: int, structure: TariffStructure, start: datetime, end: datetime | None
) -> TariffVersion:
    if end is not None and end <= start:
        raise Invalid(
            _("The tariff cannot be used."), fields={"valid_until": _("The end comes before the start.")}
        )
    return TariffVersion.objects.create(
        tariff=tariff,
        number=number,
        currency=structure.currency,
        elements=elements_json(structure),
        min_price=limit_json(structure.min_price),
        max_price=limit_json(structure.max_price),
        tariff_type=structure.kind or "",
        tax_included="" if structure.tax_included is TaxIncluded.NO else structure.tax_included,
        valid_from=start,
        valid_until=end,
    )


def _assignment_faults(organization: Organization, things: Mapping[str, Any]) -> dict[str, str]:
    given = {name: thing for name, thing in things.items() if thing is not None}
    foreign = _("This belongs to another organisation.")
    faults = {name: foreign for name, thing in given.items() if _owner(thing) != organization.pk}
    for names, text in (
        (("site", "charge_point", "connector"), _("Choose one place only.")),
        (("token_group", "party"), _("Choose a group of tags or a partner, not both.")),
    ):
        chosen = [name for name in names if name in given]
        if len(chosen) > 1:
            faults.setdefault(chosen[0], text)
    return faults


def _owner(thing: Any) -> int:
    owned = thing.charge_point if isinstance(thing, Connector) else thing
    owner: int = owned.organization_id
    return owner
