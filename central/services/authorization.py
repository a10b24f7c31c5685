"""May this token charge here now? An answer from policy, validity, group, scope, running sessions, limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from central.models import ChargePointStatus, IdToken, Session
from central.models.authorization_policy import UnknownOffline
from central.models.id_token import Whitelist
from central.services.group_limits import GroupLimits, group_charges_at
from central.services.policies import Policy, policies_of
from central.services.provider_answers import ProviderSaid, provider_answers_read
from central.services.token_reading import (
    CONTRACT,
    Key,
    Token,
    evses_of,
    is_for,
    sessions_running,
    tokens_wanted,
)
from registry.models import ChargePoint

NO_AUTHORIZATION: Final = "NoAuthorization"
FREE: Final = "free"
UNKNOWN_OFFLINE: Final = "unknown_offline"
ORDERED: Final = "ordered_by_provider"
Verdict = tuple["AuthorizationStatus", str]


class AuthorizationStatus(StrEnum):
    """The answers as OCPP 2.x spells them; 1.6 knows the first five (§7.2), see central.ocpp.tokens."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT_TX = "ConcurrentTx"
    NO_CREDIT = "NoCredit"
    NOT_AT_THIS_LOCATION = "NotAtThisLocation"
    NOT_AT_THIS_TIME = "NotAtThisTime"


@dataclass(frozen=True, slots=True)
class Authorization:
    """The answer and what belongs to it; `reason` says in one word why not, or why nevertheless.

    `evse_numbers` are the only ones of the charge point where the token may charge (none: all of them).
    `reference` is what its provider wants to see again in session and CDR.
    """

    status: AuthorizationStatus
    id_token_id: int | None = None
    group_uid: str = ""
    expires_at: datetime | None = None
    reason: str = ""
    contract_id: str = ""
    language: str = ""
    message: str = ""
    evse_numbers: tuple[int, ...] = ()
    reference: str = ""
    group_id: int | None = None

    @property
    def accepted(self) -> bool:
        """True where charging may begin."""
        return self.status is AuthorizationStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class Shown:
    """A token that was shown at a charge point of an organisation; `starting`: a session begins with it.

    Of a start `at` is the charge point's time, `offline` its own word that it was offline then.
    """

    charge_point_id: int
    organization_id: int
    uid: str
    token_type: str
    now: datetime
    starting: bool = False
    version: str = ""
    evse_number: int = 0
    at: datetime | None = None
    offline: bool = False


def authorize(
    *,
    charge_point_id: int,
    uid: str,
    token_type: str = "",
    now: datetime,
    starting: bool = False,
    **more: Any,
) -> Authorization:
    """The answer for one token; `more` as in Shown. See `authorize_many`."""
    organization_id = ChargePoint.objects.values_list("organization_id", flat=True).get(pk=charge_point_id)
    shown = Shown(charge_point_id, organization_id, uid, token_type, now, starting, **more)
    return authorize_many([shown])[0]


def authorize_many(shown: Sequence[Shown]) -> list[Authorization]:
    """Answers for tokens shown at charge points, in their order; unknown ones are Invalid. Writes nothing.

    Sessions at the same charge point count only when `starting`: who shows a card at the charge point where
    it charges may want to stop (1.6 §4.1, 2.x C01). `starting` also locks the token, so that two starts
    at once cannot both be the only one; a session that starts counts for those that come after it.
    """
    if not shown:
        return []
    policies = policies_of({one.charge_point_id: one.organization_id for one in shown}, now=shown[0].now)
    wanted = {_key(one): one.token_type for one in shown if one.token_type != NO_AUTHORIZATION}
    tokens = tokens_wanted(wanted, lock=any(one.starting for one in shown))
    places = sessions_running({token.id for token in tokens.values() if token.concurrent_sessions != 0})
    said = _providers_said(shown, tokens)
    limits = GroupLimits(
        {token.group_id or 0 for token in tokens.values() if token.group_limited}, shown[0].now
    )
    answers = []
    for one in shown:
        token, policy = tokens.get(_key(one)), policies[one.charge_point_id]
        if token is None or one.token_type == NO_AUTHORIZATION:
            answers.append(_unknown(one, policy))
            continue
        running = places.setdefault(token.id, [])
        answer = _known(token, one, policy, running, said.get((one.charge_point_id, token.id)))
        answers.append(_limited(answer, token, one, limits))
        if one.starting:
            running.append(one.charge_point_id)
    return answers


