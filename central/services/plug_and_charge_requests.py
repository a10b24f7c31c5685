"""Questions of cars about certificates and contracts: fetched from others first, then answered and kept.

Each `..._fetch` goes to the network and runs before the request is served (central.ocpp.errands); each
`..._answer` only reads what was kept then.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import structlog
from cryptography import x509
from django.conf import settings
from django.utils.module_loading import import_string

from central.models import CertificateStatus, PlugAndChargeRequest
from central.models.certificate_status import StatusWord
from central.ports import Contract, ContractAsked, ContractGiven, ContractProvider
from central.services.authorities import trusted
from central.services.certificate_statuses import CRL, OCSP, status_ensure, status_known
from central.services.ocsp import addresses_of
from emobility.lib import pki
from emobility.lib.pki import Fault, HashData

log = structlog.get_logger(__name__)

ACCEPTED: Final = "Accepted"
FAILED: Final = "Failed"
SAME_CAR: Final = timedelta(minutes=10)
"""The same request within this time asks for the next contract, later for the first again."""
EXPIRED: Final = "CertificateExpired"
REVOKED: Final = "CertificateRevoked"
BROKEN: Final = "CertChainError"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked, by which message, when."""

    charge_point_id: int
    organization_id: int
    cp_id: str
    message_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A certificate and where its status may be asked for."""

    named: HashData
    urls: tuple[str, ...]
    source: str = OCSP


# --- certificates ---------------------------------------------------------------------------------


def statuses_fetch(*, organization_id: int, questions: Sequence[Question], now: datetime) -> None:
    """Have the status of each certificate known, all of them within the time limit."""
    end = time.monotonic() + settings.ISO15118_TIME_LIMIT
    for each in questions:
        status_ensure(
            organization_id=organization_id,
            source=CRL if each.source == CRL else OCSP,
            named=each.named,
            urls=each.urls,
            limit=max(0.0, end - time.monotonic()),
            now=now,
        )


def status_answer(*, asker: Asker, question: Question) -> CertificateStatus | None:
    """What is known of a certificate (M06); None where the time did not suffice. The question is kept."""
    found = _known(asker.organization_id, question, asker.now)
    request_keep(
        asker=asker,
        kind="GetCertificateStatus",
        details=_told(question),
        status=ACCEPTED if found is not None and found.answer else FAILED,
        answer=found.answer if found is not None else "",
        problem=problem_of(found),
    )
    return found


def statuses_answer(*, asker: Asker, questions: Sequence[Question]) -> list[CertificateStatus | None]:
    """What is known of each certificate (2.1 M07). The questions are kept."""
    found = [_known(asker.organization_id, each, asker.now) for each in questions]
    words = [StatusWord(row.status) if row else StatusWord.FAILED for row in found]
    request_keep(
        asker=asker,
        kind="GetCertificateChainStatus",
        details={"certificates": [_told(each) for each in questions]},
        status=max(words, key=lambda word: list(StatusWord).index(word)),
        answer=", ".join(words),
        problem=next((problem_of(row) for row in found if problem_of(row)), ""),
    )
    return found


def problem_of(row: CertificateStatus | None) -> str:
    """Why there is no status; empty where there is one."""
    return row.problem if row is not None else "No answer came in time."


def _known(organization_id: int, question: Question, now: datetime) -> CertificateStatus | None:
    return status_known(
        organization_id=organization_id, source=question.source, named=question.named, now=now
    )


def _told(question: Question) -> dict[str, Any]:
    return {"source": question.source, "serial_number": question.named.serial_number, "urls": question.urls}


# --- contracts that a car shows -------------------------------------------------------------------


def contract_fetch(*, contract: Contract, hashes: Sequence[Question]) -> None:
    """Have the status of every certificate of a contract known."""
    questions = list(hashes)
    if contract.certificate:
        try:
            questions = _questions(_path(contract))
        except (ValueError, pki.Untrusted):
            return
    statuses_fetch(organization_id=contract.organization_id, questions=questions, now=contract.now)


def contract_status(contract: Contract) -> str:
    """How good a contract's certificate is (C07.FR.05, FR.15-FR.17), as the port in central.ports asks.

    A chain in PEM must lead to a trusted root for contracts, and bear the eMAID; hash data was checked by the
    charge point. In both cases each certificate must be good where its status is asked.
    """
    try:
        questions = _questions(_path(contract)) if contract.certificate else _hashes(contract)
    except pki.Untrusted as error:
        return EXPIRED if error.fault is Fault.EXPIRED else BROKEN
    except (ValueError, KeyError):
        return BROKEN
    rows = [_known(contract.organization_id, each, contract.now) for each in questions]
    words = [row.status if row else StatusWord.FAILED for row in rows]
    if StatusWord.REVOKED in words:
        return REVOKED
    return ACCEPTED if words and set(words) == {StatusWord.GOOD} else BROKEN


def _hashes(contract: Contract) -> list[Question]:
    names = ("hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber")
    return [
        Question(HashData(*(str(each[name]) for name in names)), (str(each["responderURL"]),))
        for each in contract.hash_data
    ]


def _path(contract: Contract) -> list[x509.Certificate]:
    """The contract's chain up to a trusted root. Raises Untrusted, ValueError."""
    leaf, *others = pki.certificates_read(contract.certificate)
    if not _bears(leaf, contract.emaid):
        raise pki.Untrusted(Fault.CHAIN, "The certificate is not this contract's.")
    roots = trusted(contract.organization_id, ("MORootCertificate", "V2GRootCertificate"))
    return pki.chain_check(leaf, others, roots, contract.now)


