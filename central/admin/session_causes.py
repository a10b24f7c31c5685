"""Why things happened in a session, in plain words; the protocol's word stands beside them."""

from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from emobility.lib.display import code

TRIGGERS: Final = {
    "AbnormalCondition": _("Something is out of order at the charge point"),
    "Authorized": _("The driver was accepted"),
    "CablePluggedIn": _("The cable was plugged in"),
    "ChargingRateChanged": _("The charging rate changed"),
    "ChargingStateChanged": _("The car or the charge point changed what it does"),
    "CostLimitReached": _("The cost limit was reached"),
    "Deauthorized": _("The tag is no longer accepted"),
    "EVCommunicationLost": _("The car no longer answers"),
    "EVConnectTimeout": _("Nobody plugged in in time"),
    "EVDeparted": _("The car left"),
    "EVDetected": _("A car arrived"),
    "EnergyLimitReached": _("The energy limit was reached"),
    "LimitSet": _("A limit was set"),
    "OperationModeChanged": _("The way of charging changed"),
    "RemoteStart": _("Started from here"),
    "RemoteStop": _("Stopped from here"),
    "ResetCommand": _("The charge point was reset"),
    "RunningCost": _("The charge point told the cost so far"),
    "SignedDataReceived": _("The meter gave signed data"),
    "SoCLimitReached": _("The battery is full enough"),
    "StopAuthorized": _("The driver ended it"),
    "TariffChanged": _("Another tariff counts"),
    "TariffNotAccepted": _("The driver did not accept the tariff"),
    "TimeLimitReached": _("The time limit was reached"),
    "Trigger": _("It was asked to report"),
    "TxResumed": _("It went on after an interruption"),
    "UnlockCommand": _("The connector was unlocked from here"),
}
"""Of OCPP 2.0.1 and 2.1 TriggerReasonEnumType."""
DOINGS: Final = {
    "Charging": (_("Energy flows"), "busy"),
    "EVConnected": (_("The car is connected and takes nothing"), "info"),
    "SuspendedEV": (_("The car takes nothing for now"), "info"),
    "SuspendedEVSE": (_("The charge point gives nothing for now"), "warn"),
    "Idle": (_("No car is connected"), "mute"),
    "Unplugged": (_("The cable was unplugged"), "mute"),
}
"""Of OCPP 2.x ChargingStateEnumType, and what 1.6 tells by California pricing."""
STATE_CAUSES: Final = {
    "Available": _("Free for the next driver"),
    "Preparing": _("A cable was plugged in, or a tag was shown"),
    "Occupied": _("A car is connected"),
    "Charging": _("Energy may flow"),
    "SuspendedEV": _("The car takes nothing: it is full, or waits"),
    "SuspendedEVSE": _("The charge point gives nothing: a limit, or no permission"),
    "Finishing": _("It has ended; the cable is still there"),
    "Reserved": _("Kept for somebody"),
    "Unavailable": _("It is out of service"),
    "Faulted": _("The charge point reports a fault"),
}
VERDICTS: Final = {
    "Accepted": _("The tag is known here and may charge"),
    "Blocked": _("The tag is blocked"),
    "ConcurrentTx": _("The tag is charging elsewhere already"),
    "Expired": _("The tag has expired"),
    "Invalid": _("The tag is not known here"),
    "NoCredit": _("The tag has no credit"),
    "NotAllowedTypeEVSE": _("The tag may not charge at this kind of place"),
    "NotAtThisLocation": _("The tag may not charge here"),
    "NotAtThisTime": _("The tag may not charge now"),
    "Unknown": _("The tag is not known here"),
}


def trigger_words(reason: str) -> SafeString | str:
    """A trigger reason in plain words, its own beside them; '' for none."""
    return beside(TRIGGERS.get(reason, ""), reason)


def beside(words: Any, protocol: str) -> SafeString | str:
    """Plain words, and the protocol's word for who looks for it."""
    if not protocol:
        return str(words)
    return format_html("{} {}", words, code(f"({protocol})"))
