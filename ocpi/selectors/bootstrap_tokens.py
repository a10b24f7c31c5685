"""Figures of bootstrap tokens, and how the parts of OCPI are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ocpi.models import BootstrapToken, Partner
from ocpi.models.bootstrap_token import TokenState
from ocpi.models.partner import PartnerStatus
from registry.models import Organization

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class TokenFigures:
    """How many tokens there are by state, how many of those that ended were used, what came of them."""

    total: int
    by_state: dict[str, int]
    issued_in_30_days: int
    used_in_30_days: int
    success_rate: float | None
    """Used ones among those that ended, 0 to 1; None where none ended."""
    registered_partners: int


def token_figures(organization: Organization, now: datetime) -> TokenFigures:
    """The figures of one organisation; tokens that were cleaned away are not among them."""
    rows = BootstrapToken.objects.filter(organization=organization)
    by_state = {state.value: rows.in_state(state, now).count() for state in TokenState}
    ended = sum(count for state, count in by_state.items() if state != TokenState.GOOD)
    partners = Partner.objects.filter(organization=organization).exclude(status=PartnerStatus.INACTIVE)
    return TokenFigures(
        total=rows.count(),
        by_state=by_state,
        issued_in_30_days=rows.filter(created_at__gte=now - RECENT).count(),
        used_in_30_days=rows.filter(used_at__gte=now - RECENT).count(),
        success_rate=round(by_state[TokenState.USED] / ended, 4) if ended else None,
        registered_partners=partners.count(),
    )
