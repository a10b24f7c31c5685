"""Charge points as those see them who may."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Forbidden, Invalid, NotFound
from emobility.lib.models import Actor
from registry.identifiers import is_cp_id
from registry.models import ChargePoint
from registry.models.charge_point import RegistrationStatus
from registry.permissions import ChargePointActor, may_read


def charge_points_listed(*, actor: Actor, status: str | None) -> QuerySet[ChargePoint]:
    """The actor's charge points, of one registration status or of all; raises Forbidden, Invalid."""
    if not may_read(actor):
        raise Forbidden(str(_("Your role may not list charge points.")))
    rows = ChargePoint.objects.visible_to(actor)
    if status is None:
        return rows
    if status not in RegistrationStatus.values:
        message = str(_("status_filter must be REGISTERED or DEREGISTERED."))
        raise Invalid(message, {"status_filter": message})
    return rows.filter(status=status)


def charge_point_get(*, actor: Actor, cp_id: str) -> ChargePoint:
    """One charge point of the actor's organisation, or the charge point itself; raises NotFound, Forbidden.

    A charge point of another organisation is not found.
    """
    if isinstance(actor, ChargePointActor):
        if actor.charge_point.cp_id != cp_id:
            raise NotFound(str(_("No such charge point.")))
        return actor.charge_point
    if not may_read(actor):
        raise Forbidden(str(_("Your role may not see charge points.")))
    found = ChargePoint.objects.visible_to(actor).filter(cp_id=cp_id).first() if is_cp_id(cp_id) else None
    if found is None:
        raise NotFound(str(_("No such charge point.")))
    return found
