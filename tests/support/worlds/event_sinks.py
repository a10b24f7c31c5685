"""A sink of the event log; there is one of a name, whoever asks first."""

from registry.models import EventReader
from tests.support.world import World


def furnish(world: World, number: int) -> None:
    """The Redis stream, with an error that only the platform's administrators may read."""
    sink, _ = EventReader.objects.get_or_create(name="redis", defaults={"last_error": world.mark})
    world.keep(sink)