def _providers_said(
    shown: Sequence[Shown], tokens: Mapping[Key, Token]
) -> dict[tuple[int, int], ProviderSaid]:
    """What providers said of those tokens that partners issued; costs nothing where there are none."""
    found = {(one.charge_point_id, tokens[_key(one)].id) for one in shown if _is_partners(one, tokens)}
    return provider_answers_read(found, now=shown[0].now) if found else {}


def _is_partners(shown: Shown, tokens: Mapping[Key, Token]) -> bool:
    token = tokens.get(_key(shown))
    return token is not None and token.of_partner


def _unknown(shown: Shown, policy: Policy) -> Authorization:
    """The answer for a token that we do not have."""
    if shown.token_type == NO_AUTHORIZATION:
        return Authorization(AuthorizationStatus.ACCEPTED, reason="no_authorization")
    if policy.free:
        return Authorization(AuthorizationStatus.ACCEPTED, reason=FREE)
    accepted = policy.unknown_offline == UnknownOffline.ACCEPT and _began_offline(shown)
    if accepted:
        return Authorization(AuthorizationStatus.ACCEPTED, reason=UNKNOWN_OFFLINE)
    return Authorization(AuthorizationStatus.INVALID, reason="unknown")


def _began_offline(shown: Shown) -> bool:
    """True for a start that the charge point could not ask about (1.6 §3.5.4, 2.x C15).

    2.x says so itself. 1.6 does not: there a start counts that is older than the connection that tells it.
    """
    if not shown.starting or shown.offline:
        return shown.starting
    if shown.version != "1.6" or shown.at is None:
        return False
    rows = ChargePointStatus.objects.filter(charge_point_id=shown.charge_point_id)
    return rows.filter(connected_at__gt=shown.at).exists()


def _known(
    token: Token, shown: Shown, policy: Policy, running: Sequence[int], said: ProviderSaid | None
) -> Authorization:
    """The answer for a token that we have, with what belongs to it."""
    evse_numbers = evses_of(token.id, shown.charge_point_id) if token.to_evses else ()
    status, reason = _judge(token, shown, policy, running, evse_numbers, said)
    grouped = policy.group_stop or token.group_id == policy.master_group_id
    return Authorization(
        status,
        token.id,
        (token.group_uid or "") if grouped else "",
        said.good_until if said and token.whitelist == Whitelist.NEVER else token.expires_at,
        reason,
        token.contract_id,
        token.language,
        (said.message if said else "") or token.message,
        evse_numbers,
        said.reference if said else "",
        token.group_id,
    )


def _limited(answer: Authorization, token: Token, shown: Shown, limits: GroupLimits) -> Authorization:
    """The answer, refused where the limits of the token's group say so; free charging knows none.

    Whoever shows a tag where a session of its group runs may want to stop it.
    """
    if not answer.accepted or token.group_id is None or not token.group_limited or answer.reason == FREE:
        return answer
    at = shown.at if shown.starting and shown.at is not None else shown.now
    refusal = limits.refusal(token.group_id, shown.charge_point_id, at)
    if refusal is None or (not shown.starting and group_charges_at(token.group_id, shown.charge_point_id)):
        return answer
    return replace(answer, status=AuthorizationStatus(refusal.value), reason=refusal.reason)


