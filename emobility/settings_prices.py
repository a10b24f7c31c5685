"""Settings of prices and payments at the charge point."""

from emobility import env

BILLING_REVIEW_ABOVE_EUR = env.integer("BILLING_REVIEW_ABOVE_EUR", 1000, minimum=0)
"""A session that costs more (incl. VAT, in other currencies about as much) waits for a person; 0: none."""
OCPP_RECEIPT_URL = env.text("OCPP_RECEIPT_URL", "")
"""Where drivers find receipts of settlements (2.1 C21); `{id}` is the settlement's. Empty: nowhere."""
OCPP_VAT_CHECKER = env.text("OCPP_VAT_CHECKER", "")
"""Dotted path of `check(vat_number) -> central.ports.VatAnswer | None`; empty: the number's form decides."""
OCPP_COSTS_IN_ANSWERS = env.choice("OCPP_COSTS_IN_ANSWERS", "AUTO", ("AUTO", "NEVER", "END", "ALWAYS"))
"""Which 2.x charge points are told costs in answers: those that show them, with updates (I02) and at the end
(I03); none; all, at the end; all, with updates too."""
OCPP_COST_DISPLAY_SECONDS = env.integer("OCPP_COST_DISPLAY_SECONDS", 60, minimum=0)
"""How often the display of a running session is sent its cost (CostUpdated; 1.6: RunningCost); 0: never."""
OCPP_ASK_FOR_DISPLAYS = env.boolean("OCPP_ASK_FOR_DISPLAYS", default=False)
"""Whether charge points are asked after a start, once a day, if they show or calculate prices."""
