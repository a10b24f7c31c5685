"""Orders under traffic: how long from the REST call at one process to the frame on a socket of another."""

import asyncio
import itertools
import time
from typing import Any

import httpx2

from benchmarks.chargers import Charger, Tally, fixed_rate, turns_of
from benchmarks.telling import spread, tell

ORDERED_SECONDS = 10.0


async def orders(job: dict[str, Any]) -> None:
    """`orders` orders, one after the other, while `chargers` send `rate` meter values a second."""
    stop, traffic = asyncio.Event(), Tally()
    chargers = [Charger(cp_id, secret, traffic) for cp_id, secret in job["chargers"]]
    for charger in chargers:
        await charger.connect(job["url"])
    turns = [await turns_of(charger, "meter") for charger in chargers]
    for charger in chargers:
        charger.listen()
    every = len(chargers) / job["rate"]
    tasks = [
        asyncio.create_task(fixed_rate(turn, stop, every, number / job["rate"]))
        for number, turn in enumerate(turns)
    ]
    await asyncio.sleep(job["warmup"])
    tell("begin")
    began = time.perf_counter()
    latencies, errors = await _order_all(job, chargers)
    tell("end", seconds=time.perf_counter() - began, errors=errors, **spread(latencies))
    stop.set()
    await asyncio.gather(*tasks)
    await asyncio.gather(*(charger.close() for charger in chargers))


async def _order_all(job: dict[str, Any], chargers: list[Charger]) -> tuple[list[float], int]:
    latencies, errors = [], 0
    tokens = itertools.cycle(job["tokens"])
    async with httpx2.AsyncClient(timeout=30) as client:
        for number in range(job["orders"]):
            charger = chargers[number % len(chargers)]
            try:
                latencies.append(await _order(client, job["api"], next(tokens), charger))
            except (TimeoutError, httpx2.HTTPError):
                errors += 1
            await asyncio.sleep(job["pause"])
    return latencies, errors


async def _order(client: httpx2.AsyncClient, api: str, token: str, charger: Charger) -> float:
    """Seconds until the frame arrives. Raises TimeoutError, HTTPError."""
    arrived: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    charger.ordered = lambda _: None if arrived.done() else arrived.set_result(time.perf_counter())
    body = {"order": "trigger", "charge_point": charger.cp_id, "params": {"message": "Heartbeat"}}
    began = time.perf_counter()
    answer = await client.post(
        f"{api}/api/commands/", json=body, headers={"Authorization": f"Bearer {token}"}
    )
    answer.raise_for_status()
    return await asyncio.wait_for(arrived, ORDERED_SECONDS) - began
