"""The table of rights: who (role) may do what (right), and which right each object asks for (verb).

Everything that decides reads it: the admin, REST, the live page, orders. `docs/roles.md` is made from it by
`manage.py roles_table`. Actions and orders name their right where they are defined.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from registry.models.user import Role


class Right(Enum):
    """What somebody may be allowed to do, with the words a refusal uses; the value is also a scope's name."""

    SEE = "see"
    INSPECT = "inspect"
    SERVICE = "service"
    OPERATE = "operate"
    ENROL = "enrol"
    AUDIT = "audit"
    MANAGE = "manage"
    PLATFORM = "platform"
    INTEGRATE = "integrate"

    @property
    def label(self) -> str:
        """The right in words."""
        return str(LABELS[self])


LABELS = {
    Right.SEE: _("see sites, charge points and sessions"),
    Right.INSPECT: _("see tags, commands, messages, events and partners"),
    Right.SERVICE: _("service charge points: diagnostics, settings, firmware, trigger, unlock, reset"),
    Right.OPERATE: _("start, stop, reserve, limit power, and block tags"),
    Right.ENROL: _("enrol, place and deregister charge points, and their certificates"),
    Right.AUDIT: _("read the audit trail"),
    Right.MANAGE: _("manage users, tariffs, partners and the organisation"),
    Right.PLATFORM: _("manage the platform's organisations"),
    Right.INTEGRATE: _("send orders and messages from other systems (/api/internal)"),
}
_ON_DUTY = {Right.SEE, Right.INSPECT, Right.SERVICE, Right.OPERATE, Right.ENROL}
TABLE: dict[str, frozenset[Right]] = {
    Role.PARTNER: frozenset({Right.SEE}),
    Role.VIEWER: frozenset({Right.SEE, Right.INSPECT}),
    Role.MAINTENANCE: frozenset({Right.SEE, Right.INSPECT, Right.SERVICE}),
    Role.OPERATOR: frozenset({*_ON_DUTY, Right.AUDIT}),
    Role.ADMIN: frozenset(Right) - {Right.PLATFORM, Right.INTEGRATE},
    Role.SERVICE: frozenset({*_ON_DUTY, Right.INTEGRATE}),
}