def same_holder(session: Session, uid: str) -> bool:
    """True where `uid` may stop the session: its own token, one of its group, or a master pass (2.x C16)."""
    if not uid or uid.upper() == session.id_tag.upper():
        return True
    owner = session.organization_id
    shown = IdToken.objects.filter(organization_id=owner, uid_key=uid.upper()).exclude(group=None)
    group_id = shown.values_list("group_id", flat=True).first()
    if group_id is None:
        return False
    place = session.charge_point_id
    policy = policies_of({place: owner})[place]
    if group_id == policy.master_group_id:
        return True
    if not policy.group_stop or session.id_token_id is None:
        return False
    return IdToken.objects.filter(pk=session.id_token_id, group_id=group_id).exists()


def _key(shown: Shown) -> tuple[int, str]:
    return shown.organization_id, shown.uid.upper()


def _judge(
    token: Token,
    shown: Shown,
    policy: Policy,
    running: Sequence[int],
    evse_numbers: Sequence[int],
    said: ProviderSaid | None,
) -> Verdict:
    if token.group_id is not None and token.group_id == policy.master_group_id and _would_begin(shown):
        return AuthorizationStatus.INVALID, "master_pass"
    if policy.free:
        return AuthorizationStatus.ACCEPTED, FREE
    verdict = _judge_state(token, shown) or _judge_provider(token, said)
    verdict = verdict or _judge_place(token, shown, policy, evse_numbers)
    if verdict is None and said is not None and said.by_order:
        return AuthorizationStatus.ACCEPTED, ORDERED
    return verdict or _judge_use(token, shown, policy, running)


def _judge_state(token: Token, shown: Shown) -> Verdict | None:
    if token.blocked:
        return AuthorizationStatus.BLOCKED, "token_blocked"
    if token.group_blocked:
        return AuthorizationStatus.BLOCKED, "group_blocked"
    if token.expires_at is not None and token.expires_at <= shown.now:
        return AuthorizationStatus.EXPIRED, "expired"
    if token.out_of_credit and not token.of_partner:
        return AuthorizationStatus.BLOCKED, "no_credit"
    return None


def _judge_provider(token: Token, said: ProviderSaid | None) -> Verdict | None:
    """What a partner's token may by its provider (OCPI 2.2.1 §12.4.5): its own word before the whitelist."""
    if not token.of_partner:
        return None
    if said is not None:
        accepted = said.status == AuthorizationStatus.ACCEPTED
        return None if accepted else (AuthorizationStatus(said.status), "provider_refused")
    if token.whitelist == Whitelist.NEVER:
        return AuthorizationStatus.INVALID, "provider_silent"
    if not token.issuer_valid:
        return AuthorizationStatus.BLOCKED, "provider_invalid"
    return None


def _would_begin(shown: Shown) -> bool:
    """A master pass begins nothing (2.x C16.FR.03); 1.6 knows none, and would begin when it is accepted."""
    return shown.starting or shown.version == "1.6"


def _judge_place(token: Token, shown: Shown, policy: Policy, evse_numbers: Sequence[int]) -> Verdict | None:
    if token.valid_from is not None and token.valid_from > shown.now:
        return AuthorizationStatus.INVALID, "not_yet_valid"
    if CONTRACT in {shown.token_type, token.token_type} and not policy.plug_and_charge:
        return AuthorizationStatus.INVALID, "no_plug_and_charge"
    if token.limited and not evse_numbers and not is_for(token.id, shown.charge_point_id):
        return AuthorizationStatus.INVALID, "out_of_scope"
    if shown.starting and evse_numbers and shown.evse_number not in {0, *evse_numbers}:
        return AuthorizationStatus.INVALID, "other_evse"
    return None


def _judge_use(token: Token, shown: Shown, policy: Policy, running: Sequence[int]) -> Verdict:
    limit = policy.sessions_at_once if token.concurrent_sessions is None else token.concurrent_sessions
    count = sum(shown.starting or place != shown.charge_point_id for place in running)
    if limit and count >= limit:
        return AuthorizationStatus.CONCURRENT_TX, "sessions_at_once"
    return AuthorizationStatus.ACCEPTED, ""
