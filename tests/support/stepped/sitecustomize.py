"""Loaded by Python at its start below libfaketime: its clock_nanosleep knows no monotonic deadline."""

import select
import time


def _nap(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _nap
