"""VAT numbers that drivers type in: checked by their form, then by a register where one is plugged in."""

import re
from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F

from central.models import VatCheck
from central.ports import VatAnswer, ports

log = structlog.get_logger(__name__)
_DECORATION: Final = re.compile(r"[\s.\-/]")
NOT_CHECKED: Final = "NotChecked"
"""The reason of a number that passed by its form alone, because the register failed."""
FORMS: Final = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CH": r"E?\d{9}(MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"[1-9]\d{8}",
    "DK": r"\d{8}",
    "EE": r"10\d{7}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "GB": r"(\d{9}|\d{12}|GD[0-4]\d\d|HA[5-9]\d\d)",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"(\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W])",
    "IT": r"\d{11}",
    "LI": r"\d{5,9}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{10}\d\d",
    "NO": r"\d{9}(MVA)?",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"[1-9]\d{1,9}",
    "SE": r"\d{10}01",
    "SI": r"[1-9]\d{7}",
    "SK": r"[1-9]\d{9}",
    "XI": r"(\d{9}|\d{12}|GD[0-4]\d\d|HA[5-9]\d\d)",
}
"""What follows the country's letters: the member states as in VIES, and their neighbours."""


def vat_number_check(*, charge_point_id: int, evse_number: int, vat_number: str, now: datetime) -> VatCheck:
    """Check a number and keep the outcome; asking again renews it."""
    answer = vat_judge(vat_number)
    with transaction.atomic():
        row, is_new = VatCheck.objects.get_or_create(
            charge_point_id=charge_point_id,
            evse_number=evse_number,
            vat_number=vat_number,
            defaults={"first_at": now, "at": now},
        )
        row.status = "Accepted" if answer.accepted else "Rejected"
        row.reason, row.company, row.at = answer.reason[:100], answer.company, now
        row.save()
        if not is_new:
            VatCheck.objects.filter(pk=row.pk).update(times=F("times") + 1)
    return row


def vat_judge(vat_number: str) -> VatAnswer:
    """The form decides; where it is right, the register may know better.

    OCPP has no word for "not known": where the register fails the number is let pass, marked NOT_CHECKED.
    """
    number = _DECORATION.sub("", vat_number).upper()
    form = FORMS.get(number[:2])
    if form is None:
        return VatAnswer(accepted=False, reason="UnknownCountry")
    if not re.fullmatch(form, number[2:]):
        return VatAnswer(accepted=False, reason="WrongForm")
    try:
        known = ports.vat_check(number)
    except Exception:
        # What is plugged in may fail in any way; the driver at the terminal still needs an answer.
        log.exception("vat.register_failed")
        return VatAnswer(accepted=True, reason=NOT_CHECKED)
    return known or VatAnswer(accepted=True)
