"""Questions that central asks upward; the rooms above answer them in AppConfig.ready()."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from central.models import Session


class RunningCost(NamedTuple):
    """What a session costs so far: Decimal amounts with four decimals, ISO 4217 currency, UTC time."""

    amount_excl: Decimal
    amount_incl: Decimal
    currency: str
    as_of: datetime


RunningCosts = Callable[[Sequence[int]], dict[int, RunningCost]]


class Measured(Protocol):
    """A reading of a moment: Wh, W, mA; None where it was not given (central.services.readings)."""

    sampled_at: datetime
    register_wh: int | None
    power_w: int | None
    current_ma: int | None


class SessionMove(NamedTuple):
    """A running session that an event moved on: its row as stored, its mark before, what the event brought.

    `before` is the mark (central.selectors.session_marks) of the row as it was read; `at` the event's time.
    """

    session: Session
    before: tuple[Any, ...]
    readings: Sequence[Measured]
    at: datetime
    charging_state: str = ""


RunningCostsMoved = Callable[[Sequence[SessionMove]], dict[int, RunningCost]]


@dataclass(frozen=True, slots=True)
class SessionDocument:
    """What a session came to, for its page: words, address, amount incl. VAT, and where it went."""

    label: str
    url: str
    amount: Decimal
    currency: str
    state: str


@dataclass(frozen=True, slots=True)
class PriceStep:
    """A part of a session's price: when it counted, what it is for, why, what it added, the sum until there.

    Amounts incl. VAT, exact: rounded where they are shown.
    """

    at: datetime
    until: datetime
    name: str
    why: str
    amount_incl: Decimal
    total_incl: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PriceSteps:
    """The steps of a session's price in time order, by which tariff; `too_long`: only its CDR will tell."""

    steps: tuple[PriceStep, ...] = ()
    tariff: str = ""
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class TariffOffer:
    """A tariff as it may be told to a charge point or a driver.

    `ocpi` is the OCPI Tariff object (currency, elements, min_price, max_price), `text` the tariff in words.
    A version never changes: (tariff_id, version) names one content for ever.
    """

    tariff_id: str
    version: int
    name: str
    text: str
    currency: str
    ocpi: Mapping[str, Any]


class TariffOffers(Protocol):
    """What billing knows of tariffs."""

    def __call__(
        self, *, charge_point_id: int, tariff_id: str, at: datetime, id_token_id: int | None = None
    ) -> TariffOffer | None:
        """The version valid at a time: of the tariff of that OCPI id, or of the one in force there ('').

        In force for whom: for a tag, or for somebody without an agreement.
        """


SessionPriceSteps = Callable[[Session], PriceSteps]
SessionTariffs = Callable[[int], TariffOffer | None]
TariffChoices = Callable[[int], Sequence[tuple[str, str]]]


def _no_offer(
    *, charge_point_id: int, tariff_id: str, at: datetime, id_token_id: int | None = None
) -> TariffOffer | None:
    return None


def _no_session_tariff(session_id: int) -> TariffOffer | None:
    return None


def _no_choices(organization_id: int) -> Sequence[tuple[str, str]]:
    return ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a driver finds the receipt of a settlement: a URL, and its number where it has one."""

    url: str
    number: str = ""


Receipts = Callable[[int], Receipt | None]


@dataclass(frozen=True, slots=True)
class ProviderQuestion:
    """A partner's token that was shown at a charge point; EVSE 0: nobody said which."""

    organization_id: int
    charge_point_id: int
    id_token_id: int
    evse_number: int
    now: datetime


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What the token's provider says: one of OCPP's five words, its own word, what the driver is told.

    `reference` has to stand in session and CDR.
    """

    status: str
    word: str
    reference: str = ""
    message: str = ""


ProviderAnswers = Callable[[ProviderQuestion], ProviderAnswer | None]
"""Asks over the network, within OCPI_AUTHORIZE_TIME_LIMIT; None: nobody answered. No transaction is open."""


@dataclass(frozen=True, slots=True)
class VatAnswer:
    """What a register says of a VAT number: whose it is as an OCPP address, and why not, where it is not."""

    accepted: bool
    company: dict[str, str] | None = None
    reason: str = ""


VatChecks = Callable[[str], VatAnswer | None]
SessionDocuments = Callable[[Sequence[int]], dict[int, Sequence[SessionDocument]]]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract certificate as it was shown (2.x C07): its eMAID, the chain in PEM, the data to ask OCSP."""

    charge_point_id: int
    organization_id: int
    emaid: str
    certificate: str
    hash_data: tuple[Mapping[str, Any], ...]
    now: datetime


