"""Which entries of the admin's sidebar a person sees: those that the role can open."""

from django.http import HttpRequest

from registry.rights import Right, may


def may_see(request: HttpRequest) -> bool:
    """Sites, charge points, sessions."""
    return may(request.user, Right.SEE)


def may_inspect(request: HttpRequest) -> bool:
    """Commands, messages, tags, partners."""
    return may(request.user, Right.INSPECT)


def may_operate(request: HttpRequest) -> bool:
    """What charge points tell about drivers."""
    return may(request.user, Right.OPERATE)


def may_enrol(request: HttpRequest) -> bool:
    """Enrolment tokens."""
    return may(request.user, Right.ENROL)


def may_audit(request: HttpRequest) -> bool:
    """The audit trail."""
    return may(request.user, Right.AUDIT)


def may_manage(request: HttpRequest) -> bool:
    """Users and the organisation."""
    return may(request.user, Right.MANAGE)


def may_run_platform(request: HttpRequest) -> bool:
    """What belongs to no organisation: the sinks of the event log."""
    return may(request.user, Right.PLATFORM)
