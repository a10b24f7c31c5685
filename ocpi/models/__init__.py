"""Models of ocpi: partners, their tokens, what we send them and what they sent us."""

from ocpi.models.bootstrap_token import BootstrapToken
from ocpi.models.cdr_check import CdrCheck
from ocpi.models.command import ReceivedCommand, SentCommand
from ocpi.models.delivery import Delivery
from ocpi.models.deviation import Deviation
from ocpi.models.exchange import Exchange
from ocpi.models.hub_client import HubClient
from ocpi.models.partner import Partner, PartnerEndpoint, PartnerToken
from ocpi.models.probe import Probe
from ocpi.models.published import Published
from ocpi.models.pull_state import PullSeen, PullState
from ocpi.models.received import (
    ReceivedCdr,
    ReceivedLocation,
    ReceivedSession,
    ReceivedTariff,
    ReceivedTariffVersion,
)
from ocpi.models.received_token import ReceivedToken
from ocpi.models.reserved_session import ReservedSession
from ocpi.models.sealed_cdr import SealedCdr
from ocpi.models.told_place import ToldPlace

__all__ = [
    "BootstrapToken",
    "CdrCheck",
    "Delivery",
    "Deviation",
    "Exchange",
    "HubClient",
    "Partner",
    "PartnerEndpoint",
    "PartnerToken",
    "Probe",
    "Published",
    "PullSeen",
    "PullState",
    "ReceivedCdr",
    "ReceivedCommand",
    "ReceivedLocation",
    "ReceivedSession",
    "ReceivedTariff",
    "ReceivedTariffVersion",
    "ReceivedToken",
    "ReservedSession",
    "SealedCdr",
    "SentCommand",
    "ToldPlace",
]
