"""What all live sockets of all processes hear: the channel layer's groups by name, for all rooms.

The layer only rings: whoever listens reads the rows again and looks by itself from time to time.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from emobility.lib import bell

CHANGES: Final = "live.changes"
"""`{"type": "live.changes", "organization_id", "topics"}`: rows changed (`session:12`, or `*`)."""
BROADCASTS: Final = "live.broadcasts"
"""`{"type": "live.broadcast", "organization_id", "id", "message"}`: for all open live sockets."""


def changes_tell(*, organization_id: int | None, topics: list[str]) -> None:
    """Tell all processes which rows of an organisation changed; None: what only the platform is told."""
    message = {"type": CHANGES, "organization_id": organization_id, "topics": topics}
    bell.publish(CHANGES, message)


def broadcast_tell(*, organization_id: int | None, message: Mapping[str, Any]) -> str:
    """Say `message` to the open live sockets of an organisation, None: of all; answers its id."""
    number = uuid4().hex
    said = {"type": BROADCASTS, "organization_id": organization_id, "id": number, "message": dict(message)}
    bell.publish(BROADCASTS, said)
    return number
