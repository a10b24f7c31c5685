"""Which tariff version a session is priced by: the one in force where, when and for whom it began."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery

from billing.models import TariffAssignment, TariffVersion
from billing.models.tariff import TariffAssignmentQuerySet
from billing.selectors.tariff_precedence import (
    AD_HOC,
    AD_HOC_TAGS,
    REGULAR,
    Asked,
    Offer,
    Plug,
    Verdict,
    tariff_choose,
    tariff_rank,
)
from central.models import Connector, IdToken, Session


@dataclass(frozen=True, slots=True)
class Choice:
    """The version that applies, and the assignment that put its tariff in force."""

    version: TariffVersion
    assignment: TariffAssignment


@dataclass(frozen=True, slots=True)
class Considered:
    """An assignment, its version valid at the time (key and number, if any), and what becomes of it."""

    assignment: TariffAssignment
    version_id: int | None
    number: int | None
    verdict: Verdict


def tariffs_at_start(sessions: Iterable[Session]) -> dict[int, Choice | None]:
    """For each session what applied at its start (billing.selectors.tariff_precedence).

    An assignment whose tariff has no version valid at that time is passed over. Two queries for any number
    of sessions, a third where a tariff is in force for partners.
    """
    sessions = list(sessions)
    found = _Assignments(_around([_asked(each, None) for each in sessions]))
    parties = _parties(sessions) if found.name_parties else {}
    return {each.pk: found.choose(_asked(each, parties.get(each.id_token_id or 0))) for each in sessions}


def tariff_at(asked: Asked) -> TariffVersion | None:
    """The version that applies at a place."""
    return version_chosen(tariffs_considered(asked))


def version_chosen(considered: Sequence[Considered]) -> TariffVersion | None:
    """The version of the assignment that applies."""
    first = considered[0] if considered else None
    if first is None or first.version_id is None or first.verdict is not Verdict.APPLIES:
        return None
    return TariffVersion.objects.select_related("tariff__organization").get(pk=first.version_id)


def tariffs_considered(asked: Asked) -> list[Considered]:
    """All assignments around a place in the order in which they count; the one that applies is first.

    One query.
    """
    valid = TariffVersion.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=asked.at),
        tariff=OuterRef("tariff"),
        valid_from__lte=asked.at,
    ).order_by("-valid_from", "-number")
    rows = _rows(_around([asked])).with_names()
    rows = rows.annotate(
        **{name: Subquery(valid.values(name)[:1]) for name in ("number", "tariff_type")},
        version=Subquery(valid.values("pk")[:1]),
    )
    found = {row.pk: row for row in rows}
    offers = [replace(_offer(row), version_kind=vars(row)["tariff_type"]) for row in found.values()]
    return [_considered(found[each.offer.key], each.verdict) for each in tariff_rank(offers, asked)]


def _considered(row: TariffAssignment, verdict: Verdict) -> Considered:
    return Considered(row, vars(row)["version"], vars(row)["number"], verdict)


def session_asked(session: Session) -> Asked:
    """What a session's tariff depends on."""
    return _asked(session, _parties([session]).get(session.id_token_id or 0))


def valid_version(versions: Iterable[TariffVersion], at: datetime) -> TariffVersion | None:
    """Of the versions valid at a time the one that became valid last."""
    valid = [each for each in versions if _covers(each.valid_from, each.valid_until, at)]
    return max(valid, key=lambda each: (each.valid_from, each.number), default=None)


def _covers(start: datetime, end: datetime | None, at: datetime) -> bool:
    return start <= at and (end is None or at < end)


def _asked(session: Session, party_id: int | None) -> Asked:
    return Asked(
        session.organization_id,
        session.started_at,
        session.charge_point_id,
        session.evse_number,
        session.connector_number,
        session.site_id,
        session.token_group_id,
        party_id,
        _kind(session),
    )


