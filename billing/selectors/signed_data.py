"""Signed meter values of a session, where the charge point sent any (OCPI 2.2.1 §10.4.9)."""

from typing import Any

from central.models import MeterValue, Session

NATURES = {"Transaction.Begin": "Start", "Transaction.End": "End"}
LONGEST = 5000
MOST_ROWS = 50


def signed_values(session: Session) -> dict[str, Any] | None:
    """The SignedData of a session from its first and last meter values, or None."""
    rows = MeterValue.objects.filter(session=session, context__in=NATURES).order_by("sampled_at")[:MOST_ROWS]
    found = [
        (signed, {"nature": NATURES[row.context], "plain_data": "#NA", "signed_data": data})
        for row in rows
        for sample in row.samples
        if (signed := _signed(sample)) and (data := signed.get("signedMeterData"))
        if len(data) <= LONGEST
    ]
    if not found:
        return None
    method = str(found[0][0].get("encodingMethod") or "#NA")[:36]
    key = str(found[0][0].get("publicKey") or "")[:512]
    return {
        "encoding_method": method,
        "public_key": key or None,
        "signed_values": [value for _, value in found],
    }


def _signed(sample: Any) -> dict[str, Any]:
    """The signed part of a sample: 2.x `signedMeterValue`, 1.6 `format: SignedData`."""
    if not isinstance(sample, dict):
        return {}
    if isinstance(sample.get("signedMeterValue"), dict):
        return dict(sample["signedMeterValue"])
    is_signed = sample.get("format") == "SignedData" and isinstance(sample.get("value"), str)
    return {"signedMeterData": sample["value"]} if is_signed else {}