class Verb(Enum):
    """What can be done with a kind of object; `act` is every step that is none of the others."""

    SEE = "see"
    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of object: the right that each verb needs; None where nobody can."""

    see: Right
    add: Right | None = None
    change: Right | None = None
    delete: Right | None = None
    act: Right | None = None

    def needs(self, verb: Verb) -> Right | None:
        """The right that a verb asks for."""
        right: Right | None = getattr(self, verb.value)
        return right


_KEPT: Final = (Right.ENROL, Right.ENROL, Right.ENROL)
_MANAGED: Final = (Right.MANAGE, Right.MANAGE, Right.MANAGE)
_HISTORY: Final = Thing(Right.INSPECT)
_SEEN_BY_INSPECTORS: Final = (
    "registry.event central.sessionevent central.datatransfer central.derreport central.batteryswap"
    " central.profilereport central.deralarm central.deviceevent central.variablemonitor"
    " central.eventstream central.eventstreamvalue central.devicereport central.networkprofile"
    " central.firmwarejob central.signingrequest central.installedcertificate central.refusal"
    " central.locallist central.logjob central.message central.wantedavailability central.transactioncheck"
    " central.vatcheck central.webpayment central.charginglimit central.compositeschedule"
    " central.chargingneeds central.chargingpreference central.evschedule central.powersignal"
    " central.plugandchargerequest central.certificatestatus central.sessioncost central.settlement"
    " central.statuschange central.provideranswer"
    " ocpi.deviation ocpi.exchange ocpi.probe ocpi.receivedsession ocpi.receivedlocation"
    " ocpi.receivedtariff ocpi.receivedtoken"
    " ocpi.receivedcommand ocpi.hubclient"
)
THINGS: Final[dict[str, Thing]] = {
    "registry.eventreader": Thing(Right.PLATFORM),
    **dict.fromkeys(_SEEN_BY_INSPECTORS.split(), _HISTORY),
    "registry.organization": Thing(Right.MANAGE, Right.PLATFORM, Right.MANAGE),
    "registry.user": Thing(Right.MANAGE, Right.MANAGE, Right.MANAGE, act=Right.MANAGE),
    "registry.serviceaccount": Thing(Right.MANAGE, Right.MANAGE, Right.MANAGE, act=Right.MANAGE),
    "registry.webhookendpoint": Thing(Right.MANAGE, *_MANAGED, act=Right.MANAGE),
    "registry.webhookdelivery": Thing(Right.MANAGE, act=Right.MANAGE),
    "registry.exportjob": Thing(Right.SEE, act=Right.SEE),
    "registry.auditentry": Thing(Right.AUDIT),
    "registry.party": Thing(Right.INSPECT, Right.MANAGE, Right.MANAGE),
    "registry.site": Thing(Right.SEE, *_KEPT),
    "registry.parkingplace": Thing(Right.SEE, *_KEPT),
    "registry.chargepointgroup": Thing(Right.SEE, *_KEPT),
    "registry.chargepoint": Thing(Right.SEE, Right.ENROL, Right.ENROL, act=Right.ENROL),
    "registry.enrolmenttoken": Thing(Right.ENROL, Right.ENROL, act=Right.ENROL),
    "billing.cdr": Thing(Right.INSPECT, act=Right.MANAGE),
    "billing.review": Thing(Right.INSPECT, act=Right.OPERATE),
    "central.session": Thing(Right.SEE, act=Right.OPERATE),
    "central.offlinespan": Thing(Right.SEE),
    "central.order": _HISTORY,
    "central.command": Thing(Right.INSPECT, Right.SERVICE, act=Right.SERVICE),
    "central.bulkcommand": Thing(Right.INSPECT, Right.OPERATE, act=Right.OPERATE),
    "central.idtoken": Thing(Right.INSPECT, Right.OPERATE, Right.OPERATE, act=Right.OPERATE),
    "central.idtokengroup": Thing(Right.INSPECT, Right.OPERATE, Right.OPERATE, Right.OPERATE),
    "central.firmwareimage": Thing(Right.INSPECT, Right.OPERATE, act=Right.OPERATE),
    "central.logupload": _HISTORY,
    "central.locallistentry": Thing(Right.OPERATE),
    "central.reservation": Thing(Right.INSPECT, act=Right.OPERATE),
    "central.chargingprofile": Thing(Right.INSPECT, act=Right.OPERATE),
    "central.dercontrol": Thing(Right.INSPECT, act=Right.OPERATE),
    "central.displaymessage": Thing(Right.INSPECT, act=Right.OPERATE),
    "central.customerinformation": Thing(Right.OPERATE, act=Right.OPERATE),
    "central.variable": Thing(Right.INSPECT, act=Right.SERVICE),
    "central.configurationprofile": Thing(Right.INSPECT, *_KEPT, act=Right.OPERATE),
    "central.securityevent": Thing(Right.INSPECT, act=Right.SERVICE),
    "central.passwordrotation": Thing(Right.INSPECT, act=Right.ENROL),
    "central.securityupgrade": Thing(Right.INSPECT, act=Right.ENROL),
    "central.issuedcertificate": Thing(Right.INSPECT, act=Right.ENROL),
    "central.knock": Thing(Right.ENROL, act=Right.ENROL),
    "central.authorizationpolicy": Thing(Right.INSPECT, *_MANAGED),
    "central.trustedcertificate": Thing(Right.INSPECT, *_MANAGED),
    "central.certificateauthority": Thing(Right.INSPECT, Right.MANAGE, Right.MANAGE, act=Right.MANAGE),
    "central.chargepointtariff": Thing(Right.INSPECT, act=Right.MANAGE),
    "billing.tariff": Thing(Right.SEE, Right.MANAGE, act=Right.MANAGE),
    "ocpi.delivery": Thing(Right.INSPECT, act=Right.MANAGE),
    "ocpi.receivedcdr": Thing(Right.INSPECT, act=Right.MANAGE),
    "ocpi.pullstate": Thing(Right.INSPECT, act=Right.MANAGE),
    "billing.tariffassignment": Thing(Right.INSPECT, Right.MANAGE, act=Right.MANAGE),
    "ocpi.partner": Thing(Right.INSPECT, Right.MANAGE, act=Right.MANAGE),
    "ocpi.sentcommand": Thing(Right.INSPECT, Right.OPERATE, act=Right.OPERATE),
    "ocpi.bootstraptoken": Thing(Right.MANAGE, Right.MANAGE, act=Right.MANAGE),
}
"""Objects by `<room>.<model>`, each with the rights to see, add, change, delete, act."""


def granted(role: str) -> frozenset[Right]:
    """The rights of a role; none for a role that is not known."""
    return TABLE.get(role, frozenset())


def needed(thing: str, verb: Verb) -> Right | None:
    """The right that a verb on a kind of object asks for; None where the table lets nobody."""
    row = THINGS.get(thing)
    return row.needs(verb) if row else None


def may(actor: Any, right: Right) -> bool:
    """True where the actor's role gives `right` and its scopes, where it has such, do not take it away.

    The platform's administrators have every right.
    """
    if actor is None or not getattr(actor, "is_active", False):
        return False
    if getattr(actor, "sees_all", False):
        return True
    if getattr(actor, "organization_id", None) is None:
        return False
    scopes = getattr(actor, "scopes_held", None)
    if scopes is not None and right.value not in scopes:
        return False
    return right in granted(getattr(actor, "role", ""))
