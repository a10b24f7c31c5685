"""Whose lists are due, who reads them just now, and how a person asks for it."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from emobility.lib.errors import Conflict
from ocpi.core.modules import INTERFACES, RECEIVER, STORERS
from ocpi.models import Partner, PartnerEndpoint, PullSeen, PullState
from ocpi.models.partner import PartnerStatus
from ocpi.selectors.identity import DEFAULT_ROLES

LEASE: Final = timedelta(seconds=60)
"""How long a worker has for one page: a killed one's round is taken up again within a minute or two."""


def pull_states_ensure(*, now: datetime, partner: Partner | None = None) -> int:
    """Make states for lists that active partners offer and we want; answers how many are new."""
    offers = PartnerEndpoint.objects.filter(
        role="SENDER", identifier__in=STORERS, partner__status=PartnerStatus.ACTIVE
    )
    if partner is not None:
        offers = offers.filter(partner=partner)
    known = set(PullState.objects.values_list("partner_id", "module"))
    new = [
        PullState(partner=offer.partner, module=offer.identifier, due_at=now)
        for offer in offers.select_related("partner__organization")
        if (offer.partner_id, offer.identifier) not in known and _wanted(offer)
    ]
    PullState.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _wanted(offer: PartnerEndpoint) -> bool:
    """True where we have the other side of the module, in the version that is spoken with the partner."""
    ours = INTERFACES.get((offer.identifier, RECEIVER))
    roles = offer.partner.organization.ocpi_roles or DEFAULT_ROLES
    return ours is not None and ours.offered(offer.partner.version, roles)


def pulls_due(now: datetime) -> QuerySet[PullState]:
    """Lists that may be read now, the longest due first."""
    paused = Q(partner__paused_until__gt=now)
    return _free(now).filter(due_at__lte=now).exclude(paused).order_by("due_at", "pk")


def _free(now: datetime) -> QuerySet[PullState]:
    idle = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return PullState.objects.filter(
        idle, partner__status=PartnerStatus.ACTIVE, module__in=STORERS
    ).select_related("partner__organization")


def pull_claim(*, state: PullState, now: datetime) -> bool:
    """Be the one that reads a list for LEASE; False where another is."""
    free = _free(now).filter(pk=state.pk)
    return bool(PullState.objects.filter(pk__in=free.values("pk")).update(claimed_until=now + LEASE))


def pull_release(*, state: PullState) -> None:
    """Let others go on with the round."""
    PullState.objects.filter(pk=state.pk).update(claimed_until=None)


def pulls_ask(*, partner: Partner, module: str = "", full: bool, now: datetime) -> int:
    """A person wants a partner's lists read now; answers how many. Raises Conflict where there are none."""
    pull_states_ensure(now=now, partner=partner)
    mine = PullState.objects.filter(partner=partner, module__in=[module] if module else list(STORERS))
    if partner.status != PartnerStatus.ACTIVE or not mine.exists():
        raise Conflict("This partner offers no list that we read.")
    wanted = {"due_at": now, "failures": 0} | ({"wants_full": True} if full else {})
    return mine.update(**wanted)


def round_begin(*, state: PullState, url: str, now: datetime) -> None:
    """A round begins at `url`."""
    PullSeen.objects.filter(state=state).delete()
    state.started_at, state.is_full, state.next_url = now, state.wants_full or state.mark is None, url
    state.pages = state.count = state.refused = 0
    state.total = state.newest = None
    state.error = ""
    state.save()


def round_forget(*, state: PullState) -> None:
    """The round is over, or given up: the next begins anew."""
    PullSeen.objects.filter(state=state).delete()
    state.started_at, state.next_url, state.is_full = None, "", False
    state.save()
