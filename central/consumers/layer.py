"""Hearing a group of the channel layer for as long as the process lives; the layer is a bell only."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from channels.layers import get_channel_layer

log = structlog.get_logger(__name__)

RETRY_SECONDS: Final = 1.0
LISTEN_SECONDS: Final = 600.0


async def follow(group: str, prefix: str, heard: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    """Hand every message of `group` to `heard`; trouble of the layer is logged and tried again."""
    while True:
        try:
            await _follow_for_a_while(group, prefix, heard)
        except Exception as error:  # noqa: BLE001 -- the layer is a bell only: whoever listens looks by itself too
            log.warning("ocpp.layer_failed", error=repr(error)[:200])
            await asyncio.sleep(RETRY_SECONDS)


async def _follow_for_a_while(
    group: str, prefix: str, heard: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    """The membership is renewed long before a layer would let it lapse."""
    layer: Any = get_channel_layer()
    if layer is None:
        await asyncio.sleep(LISTEN_SECONDS)
        return
    channel = await layer.new_channel(prefix)
    await layer.group_add(group, channel)
    try:
        async with asyncio.timeout(LISTEN_SECONDS):
            while True:
                await heard(await layer.receive(channel))
    except TimeoutError:
        await layer.group_discard(group, channel)
