"""Who may register which charge point: operators, enrolment tokens, proofs of identity, an open door."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Conflict, Forbidden, Unauthenticated
from registry.models import ChargePoint, EnrolmentToken, Organization, Site, User
from registry.permissions import may_operate, may_operate_on
from registry.services.credentials import credential_matches
from registry.services.enrolment_tokens import (
    enrolment_token_consume,
    enrolment_token_find,
    enrolment_token_usable,
)
from registry.services.organizations import organization_default
from registry.services.throttle import failure_count, failures_check, failures_limited, probe_count
from registry.services.tokens import Deregistered


class AlreadyRegistered(Conflict):
    """The id is taken and the applicant did not prove to be its holder."""

    def __init__(self) -> None:
        super().__init__(str(_("CP is already registered; prove it with its current credentials.")))


class NoEntry(Unauthenticated):
    """The applicant shows nothing that would let it register."""

    def __init__(self) -> None:
        super().__init__(str(_("Registration needs an operator's login or an enrolment token.")))


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks to register, and what it shows for it.

    `charge_point` is the one whose genuine token was shown; `open_door` the development switch, for callers
    on this machine.
    """

    address: str = ""
    user: User | None = None
    charge_point: ChargePoint | None = None
    credentials: str = ""
    enrolment_token: str = ""
    open_door: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """Leave to register: into which organisation and site, by whom."""

    organization: Organization
    actor: User | str
    site: Site | None = None


def admission_new(*, cp_id: str, applicant: Applicant, now: datetime) -> Admission:
    """Leave to register an id that nobody has; uses up an enrolment token.

    Raises NoEntry, Forbidden, InvalidEnrolmentToken, TooMany.
    """
    if applicant.user is not None:
        if not may_operate(applicant.user):
            raise Forbidden(str(_("Your role may not register charge points.")))
        return Admission(applicant.user.organization or organization_default(now), applicant.user)
    if applicant.enrolment_token:
        token = _token(applicant, cp_id)
        enrolment_token_consume(token=token, now=now)
        return Admission(token.organization, f"enrolment token {token.pk}", token.site)
    if applicant.open_door:
        return Admission(organization_default(now), "development switch")
    failures_check(address=applicant.address, cp_id=cp_id)
    probe_count(address=applicant.address)
    raise NoEntry


def admission_again(*, charge_point: ChargePoint, applicant: Applicant, now: datetime) -> Admission:
    """Leave to register an id anew: for its operator, and while registered for whoever proves to be it.

    Raises AlreadyRegistered, Deregistered, Forbidden, TooMany.
    """
    by = _operator(charge_point, applicant) or _holder(charge_point, applicant, now)
    if by:
        return Admission(charge_point.organization, by, charge_point.site)
    if _is_stranger(applicant):
        probe_count(address=applicant.address)
    if not charge_point.is_registered:
        raise Deregistered
    if applicant.user is not None and not may_operate(applicant.user):
        raise Forbidden(str(_("Your role may not register charge points.")))
    raise AlreadyRegistered


def _operator(charge_point: ChargePoint, applicant: Applicant) -> User | None:
    user = applicant.user
    return user if user is not None and may_operate_on(user, charge_point) else None


def _holder(charge_point: ChargePoint, applicant: Applicant, now: datetime) -> str | None:
    """Who proved to be the registered charge point, as the audit trail names it."""
    if not charge_point.is_registered:
        return None
    if applicant.charge_point is not None and applicant.charge_point.pk == charge_point.pk:
        return f"charge point {charge_point.cp_id}"
    if applicant.credentials:
        return _by_credentials(charge_point, applicant)
    return _by_reissue(charge_point, applicant, now) if applicant.enrolment_token else None


def _is_stranger(applicant: Applicant) -> bool:
    """True for a caller who shows nothing at all; it learns which ids exist, so it may not ask for many."""
    shown = applicant.user or applicant.charge_point or applicant.credentials or applicant.enrolment_token
    return not shown and not applicant.open_door


def _by_credentials(charge_point: ChargePoint, applicant: Applicant) -> str | None:
    failures_check(address=applicant.address, cp_id=charge_point.cp_id)
    if credential_matches(charge_point, applicant.credentials):
        return f"charge point {charge_point.cp_id}"
    failure_count(address=applicant.address, cp_id=charge_point.cp_id)
    return None


def _by_reissue(charge_point: ChargePoint, applicant: Applicant, now: datetime) -> str | None:
    token = _token(applicant, charge_point.cp_id)
    own = token.organization_id == charge_point.organization_id
    if not (own and token.reissue and enrolment_token_usable(token=token, now=now)):
        return None
    enrolment_token_consume(token=token, now=now)
    return f"enrolment token {token.pk}"


def _token(applicant: Applicant, cp_id: str) -> EnrolmentToken:
    with failures_limited(address=applicant.address, cp_id=cp_id):
        return enrolment_token_find(secret=applicant.enrolment_token, cp_id=cp_id)
