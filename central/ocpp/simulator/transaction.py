"""A transaction as the charge point knows it, with a name on the wire that it may learn late."""

import uuid
from dataclasses import dataclass, field

UNKNOWN_ID = -1


@dataclass(slots=True)
class Transaction:
    """One transaction; `wire_id` is chosen by Central in 1.6 (it comes with the answer), by us in 2.x.

    `kind` is the type of the tag.
    """

    connector: int
    id_tag: str
    kind: str = "ISO14443"
    remote_start_id: int | None = None
    reservation_id: int | None = None
    wire_id: int | str | None = None
    local_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    seq_no: int = 0

    def next_seq_no(self) -> int:
        """The number of the next 2.x event, from 0 (OCPP 2.0.1 E01.FR.07)."""
        number, self.seq_no = self.seq_no, self.seq_no + 1
        return number
