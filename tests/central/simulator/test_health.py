"""The engine's health page over HTTP."""

import asyncio

import httpx2

from central.ocpp.simulator.health import serve_health


async def test_the_page_tells_the_state_and_a_fault_is_a_503():
    state = {"cp_id": "CP 1", "status": "OK"}
    server = await serve_health("127.0.0.1", 0, lambda: state)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, httpx2.AsyncClient() as client:
        answer = await client.get(f"{url}/health")
        assert (answer.status_code, answer.json()) == (200, state)
        state["status"] = "FAULT"
        assert (await client.get(f"{url}/health")).status_code == 503
        assert (await client.get(f"{url}/other")).status_code == 404
        assert (await client.post(f"{url}/health")).status_code == 405


async def test_nonsense_on_the_port_ends_that_connection_only():
    server = await serve_health("127.0.0.1", 0, lambda: {"status": "OK"})
    port = server.sockets[0].getsockname()[1]
    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x00" * 20_000)
        assert await reader.read() == b""
        writer.close()
        async with httpx2.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200