def _bears(leaf: x509.Certificate, emaid: str) -> bool:
    """True where the CN is the eMAID; hyphens are for people only (ISO 15118-2 annex H)."""
    wanted = emaid.replace("-", "").upper()
    return any(name.replace("-", "").upper() == wanted for name in pki.common_names(leaf.subject))


def _questions(path: Sequence[x509.Certificate]) -> list[Question]:
    """A question for each certificate below the root. Raises Untrusted where one names no responder."""
    found = []
    for certificate, issuer in pairwise(path):
        urls = addresses_of(certificate)
        if not urls:
            raise pki.Untrusted(Fault.CHAIN, "A certificate says nowhere whether it is revoked.")
        found.append(Question(pki.hash_data(certificate, issuer), tuple(urls)))
    return found


# --- contracts that a car wants -------------------------------------------------------------------


def contract_request_fetch(*, asker: Asker, request: Mapping[str, Any]) -> None:
    """Ask the provider for a contract certificate; its word is kept under the message's id."""
    began = time.monotonic()
    asked = ContractAsked(
        organization_id=asker.organization_id,
        cp_id=asker.cp_id,
        schema_version=str(request["iso15118SchemaVersion"]),
        action=str(request["action"]),
        exi_request=str(request["exiRequest"]),
        position=_position(asker, request),
        maximum=request.get("maximumContractCertificateChains"),
        prioritized=tuple(map(str, request.get("prioritizedEMAIDs", ()))),
        now=asker.now,
    )
    given = _given(asked)
    request_keep(
        asker=asker,
        kind="Get15118EVCertificate",
        digest=_digest(request),
        details={name: request[name] for name in request if name != "exiRequest"},
        status=ACCEPTED if given.exi_response else FAILED,
        answer=given.exi_response,
        remaining=given.remaining if asked.maximum is not None else None,
        problem=given.problem,
        took_ms=round((time.monotonic() - began) * 1000),
    )


def contract_request_answer(*, asker: Asker, request: Mapping[str, Any]) -> PlugAndChargeRequest:
    """What the provider said; Failed where it did not in time."""
    rows = PlugAndChargeRequest.objects.filter(
        charge_point_id=asker.charge_point_id, message_id=asker.message_id, digest=_digest(request)
    )
    return rows.first() or request_keep(
        asker=asker,
        kind="Get15118EVCertificate",
        digest=_digest(request),
        details={name: request[name] for name in request if name != "exiRequest"},
        status=FAILED,
        problem="The provider did not answer in time.",
    )


def _given(asked: ContractAsked) -> ContractGiven:
    """The provider's word; whatever goes wrong in somebody else's code is a problem, no crash."""
    if not settings.ISO15118_CONTRACT_PROVIDER:
        return ContractGiven(problem="No provider of contract certificates is configured.")
    try:
        provider: ContractProvider = import_string(settings.ISO15118_CONTRACT_PROVIDER)
        return provider(asked)
    except Exception as error:
        log.exception("contract_provider.failed", charge_point=asked.cp_id)
        return ContractGiven(problem=f"The provider failed: {type(error).__name__}.")


def _position(asker: Asker, request: Mapping[str, Any]) -> int:
    """How many contracts the car got with this request so far (M01.FR.06, FR.07)."""
    if request.get("maximumContractCertificateChains") is None:
        return 0
    rows = PlugAndChargeRequest.objects.filter(
        charge_point_id=asker.charge_point_id,
        digest=_digest(request),
        status=ACCEPTED,
        at__gt=asker.now - SAME_CAR,
    )
    last = rows.first()
    return 0 if last is None or not last.remaining else rows.count()


def _digest(request: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(request), sort_keys=True).encode()).hexdigest()


def request_keep(
    *, asker: Asker, kind: str, details: Mapping[str, Any], status: str, **told: Any
) -> PlugAndChargeRequest:
    """Keep a question with its answer, once for each message."""
    row, _made = PlugAndChargeRequest.objects.get_or_create(
        charge_point_id=asker.charge_point_id,
        message_id=asker.message_id[:36],
        kind=kind,
        defaults={
            "details": dict(details),
            "status": status,
            "at": asker.now,
            **told,
            "problem": str(told.get("problem", ""))[:200],
        },
    )
    return row