ContractStatus = Callable[[Contract], str]
"""AuthorizeCertificateStatusEnumType: Accepted, CertificateExpired, CertificateRevoked, CertChainError."""


@dataclass(frozen=True, slots=True)
class ContractAsked:
    """A car's wish for a contract certificate (2.x M01, M02): the EXI request as it came, in base64.

    `position` counts the contracts that it got with the same request before (ISO 15118-20).
    """

    organization_id: int
    cp_id: str
    schema_version: str
    action: str
    exi_request: str
    position: int
    maximum: int | None
    prioritized: tuple[str, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class ContractGiven:
    """The EXI response in base64; empty, with the problem, where there is none. `remaining`: more of them."""

    exi_response: str = ""
    remaining: int = 0
    problem: str = ""


ContractProvider = Callable[[ContractAsked], ContractGiven]
"""A contract certificate pool: named by the setting ISO15118_CONTRACT_PROVIDER (dotted path)."""


def _cannot_verify(contract: Contract) -> str:
    """Nobody here can check certificates: such a one cannot be verified (C07.FR.17)."""
    return "CertChainError"


def _no_documents(session_ids: Sequence[int]) -> dict[int, Sequence[SessionDocument]]:
    return {}


GroupSpend = Callable[[int, datetime, datetime], Mapping[str, Decimal]]
"""What the sessions of a group of tags that began in [from, to) cost so far: incl. VAT, by currency."""


def _no_spend(group_id: int, start: datetime, end: datetime) -> Mapping[str, Decimal]:
    return {}


def _no_costs(session_ids: Sequence[int]) -> dict[int, RunningCost]:
    return {}


def _no_moved_costs(moves: Sequence[SessionMove]) -> dict[int, RunningCost]:
    return {}


def _no_steps(session: Session) -> PriceSteps:
    return PriceSteps()


def _no_receipt(settlement_id: int) -> Receipt | None:
    return None


def _no_provider(question: ProviderQuestion) -> ProviderAnswer | None:
    return None


def _no_register(vat_number: str) -> VatAnswer | None:
    return None


class Ports:
    """The answers that the rooms above gave."""

    tariff_offer: TariffOffers = staticmethod(_no_offer)
    session_tariff: SessionTariffs = staticmethod(_no_session_tariff)
    """The tariff that a session is priced by."""
    tariff_choices: TariffChoices = staticmethod(_no_choices)
    """(OCPI id, name) of an organisation's tariffs."""
    receipt: Receipts = staticmethod(_no_receipt)
    """The receipt of a settlement by its key; None: there is none (the setting may still name a place)."""
    vat_check: VatChecks = staticmethod(_no_register)
    """What a register says of a VAT number whose form is right; None: it does not know."""

    running_cost: RunningCosts = staticmethod(_no_costs)
    group_spend: GroupSpend = staticmethod(_no_spend)
    group_corrected: Callable[[int, datetime, datetime], int] = staticmethod(lambda *_: 0)  # Wh taken off
    running_cost_moved: RunningCostsMoved = staticmethod(_no_moved_costs)
    """The same on the path of meter values: what came is handed over, so that nothing is read again."""
    session_documents: SessionDocuments = staticmethod(_no_documents)
    price_steps: SessionPriceSteps = staticmethod(_no_steps)
    """How a session's price came about, for its page; the session was read with site and organisation."""
    contract_status: ContractStatus = staticmethod(_cannot_verify)
    provider_answer: ProviderAnswers = staticmethod(_no_provider)
    """The provider of a partner's token, asked in real time."""


ports = Ports()
