"""Loaded by Python at its start below libfaketime: its clock_nanosleep knows no monotonic deadline."""

import select
import time
from typing import SupportsIndex


def _nap(seconds: float | SupportsIndex, /) -> None:
    select.select([], [], [], seconds if isinstance(seconds, float) else seconds.__index__())


time.sleep = _nap
