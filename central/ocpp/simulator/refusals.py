"""What a charge point in software says in the log of orders that it does not know."""

import logging

from ocpp.exceptions import OCPPError


def refused_plainly(record: logging.LogRecord) -> bool:
    """A filter of the logger `ocpp`: an order that was refused with a CALLERROR is a line, no traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, OCPPError):
        record.exc_info = None
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.msg, record.args = "The charge point refused an order: %s", (error,)
    return True
