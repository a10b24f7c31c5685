"""Who may do what in the Registry: people by role, services and charge points by what they are."""

from dataclasses import dataclass

from emobility.lib.models import Actor
from registry.models import ChargePoint
from registry.models.user import Role

READERS = frozenset({Role.ADMIN, Role.OPERATOR, Role.MAINTENANCE, Role.VIEWER})
OPERATORS = frozenset({Role.ADMIN, Role.OPERATOR})


@dataclass(frozen=True, slots=True)
class ServiceActor:
    """Somebody who is not a person and acts for one organisation."""

    name: str
    organization_id: int | None
    role: str = Role.OPERATOR
    sees_all: bool = False
    is_active: bool = True
    is_authenticated: bool = True

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ChargePointActor:
    """A charge point that showed its token: it sees itself and no organisation's rows."""

    charge_point: ChargePoint
    organization_id: None = None
    role: str = ""
    sees_all: bool = False
    is_active: bool = True
    is_authenticated: bool = True

    @property
    def pk(self) -> str:
        """The name under which throttles know it."""
        return f"cp-{self.charge_point.pk}"

    def __str__(self) -> str:
        return f"charge point {self.charge_point.cp_id}"


def may_read(actor: Actor) -> bool:
    """True for viewers and everybody above them; never for partners and charge points."""
    return actor.sees_all or getattr(actor, "role", "") in READERS


def may_operate(actor: Actor) -> bool:
    """True for those who may enrol and deregister: operators and admins."""
    return actor.sees_all or getattr(actor, "role", "") in OPERATORS


def may_operate_on(actor: Actor, charge_point: ChargePoint) -> bool:
    """True where the actor may operate and the charge point belongs to its organisation."""
    own = actor.sees_all or actor.organization_id == charge_point.organization_id
    return own and may_operate(actor)
