"""What is pulled from partners, and checks of them."""

from ocpi.models import Partner, Probe, PullState
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
