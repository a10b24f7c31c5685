"""What is pulled from partners, and checks of them and of their CDRs."""

from ocpi.models import CdrCheck, Partner, Probe, PullState, ReceivedCdr
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """A list of the partner that could not be read; a check that found something."""
    partner = world.rows[Partner][number]
    world.keep(
        PullState.objects.create(
            partner=partner, module="cdrs", due_at=NOW, mark=NOW, failures=1, error=world.mark
        )
    )
    finding = {"about": "versions", "outcome": "bad", "says": world.mark}
    world.keep(
        Probe.objects.create(
            partner=partner, state="done", created_at=NOW, done_at=NOW, findings=[finding], bad=1
        )
    )
    cdr = world.rows[ReceivedCdr][number]
    world.keep(CdrCheck.objects.create(cdr=cdr, state="differs", faults=[world.mark], checked_at=NOW))
