"""What is pulled from partners."""

from ocpi.models import Partner, PullState
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """A list of the partner that could not be read."""
    partner = world.rows[Partner][number]
    world.keep(
        PullState.objects.create(
            partner=partner, module="cdrs", due_at=NOW, mark=NOW, failures=1, error=world.mark
        )
    )
