"""Questions that central asks upward; the rooms above answer them in AppConfig.ready()."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class RunningCost:
    """What a session costs so far: Decimal amounts with four decimals, ISO 4217 currency, UTC time."""

    amount_excl: Decimal
    amount_incl: Decimal
    currency: str
    as_of: datetime


RunningCosts = Callable[[Sequence[int]], dict[int, RunningCost]]


@dataclass(frozen=True, slots=True)
class SessionDocument:
    """What a session came to, for its page: words, address, amount incl. VAT, and where it went."""

    label: str
    url: str
    amount: Decimal
    currency: str
    state: str


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


def _cannot_verify(contract: Contract) -> str:
    """Nobody here can check certificates: such a one cannot be verified (C07.FR.17)."""
    return "CertChainError"


def _no_documents(session_ids: Sequence[int]) -> dict[int, Sequence[SessionDocument]]:
    return {}


def _no_costs(session_ids: Sequence[int]) -> dict[int, RunningCost]:
    return {}


class Ports:
    """The answers that the rooms above gave."""

    running_cost: RunningCosts = staticmethod(_no_costs)
    session_documents: SessionDocuments = staticmethod(_no_documents)
    contract_status: ContractStatus = staticmethod(_cannot_verify)


ports = Ports()
