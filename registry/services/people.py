"""People: invited by who manages an organisation; they choose their password with a link that works once."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from emobility.lib.errors import Conflict, Forbidden, Invalid
from registry.models import Organization, User
from registry.models.user import PEOPLE_ROLES
from registry.rights import Right, granted, may
from registry.services.audit import audit_record
from registry.services.revocations import user_tokens_end

ROLES = frozenset(value for value, _label in PEOPLE_ROLES)


@dataclass(frozen=True, slots=True)
class PersonValues:
    """What can be said of a person; `is_staff` opens the back office."""

    username: str
    role: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    is_staff: bool = True


def user_invite(
    *, organization: Organization, values: PersonValues, actor: User, address: str = "", now: datetime
) -> tuple[User, str]:
    """A person without password yet, and the end of the address where they choose it (see `invitation`).

    Raises Invalid, Forbidden, Conflict (name taken).
    """
    _may_manage(actor, organization.pk)
    _check(values)
    _may_give(actor, values.role)
    user = User(organization=organization, date_joined=now, **_fields(values))
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
            _note(user, "invited", actor, None, address, now)
    except IntegrityError as error:
        raise Conflict(_("The name is taken.")) from error
    return user, invitation(user)


def user_change(
    *, user: User, role: str | None, active: bool | None, actor: User, address: str = "", now: datetime
) -> User:
    """Another role, or let in no more; what the person may changes with the next request.

    Raises Invalid, Forbidden, Conflict (one's own).
    """
    _may_manage(actor, user.organization_id)
    if actor.pk == user.pk:
        raise Conflict(_("Nobody changes their own rights."))
    if role is not None and role not in ROLES:
        raise Invalid(_("Some values are wrong."), {"role": _("There is no such role.")})
    if role is not None:
        _may_give(actor, role)
    before = _facts(user)
    user.role = user.role if role is None else role
    user.is_active = user.is_active if active is None else active
    with transaction.atomic():
        user.save(update_fields=["role", "is_active"])
        if not user.is_active:
            user_tokens_end(user=user, now=now)
        _note(user, "rights_changed", actor, before, address, now)
    return user


def user_invite_again(*, user: User, actor: User, address: str = "", now: datetime) -> str:
    """Another link for somebody who lost theirs, or the password. Raises Forbidden, Conflict (ended)."""
    _may_manage(actor, user.organization_id)
    if not user.is_active:
        raise Conflict(_("The person is let in no more."))
    _may_give(actor, user.role)
    _note(user, "invited", actor, None, address, now)
    return invitation(user)


def invitation(user: User) -> str:
    """`<id>/<token>`: good once, for PASSWORD_RESET_TIMEOUT, and not after a log-in or another password."""
    name = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{name}/{default_token_generator.make_token(user)}"


def _fields(values: PersonValues) -> dict[str, object]:
    return {
        "username": values.username,
        "role": values.role,
        "email": values.email,
        "first_name": values.first_name,
        "last_name": values.last_name,
        "is_staff": values.is_staff,
    }


def _may_manage(actor: User, organization_id: int | None) -> None:
    if not may(actor, Right.MANAGE) or not (actor.sees_all or actor.organization_id == organization_id):
        raise Forbidden(_("Your role may not manage users."))


def _may_give(actor: User, role: str) -> None:
    """Nobody hands on, or takes over, a log-in with rights that are not theirs: a key may be cut down."""
    if not all(may(actor, right) for right in granted(role)):
        raise Forbidden(_("You cannot give rights that you do not have."))


def _check(values: PersonValues) -> None:
    faults = {}
    try:
        User.username_validator(values.username)
    except ValidationError as error:
        faults["username"] = str(error.messages[0])
    if values.role not in ROLES:
        faults["role"] = _("There is no such role.")
    if values.email:
        try:
            validate_email(values.email)
        except ValidationError as error:
            faults["email"] = str(error.messages[0])
    if faults:
        raise Invalid(_("Some values are wrong."), faults)


def _facts(user: User) -> dict[str, object]:
    return {"username": user.username, "role": str(user.role), "active": user.is_active}


def _note(
    user: User, verb: str, actor: User, before: dict[str, object] | None, address: str, now: datetime
) -> None:
    audit_record(
        actor=actor,
        action=f"user.{verb}",
        organization_id=user.organization_id,
        object_type="user",
        object_id=str(user.pk),
        before=before,
        after=_facts(user),
        remote_address=address,
        now=now,
    )
