"""Signs of life: the scheduler writes one when it gives its task, the worker when it does it."""

from datetime import datetime
from typing import Final

from registry.models import Heartbeat

WORKER: Final = "worker"
SCHEDULER: Final = "beat"


def heartbeat_note(*, name: str, now: datetime) -> None:
    """A process of that kind lives."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})
