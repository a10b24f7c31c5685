"""A charge point in software tells of refused orders in one line."""

import logging
import sys

from ocpp.exceptions import NotImplementedError as Unknown

from central.ocpp.simulator.refusals import refused_plainly


def _record(error):
    try:
        raise error
    except type(error):
        return logging.LogRecord("ocpp", logging.ERROR, "", 1, "Error: '%s'", ("x",), sys.exc_info())


def test_a_refused_order_is_a_line_without_a_traceback():
    record = _record(Unknown(details={"cause": "No handler for SendLocalList registered."}))
    assert refused_plainly(record)
    assert record.exc_info is None
    assert record.levelno == logging.INFO
    assert "SendLocalList" in record.getMessage()


def test_a_fault_of_its_own_keeps_its_traceback():
    record = _record(RuntimeError("broken"))
    assert refused_plainly(record)
    assert record.exc_info
    assert record.levelno == logging.ERROR
