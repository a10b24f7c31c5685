"""The load generator's process: a job as JSON on stdin, progress and result as JSON lines on stdout.

    {"kind": "messages", "url": "ws://127.0.0.1:9000/ocpp", "script": "heartbeat",
     "chargers": [["ID", "secret"]], "seconds": 10, "warmup": 2, "rate": null}

Kinds: messages (scripts heartbeat, meter, session; `version` 1.6 or 2.0.1), storm (all connect at once), idle
(connect and wait for a line on stdin), http (GET, POST, registrations), orders (REST to frame, under
traffic), live (changes to the last of many dashboards).
"""

import asyncio
import json
import sys
import time
from typing import Any

import httpx2
import uvloop

from benchmarks.chargers import Charger, Tally, closed_loop, fixed_rate, turns_of
from benchmarks.chargers_2 import Charger2
from benchmarks.limits import raise_open_files
from benchmarks.live import live
from benchmarks.orders import orders
from benchmarks.telling import spread, tell

Job = dict[str, Any]
CONNECTS_AT_ONCE = 50
HTTP_SECONDS = 60.0


async def plug_in(job: Job, tally: Tally, at_once: int) -> list[Charger]:
    """Connect all chargers, `at_once` at a time."""
    kind = Charger2 if job.get("version") == "2.0.1" else Charger
    chargers = [kind(cp_id, secret, tally) for cp_id, secret in job["chargers"]]
    gate = asyncio.Semaphore(at_once)

    async def one(charger: Charger) -> None:
        async with gate:
            await charger.connect(job["url"])

    await asyncio.gather(*(one(charger) for charger in chargers))
    return chargers


async def messages(job: Job) -> None:
    """Chargers that talk for `seconds` after `warmup`, in a closed loop or at `rate` messages a second."""
    tally, stop = Tally(), asyncio.Event()
    chargers = await plug_in(job, tally, CONNECTS_AT_ONCE)
    turns = [await turns_of(charger, job["script"]) for charger in chargers]
    if job.get("rate"):
        every = len(chargers) / job["rate"]
        tasks = [
            asyncio.create_task(fixed_rate(turn, stop, every, number / job["rate"]))
            for number, turn in enumerate(turns)
        ]
    else:
        tasks = [asyncio.create_task(closed_loop(turn, stop)) for turn in turns]
    await measure(job, tally)
    stop.set()
    await asyncio.gather(*tasks)
    await asyncio.gather(*(charger.close() for charger in chargers))


async def measure(job: Job, tally: Tally) -> None:
    """Warm up, count for `seconds`, tell when counting begins and ends."""
    await asyncio.sleep(job["warmup"])
    tell("begin")
    began = time.perf_counter()
    tally.counting = True
    await asyncio.sleep(job["seconds"])
    tally.counting = False
    tell("end", seconds=time.perf_counter() - began, errors=tally.errors, **spread(tally.latencies))


async def storm(job: Job) -> None:
    """All chargers at the same moment, as after an outage: each was here before; it counts when it booted."""
    known = await plug_in(job, Tally(), CONNECTS_AT_ONCE)
    await asyncio.gather(*(charger.close() for charger in known))
    await asyncio.sleep(job["warmup"])
    tally = Tally(counting=True)
    tell("begin")
    began = time.perf_counter()
    chargers = await plug_in(job, tally, len(job["chargers"]))
    tell("end", seconds=time.perf_counter() - began, errors=tally.errors, **spread(tally.latencies))
    await asyncio.gather(*(charger.close() for charger in chargers))


async def idle(job: Job) -> None:
    """Connections that do nothing, until a line comes."""
    chargers = await plug_in(job, Tally(), CONNECTS_AT_ONCE)
    tell("connected")
    await asyncio.to_thread(sys.stdin.readline)
    await asyncio.gather(*(charger.close() for charger in chargers))
    tell("end")


async def http(job: Job) -> None:
    """`workers` HTTP connections: registrations with an `enrolment_token`, POST of a `body`, else GET.

    An answer without the text that the job names (`says`) is an error: OCPI refuses with 200 too.
    """
    tally, stop, numbers = Tally(), asyncio.Event(), iter(range(10**9))
    limits = httpx2.Limits(max_connections=job["workers"])
    async with httpx2.AsyncClient(headers=job["headers"], limits=limits, timeout=HTTP_SECONDS) as client:

        async def turn() -> None:
            began = time.perf_counter()
            if "enrolment_token" in job:
                body = {"cp_id": f"NEW-{next(numbers):06d}", "location": "Benchmark"}
                answer = await client.post(
                    job["url"], json=body | {"enrolment_token": job["enrolment_token"]}
                )
            elif "body" in job:
                answer = await client.post(job["url"], json=job["body"])
            else:
                answer = await client.get(job["url"])
            tally.add(
                time.perf_counter() - began, ok=answer.is_success and job.get("says", "") in answer.text
            )

        every = job["workers"] / job["rate"] if job.get("rate") else 0.0
        tasks = [
            asyncio.create_task(
                fixed_rate(turn, stop, every, number / job["rate"]) if every else closed_loop(turn, stop)
            )
            for number in range(job["workers"])
        ]
        await measure(job, tally)
        stop.set()
        await asyncio.gather(*tasks)


KINDS = {"messages": messages, "storm": storm, "idle": idle, "http": http, "orders": orders, "live": live}


def main() -> None:
    """Read the job and do it."""
    job = json.loads(sys.stdin.readline())
    raise_open_files(len(job.get("chargers", ())) + job.get("sockets", 0) + 200)
    uvloop.run(KINDS[job["kind"]](job))


if __name__ == "__main__":
    main()
