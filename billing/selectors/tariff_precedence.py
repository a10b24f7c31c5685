"""Which of several assignments prices a session: one pure rule, told in docs/tariffs.md.

For whom goes before where, where before the type, the type before the start:

1. for whom: the tags of a group, then those of a partner, then everybody;
2. where: the connector, then the charge point, then the site, then the organisation;
3. type: the session's own, then a tariff for all sessions, then, for a charging preference, REGULAR;
4. the one whose assignment began last, then the one made last.

A price that was agreed with somebody is not undone by the price sign of a charger; whoever wants it otherwise
at a place puts a tariff of that group in force there. A group is narrower than all tags of a partner.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum
from typing import Final

REGULAR: Final = "REGULAR"
AD_HOC: Final = "AD_HOC_PAYMENT"
PREFERENCES: Final = frozenset({"PROFILE_CHEAP", "PROFILE_FAST", "PROFILE_GREEN"})
KINDS: Final = (REGULAR, AD_HOC, *sorted(PREFERENCES))
AD_HOC_TAGS: Final = frozenset({"AD_HOC_USER", "DirectPayment"})
"""Types of tags that stand for a payment at the place (OCPI TokenType, OCPP 2.1 IdTokenEnum)."""


class Whom(IntEnum):
    """For whom an assignment is, the narrowest first."""

    TOKEN_GROUP = 0
    PARTNER = 1
    EVERYBODY = 2


class Where(IntEnum):
    """Where an assignment is in force, the narrowest first."""

    CONNECTOR = 0
    CHARGE_POINT = 1
    SITE = 2
    ORGANIZATION = 3


class Verdict(Enum):
    """What becomes of an assignment: it applies, gives way to it, or why it does not fit."""

    APPLIES = "applies"
    GIVES_WAY = "gives_way"
    NOT_YET = "not_yet"
    OVER = "over"
    OTHER_PLACE = "other_place"
    OTHER_TOKENS = "other_tokens"
    NO_VERSION = "no_version"
    OTHER_TYPE = "other_type"


@dataclass(frozen=True, slots=True)
class Asked:
    """Where, when and for whom a tariff is asked for; numbers of 0 and keys of None are not known.

    `kind` is an OCPI TariffType.
    """

    organization_id: int
    at: datetime
    charge_point_id: int
    evse_number: int = 0
    connector_number: int = 0
    site_id: int | None = None
    token_group_id: int | None = None
    party_id: int | None = None
    kind: str = REGULAR


@dataclass(frozen=True, slots=True)
class Plug:
    """A connector as precedence sees it; `alone`: its EVSE has no other."""

    charge_point_id: int
    evse_number: int
    number: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """An assignment as precedence sees it.

    `version_kind` is the type of the tariff's version valid at that time: "" for all sessions, None where no
    version is valid then.
    """

    key: int
    organization_id: int
    valid_from: datetime
    valid_until: datetime | None
    version_kind: str | None
    site_id: int | None = None
    charge_point_id: int | None = None
    plug: Plug | None = None
    token_group_id: int | None = None
    party_id: int | None = None

    @property
    def whom(self) -> Whom:
        """For whom it is."""
        if self.token_group_id is not None:
            return Whom.TOKEN_GROUP
        return Whom.EVERYBODY if self.party_id is None else Whom.PARTNER

    @property
    def where(self) -> Where:
        """Where it is in force."""
        if self.plug is not None:
            return Where.CONNECTOR
        if self.charge_point_id is not None:
            return Where.CHARGE_POINT
        return Where.ORGANIZATION if self.site_id is None else Where.SITE


@dataclass(frozen=True, slots=True)
class Ranked:
    """An offer and what becomes of it."""

    offer: Offer
    verdict: Verdict


def tariff_rank(offers: Iterable[Offer], asked: Asked) -> list[Ranked]:
    """All offers in the order in which they count: the one that applies, those that give way, the rest."""
    judged = [(offer, _fault(offer, asked)) for offer in offers]
    fitting = sorted((each for each, fault in judged if fault is None), key=lambda each: _rank(each, asked))
    rest = sorted(
        ((each, fault) for each, fault in judged if fault is not None), key=lambda pair: _rank(pair[0], asked)
    )
    verdicts = [Verdict.APPLIES] + [Verdict.GIVES_WAY] * len(fitting)
    ranked = [Ranked(*pair) for pair in zip(fitting, verdicts, strict=False)]
    return ranked + [Ranked(each, fault) for each, fault in rest if fault is not None]


def tariff_choose(offers: Iterable[Offer], asked: Asked) -> Offer | None:
    """The offer that applies; None where none fits."""
    fitting = [each for each in offers if _fault(each, asked) is None]
    return min(fitting, key=lambda each: _rank(each, asked), default=None)


def _rank(offer: Offer, asked: Asked) -> tuple[int, int, int, float, int]:
    latest = -offer.valid_from.timestamp()
    return offer.whom, offer.where, _type_rank(offer.version_kind, asked.kind), latest, -offer.key


def _fault(offer: Offer, asked: Asked) -> Verdict | None:
    """The first reason why an offer does not fit; None where it does."""
    here = offer.organization_id == asked.organization_id and _is_there(offer, asked)
    faults = {
        Verdict.OTHER_PLACE: not here,
        Verdict.NOT_YET: offer.valid_from > asked.at,
        Verdict.OVER: offer.valid_until is not None and offer.valid_until <= asked.at,
        Verdict.OTHER_TOKENS: not _is_for(offer, asked),
        Verdict.NO_VERSION: offer.version_kind is None,
        Verdict.OTHER_TYPE: _type_rank(offer.version_kind, asked.kind) < 0,
    }
    return next((fault for fault, holds in faults.items() if holds), None)


def _is_there(offer: Offer, asked: Asked) -> bool:
    plug = offer.plug
    if plug is not None:
        here = plug.charge_point_id == asked.charge_point_id and plug.evse_number == asked.evse_number
        # Some charge points name the EVSE only: where it has one connector that is the one.
        return here and (plug.number == asked.connector_number or (not asked.connector_number and plug.alone))
    if offer.charge_point_id is not None:
        return offer.charge_point_id == asked.charge_point_id
    return offer.site_id is None or offer.site_id == asked.site_id


def _is_for(offer: Offer, asked: Asked) -> bool:
    if offer.token_group_id is not None:
        return offer.token_group_id == asked.token_group_id
    return offer.party_id is None or offer.party_id == asked.party_id


def _type_rank(kind: str | None, wanted: str) -> int:
    """0 for the type itself, 1 for all sessions, 2 for REGULAR instead of a preference; -1: not for it."""
    if kind == wanted:
        return 0
    if kind == "":
        return 1
    return 2 if kind == REGULAR and wanted in PREFERENCES else -1
