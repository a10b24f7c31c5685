"""Settings of prices and payments at the charge point."""

from emobility import env

OCPP_RECEIPT_URL = env.text("OCPP_RECEIPT_URL", "")
"""Where drivers find receipts of settlements (2.1 C21); `{id}` is the settlement's. Empty: nowhere."""
OCPP_VAT_CHECKER = env.text("OCPP_VAT_CHECKER", "")
"""Dotted path of `check(vat_number) -> central.ports.VatAnswer | None`; empty: the number's form decides."""
OCPP_COSTS_IN_ANSWERS = env.choice("OCPP_COSTS_IN_ANSWERS", "NEVER", ("NEVER", "END", "ALWAYS"))
"""When 2.x charge points are told what a session costs: at its end (I03), or with each update too (I02)."""
