"""Threads on which live sockets read the database and place orders: others than charge points' own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

from django.db import DatabaseError, InterfaceError, connection
from psycopg_pool import PoolTimeout

T = TypeVar("T")
THREADS: Final = 2
OUTAGES: Final = (DatabaseError, InterfaceError, PoolTimeout)
"""The database does not answer, or not as it should."""


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="live")


async def run(function: Callable[[], T]) -> T:
    """Run a sync function there; it gives its connection back, for others need the pool. Raises OUTAGES."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _alone, function)


def _alone(function: Callable[[], T]) -> T:
    try:
        return function()
    finally:
        connection.close()
