"""Service accounts: made by who manages an organisation, never with more rights than that person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from emobility.lib.errors import Conflict, Forbidden, Invalid
from registry.models import Organization, ServiceAccount, User
from registry.models.user import Role
from registry.rights import Right, granted, may
from registry.services.audit import audit_record
from registry.services.revocations import user_tokens_end

FORBIDDEN_SCOPES = frozenset({Right.PLATFORM})


@dataclass(frozen=True, slots=True)
class ServiceAccountValues:
    """What can be set: its name, its role, and the scopes (values of Right) that the role is cut down to."""

    name: str
    role: str = Role.SERVICE
    scopes: Sequence[str] = ()


def service_account_create(
    *,
    organization: Organization,
    values: ServiceAccountValues,
    actor: User,
    address: str = "",
    now: datetime,
) -> ServiceAccount:
    """A machine client without keys yet. Raises Invalid, Forbidden, Conflict (name taken)."""
    _check(values, actor, organization.pk)
    account = ServiceAccount(
        username=_login(values.name, organization),
        name=values.name.strip(),
        organization=organization,
        role=values.role,
        scopes=sorted(set(values.scopes)),
        is_service=True,
        created_by=actor,
        date_joined=now,
    )
    account.set_unusable_password()
    try:
        with transaction.atomic():
            account.save()
            _note(account, "created", actor, None, address, now)
    except IntegrityError as error:
        raise Conflict(str(_("There is a service account with this name."))) from error
    return account


def service_account_change(
    *, account: ServiceAccount, values: ServiceAccountValues, actor: User, address: str = "", now: datetime
) -> ServiceAccount:
    """Another role or other scopes, from the next request on; the name stays. Raises Invalid, Forbidden."""
    _check(values, actor, account.organization_id)
    before = _facts(account)
    account.role, account.scopes = values.role, sorted(set(values.scopes))
    with transaction.atomic():
        account.save(update_fields=["role", "scopes"])
        _note(account, "changed", actor, before, address, now)
    return account


def service_account_switch(
    *, account: ServiceAccount, active: bool, actor: User, address: str = "", now: datetime
) -> None:
    """End the account with all keys and tokens at once, or let it in again (its tokens stay ended)."""
    if account.is_active == active:
        return
    before = _facts(account)
    account.is_active = active
    with transaction.atomic():
        account.save(update_fields=["is_active"])
        user_tokens_end(user=account, now=now)
        _note(account, "enabled" if active else "disabled", actor, before, address, now)


def scopes_of(role: str) -> list[Right]:
    """The scopes that mean something for a role."""
    return [right for right in Right if right in granted(role) and right not in FORBIDDEN_SCOPES]


def _check(values: ServiceAccountValues, actor: User, organization_id: int | None) -> None:
    if not may(actor, Right.MANAGE) or not (actor.sees_all or actor.organization_id == organization_id):
        raise Forbidden(str(_("Your role may not manage service accounts.")))
    faults = {}
    if not slugify(values.name):
        faults["name"] = str(_("It needs letters or digits."))
    if values.role not in Role.values:
        faults["role"] = str(_("There is no such role."))
    useful = {right.value for right in scopes_of(values.role)}
    beyond = sorted(set(values.scopes) - useful)
    if beyond:
        faults["scopes"] = str(_("Not among the rights of this role: {names}.")).format(
            names=", ".join(beyond)
        )
    if faults:
        raise Invalid(str(_("Some values are wrong.")), faults)
    escalation_check(scopes=values.scopes, actor=actor)


def escalation_check(*, scopes: Sequence[str], actor: User) -> None:
    """Nobody hands on what is not theirs; what only machines may is given by who manages them.

    Raises Forbidden.
    """
    missing = [name for name in scopes if Right(name) is not Right.INTEGRATE and not may(actor, Right(name))]
    if missing:
        raise Forbidden(str(_("You cannot give rights that you do not have: {names}.")).format(names=missing))


def _login(name: str, organization: Organization) -> str:
    """A login that no person can have: people's names hold no colon."""
    return f"service:{slugify(name)[:60]}@{organization.slug}"


def _facts(account: ServiceAccount) -> dict[str, object]:
    return {
        "name": account.name,
        "role": str(account.role),
        "scopes": list(account.scopes),
        "active": account.is_active,
    }


def _note(
    account: ServiceAccount,
    verb: str,
    actor: User,
    before: dict[str, object] | None,
    address: str,
    now: datetime,
) -> None:
    audit_record(
        actor=actor,
        action=f"service_account.{verb}",
        organization_id=account.organization_id,
        object_type="service_account",
        object_id=str(account.pk),
        before=before,
        after=_facts(account),
        remote_address=address,
        now=now,
    )
