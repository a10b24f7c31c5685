"""A service account with a key of an organisation."""

from registry.models import ServiceAccount, ServiceKey
from tests.support.machines import api_key, machine
from tests.support.world import World


def furnish(world: World, number: int) -> None:
    """One of each."""
    account: ServiceAccount = world.keep(machine(world.organization, name=f"{world.mark}-{number}"))
    key: ServiceKey = api_key(account)[0]
    world.keep(key)
