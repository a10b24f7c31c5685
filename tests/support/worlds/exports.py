"""Exports in the background."""

from registry.models import ExportJob
from tests.support.world import NOW, World


def furnish(world: World, number: int) -> None:
    """One that waits; what a person types into a filter is shown."""
    world.keep(
        ExportJob.objects.create(
            organization=world.organization,
            actor=world.mark,
            table="sessions",
            form="csv",
            query=f"charge_point={world.mark}",
            state="cancelled",
            created_at=NOW,
        )
    )