def _kind(session: Session) -> str:
    """TariffType of a session: a payment at the place, what the driver prefers, or REGULAR."""
    if session.id_tag_type in AD_HOC_TAGS:
        return AD_HOC
    return f"PROFILE_{session.charging_preference}" if session.charging_preference else REGULAR


def _parties(sessions: Iterable[Session]) -> dict[int, int | None]:
    """The partner of each tag."""
    tokens = {session.id_token_id for session in sessions if session.id_token_id is not None}
    return dict(IdToken.objects.filter(pk__in=tokens).values_list("pk", "party_id")) if tokens else {}


def _around(places: Sequence[Asked]) -> Q:
    """Assignments that may apply at one of the places."""
    charge_points = {each.charge_point_id for each in places}
    place = (
        Q(connector__charge_point__in=charge_points)
        | Q(charge_point__in=charge_points)
        | Q(site__in={each.site_id for each in places if each.site_id is not None})
        | Q(connector=None, charge_point=None, site=None)
    )
    return place & Q(organization__in={each.organization_id for each in places})


def _rows(around: Q) -> TariffAssignmentQuerySet:
    """Assignments, each with whether its connector shares its EVSE with another one."""
    others = Connector.objects.filter(evse=OuterRef("connector__evse")).exclude(pk=OuterRef("connector_id"))
    return TariffAssignment.objects.filter(around).annotate(shares_evse=Exists(others))


class _Assignments:
    """Assignments with all their versions, found by place."""

    def __init__(self, around: Q) -> None:
        versions = TariffVersion.objects.select_related("tariff__organization")
        rows = _rows(around).select_related("tariff", "connector__evse")
        prefetched = rows.prefetch_related(Prefetch("tariff__versions", queryset=versions))
        self._rows = {row.pk: row for row in prefetched}
        self._offers: dict[object, list[Offer]] = {}
        for row in self._rows.values():
            offer = _offer(row)
            self._offers.setdefault(_place(offer), []).append(offer)

    @property
    def name_parties(self) -> bool:
        """True where a tariff is in force for a partner."""
        return any(row.party_id is not None for row in self._rows.values())

    def choose(self, asked: Asked) -> Choice | None:
        """What applies."""
        offers, versions = self._at(asked)
        chosen = tariff_choose(offers, asked)
        version = versions.get(chosen.key) if chosen is not None else None
        if chosen is None or version is None:
            return None
        return Choice(version, self._rows[chosen.key])

    def _at(self, asked: Asked) -> tuple[list[Offer], Mapping[int, TariffVersion]]:
        """The offers around a place as they are at that time, and their versions."""
        keys: list[object] = [("charge point", asked.charge_point_id), asked.organization_id]
        if asked.site_id is not None:
            keys.append(("site", asked.site_id))
        around = [offer for key in keys for offer in self._offers.get(key, ())]
        found = {
            offer.key: valid_version(self._rows[offer.key].tariff.versions.all(), asked.at)
            for offer in around
        }
        versions = {key: version for key, version in found.items() if version is not None}
        offers = [
            replace(offer, version_kind=versions[offer.key].tariff_type if offer.key in versions else None)
            for offer in around
        ]
        return offers, versions


def _place(offer: Offer) -> object:
    """Under which key an offer is found."""
    charge_point_id = offer.plug.charge_point_id if offer.plug is not None else offer.charge_point_id
    if charge_point_id is not None:
        return "charge point", charge_point_id
    return offer.organization_id if offer.site_id is None else ("site", offer.site_id)


def _offer(row: TariffAssignment) -> Offer:
    """As precedence sees it, without a version yet."""
    plug, alone = row.connector, not vars(row)["shares_evse"]
    return Offer(
        row.pk,
        row.organization_id,
        row.valid_from,
        row.valid_until,
        None,
        row.site_id,
        row.charge_point_id,
        Plug(plug.charge_point_id, plug.evse.number, plug.number, alone) if plug else None,
        row.token_group_id,
        row.party_id,
    )
