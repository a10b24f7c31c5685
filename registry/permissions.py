"""Who may do what in the Registry, by the table of rights; and who calls without being a User."""

from dataclasses import dataclass

from emobility.lib.models import Actor
from registry.models import ChargePoint
from registry.models.user import Role
from registry.rights import Right, may


@dataclass(frozen=True, slots=True)
class ServiceActor:
    """Nobody in particular who acts for one organisation: the caller through the development switch."""

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
    return may(actor, Right.INSPECT)


def may_operate(actor: Actor) -> bool:
    """True for those who may enrol and deregister: operators and admins."""
    return may(actor, Right.ENROL)


def may_operate_on(actor: Actor, charge_point: ChargePoint) -> bool:
    """True where the actor may operate and the charge point belongs to its organisation."""
    own = actor.sees_all or actor.organization_id == charge_point.organization_id
    return own and may_operate(actor)
