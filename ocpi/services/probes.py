"""Asks for checks of partners and keeps what they found."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from emobility.lib.errors import Conflict, DomainError
from ocpi.core.fields import Schema
from ocpi.models import Partner, Probe
from ocpi.models.partner import PartnerStatus
from ocpi.models.probe import ProbeState
from ocpi.services.probe import BAD, GOOD, ODD, partner_probe
from registry.models import User

LEASE: Final = timedelta(minutes=5)
"""A check that is under way for longer is begun anew."""
KEPT: Final = 20
"""So many checks of a partner are kept."""


def probe_ask(*, partner: Partner, made_by: User | None, now: datetime) -> Probe:
    """Have a partner checked; one check at a time. Raises Conflict where it is not registered."""
    if partner.status == PartnerStatus.INACTIVE or not partner.token_out:
        raise Conflict("The partner is not registered.")
    open_one = Probe.objects.filter(partner=partner).exclude(state=ProbeState.DONE).first()
    return open_one or Probe.objects.create(partner=partner, made_by=made_by, created_at=now)


def probe_run(*, probe_id: int, schemas: Mapping[str, Schema], now: datetime) -> bool:
    """Run a check that waits; False where another does. No transaction may be open."""
    waiting = Probe.objects.filter(pk=probe_id).exclude(state=ProbeState.DONE)
    mine = waiting.filter(state=ProbeState.WAITING) | waiting.filter(begun_at__lt=now - LEASE)
    if not mine.update(state=ProbeState.RUNNING, begun_at=now):
        return False
    probe = Probe.objects.select_related("partner__organization").get(pk=probe_id)
    try:
        probe.correlation_id, findings = partner_probe(partner=probe.partner, schemas=schemas, now=now)
    except DomainError as error:
        findings = [("platform", BAD, error.message)]
    counts = Counter(outcome for _, outcome, _ in findings)
    probe.findings = [{"about": about, "outcome": outcome, "says": says} for about, outcome, says in findings]
    probe.good, probe.odd, probe.bad = counts[GOOD], counts[ODD], counts[BAD]
    probe.state, probe.done_at = ProbeState.DONE, now
    probe.save()
    old = Probe.objects.filter(partner=probe.partner).order_by("-pk").values_list("pk", flat=True)[KEPT:]
    Probe.objects.filter(pk__in=list(old)).delete()
    return True


def probes_waiting(*, now: datetime) -> list[int]:
    """Checks that nobody runs."""
    open_ones = Probe.objects.exclude(state=ProbeState.DONE)
    stale = open_ones.filter(state=ProbeState.WAITING) | open_ones.filter(begun_at__lt=now - LEASE)
    return list(stale.order_by("pk").values_list("pk", flat=True)[:100])
