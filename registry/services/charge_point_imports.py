"""Charge points in bulk: what a file asks for, row by row with its fault; then all of it, or nothing.

A row whose cp_id is ours already is left as it is, so the same file can be sent again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from emobility.lib.csv_files import Row
from emobility.lib.errors import DomainError, Forbidden, Invalid
from registry.identifiers import cp_id_check
from registry.models import ChargePoint, Organization, Site, User
from registry.rights import Right, may
from registry.services.applications import location_check
from registry.services.registrations import charge_point_create

COLUMNS: Final = ("cp_id", "site", "location", "security_profile")
REQUIRED: Final = ("cp_id",)
PROFILES: Final = ("", "0", "1", "2", "3")


@dataclass(slots=True)
class Planned:
    """What would become of a row: `new`, `exists` or `fault`, with the faults by column."""

    line: int
    values: dict[str, str]
    state: str = "new"
    faults: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """A charge point that was made, and its password, which is known only here."""

    cp_id: str
    password: str


def charge_points_plan(*, actor: User, organization: Organization, rows: Sequence[Row]) -> list[Planned]:
    """Each row with what would become of it. Raises Forbidden."""
    if not may(actor, Right.ENROL) or not (actor.sees_all or actor.organization_id == organization.pk):
        raise Forbidden(_("Your role may not register charge points."))
    names = [row.values.get("cp_id", "") for row in rows]
    owners = dict(ChargePoint.objects.filter(cp_id__in=names).values_list("cp_id", "organization_id"))
    sites = set(Site.objects.filter(organization=organization).values_list("name", flat=True))
    counts = Counter(names)
    planned = [Planned(row.line, row.values) for row in rows]
    for each in planned:
        _check(each, sites, counts)
        _look_up(each, owners, organization)
    return planned


def charge_points_import(
    *, actor: User, organization: Organization, rows: Sequence[Row], address: str = "", now: datetime
) -> list[Imported]:
    """Make all charge points of the rows that are not there yet, or none.

    Raises Invalid (with the faults by line), Forbidden, Conflict.
    """
    planned = charge_points_plan(actor=actor, organization=organization, rows=rows)
    wrong = [each for each in planned if each.state == "fault"]
    if wrong:
        faults = {f"line {each.line}": "; ".join(each.faults.values()) for each in wrong}
        raise Invalid(_("Nothing was made: some rows are wrong."), faults)
    sites = {site.name: site for site in Site.objects.filter(organization=organization)}
    made = []
    with transaction.atomic():
        for each in planned:
            if each.state == "new":
                site = sites.get(each.values.get("site", ""))
                made.append(_make(each, actor, organization, site, address, now))
    return made


def _make(
    each: Planned, actor: User, organization: Organization, site: Site | None, address: str, now: datetime
) -> Imported:
    point, password = charge_point_create(
        actor=actor,
        organization=organization,
        cp_id=each.values["cp_id"],
        site=site,
        location=each.values.get("location", ""),
        security_profile=int(each.values.get("security_profile") or 0),
        address=address,
        now=now,
    )
    return Imported(point.cp_id, password)


def _check(each: Planned, sites: set[str], counts: Counter[str]) -> None:
    values, faults = each.values, each.faults
    try:
        cp_id_check(values.get("cp_id", ""))
    except DomainError as error:
        faults["cp_id"] = error.message
    if counts[values.get("cp_id", "")] > 1:
        faults["cp_id"] = _("It stands in the file more than once.")
    if values.get("site") and values["site"] not in sites:
        faults["site"] = _("There is no such site: {name}.").format(name=values["site"])
    if values.get("location"):
        try:
            location_check(values["location"])
        except DomainError as error:
            faults["location"] = error.message
    if values.get("security_profile", "") not in PROFILES:
        faults["security_profile"] = _("From 0 to 3.")


def _look_up(each: Planned, owners: dict[str, int], organization: Organization) -> None:
    owner = owners.get(each.values.get("cp_id", ""))
    if owner is not None and owner != organization.pk:
        each.faults["cp_id"] = _("The id is taken.")
    if each.faults:
        each.state = "fault"
    elif owner is not None:
        each.state = "exists"
