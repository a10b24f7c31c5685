"""What a handler knows of the message that it serves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Context:
    """One message: whose it is, in which version, and when it was received (`now`, aware UTC)."""

    charge_point_id: int
    cp_id: str
    organization_id: int
    version: str
    message_id: str
    now: datetime
    connection_id: UUID
