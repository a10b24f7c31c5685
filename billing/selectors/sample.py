"""One thing that a charge point said at a moment, as the charging periods take it."""

from datetime import datetime
from typing import NamedTuple


class Sample(NamedTuple):
    """Known at a moment: a register (Wh), a power (W), a current (mA), a state (protocol's word)."""

    at: datetime
    register_wh: int | None = None
    power_w: int | None = None
    state: str | None = None
    current_ma: int | None = None
