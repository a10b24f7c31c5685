"""What the crossing counts for Prometheus: messages by action and result, batches by size and time.

Counted once for each batch, on its own thread: well below a microsecond for each message.
"""

import time
from collections.abc import Sequence
from typing import Final

from central.ocpp.catalog import FROM_CHARGE_POINT
from central.ocpp.execution import Job
from emobility.lib.metrics import Labels, counter, histogram, tally

SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 512)
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
TOGETHER: Final = ("together",)
ALONE: Final = ("alone",)
UNKNOWN: Final = "other"

MESSAGES: Final = counter(
    "ocpp_messages", "Messages of charge points that were served", ["version", "action", "result"]
)
BATCH_MESSAGES: Final = histogram(
    "ocpp_batch_messages", "Messages that crossed to the database together", ["lane"], SIZES
)
BATCH_SECONDS: Final = histogram(
    "ocpp_batch_seconds", "From the receipt of a batch's oldest message to its commit", ["lane"], SECONDS
)


def batch_count(jobs: Sequence[Job], lane: Labels) -> None:
    """Count a batch that was served."""
    oldest = min([job.context.now for job in jobs]).timestamp()
    tally.add(
        MESSAGES,
        [_labels(job) for job in jobs],
        (
            (BATCH_MESSAGES, lane, len(jobs)),
            (BATCH_SECONDS, lane, max(0.0, time.time() - oldest)),
        ),
    )


def _labels(job: Job) -> Labels:
    """An action that we know, by its name: whatever a charge point invents is one value."""
    request = job.request
    result = job.error.code if job.error is not None else request.error_code or "ok"
    version, action = job.context.version, getattr(request.frame, "action", UNKNOWN)
    return version, action if action in FROM_CHARGE_POINT[version] else UNKNOWN, result
