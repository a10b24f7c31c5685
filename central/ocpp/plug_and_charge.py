"""Plug and charge: questions of cars in OCPP's words, answered alike in 2.x and inside 1.6 DataTransfer."""

from typing import Any, Final

from central.ocpp.certificate_words import hash_data_of
from central.ocpp.context import Context
from central.ocpp.vocabulary import format_time
from central.ports import Contract
from central.services.certificate_statuses import CRL, OCSP
from central.services.plug_and_charge_requests import (
    ACCEPTED,
    FAILED,
    Asker,
    Question,
    contract_fetch,
    contract_request_answer,
    problem_of,
    status_answer,
    statuses_answer,
)

LONGEST_OCSP: Final = {"1.6": 5500, "2.0.1": 5500, "2.1": 18_000}
LONGEST_EXI: Final = {"1.6": 7500, "2.0.1": 7500, "2.1": 17_000}
Payload = dict[str, Any]


def asker_of(ctx: Context) -> Asker:
    """Who asks."""
    return Asker(ctx.charge_point_id, ctx.organization_id, ctx.cp_id, ctx.message_id, ctx.now)


def status_question(request: Payload) -> Question:
    """GetCertificateStatus (M06)."""
    data = request["ocspRequestData"]
    return Question(hash_data_of(data), (data["responderURL"],))


def chain_questions(request: Payload) -> list[Question]:
    """GetCertificateChainStatus (2.1 M07)."""
    return [
        Question(
            hash_data_of(each["certificateHashData"]),
            tuple(each["urls"]),
            CRL if each["source"] == CRL else OCSP,
        )
        for each in request["certificateStatusRequests"]
    ]


def contract_of(ctx: Context, request: Payload) -> Contract:
    """Authorize with a contract (C07)."""
    token = request["idToken"]
    return Contract(
        charge_point_id=ctx.charge_point_id,
        organization_id=ctx.organization_id,
        emaid=token["idToken"] if isinstance(token, dict) else str(token),
        certificate=request.get("certificate", ""),
        hash_data=tuple(request.get("iso15118CertificateHashData", ())),
        now=ctx.now,
    )


def contract_errand(ctx: Context, request: Payload) -> None:
    """Have the status of the contract's certificates known."""
    hashes = [
        Question(hash_data_of(each), (each["responderURL"],))
        for each in request.get("iso15118CertificateHashData", ())
    ]
    contract_fetch(contract=contract_of(ctx, request), hashes=hashes)


def shows_contract(request: Payload) -> bool:
    """True where the status of certificates decides."""
    return bool(request.get("certificate") or request.get("iso15118CertificateHashData"))


def status_reply(ctx: Context, request: Payload) -> Payload:
    """M06.FR.02-FR.09: the responder's answer as DER in base64, whatever it says; Failed without one."""
    row = status_answer(asker=asker_of(ctx), question=status_question(request))
    if row is not None and row.answer and len(row.answer) <= LONGEST_OCSP[ctx.version]:
        return {"status": ACCEPTED, "ocspResult": row.answer}
    return {"status": FAILED} | _why(problem_of(row) or "The answer is longer than this version allows.")


def chain_reply(ctx: Context, request: Payload) -> Payload:
    """M07.FR.08: each certificate with its status and how long that is good."""
    rows = statuses_answer(asker=asker_of(ctx), questions=chain_questions(request))
    return {
        "certificateStatus": [
            {
                "certificateHashData": {
                    name: value for name, value in each["certificateHashData"].items() if name != "customData"
                },
                "source": each["source"],
                "status": row.status if row else FAILED,
                "nextUpdate": format_time((row.next_update if row else None) or ctx.now),
            }
            for each, row in zip(request["certificateStatusRequests"], rows, strict=True)
        ]
    }


def contract_reply(ctx: Context, request: Payload) -> Payload:
    """M01, M02: the provider's EXI response; Failed, with an empty one, where there is none."""
    row = contract_request_answer(asker=asker_of(ctx), request=request)
    if row.status != ACCEPTED or len(row.answer) > LONGEST_EXI[ctx.version]:
        return {"status": FAILED, "exiResponse": ""} | _why(row.problem or "The response is too long.")
    answer: Payload = {"status": ACCEPTED, "exiResponse": row.answer}
    return answer | ({} if row.remaining is None else {"remainingContracts": row.remaining})


def _why(problem: str) -> Payload:
    return {"statusInfo": {"reasonCode": "Failed", "additionalInfo": problem[:512]}}
