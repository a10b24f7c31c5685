"""extrawest-ocpi as a platform: one role, all in memory, a back door to look inside and to make it act.

Run by the interpreter of its own environment: `python extrawest.py PORT CPO|EMSP`; the rest are its settings.
"""

import secrets
import sys
from collections import defaultdict
from typing import Any

import httpx
import uvicorn
from fastapi import Body
from py_ocpi import get_application
from py_ocpi.core.adapter import BaseAdapter
from py_ocpi.core.authentication.authenticator import Authenticator
from py_ocpi.core.crud import Crud
from py_ocpi.core.enums import Action, ModuleID, RoleEnum
from py_ocpi.core.push import push_object
from py_ocpi.core.schemas import Push, Receiver
from py_ocpi.core.utils import encode_string_base64
from py_ocpi.modules.commands.v_2_2_1.schemas import StartSession
from py_ocpi.modules.versions.enums import VersionNumber

PORT, ROLE = int(sys.argv[1]), RoleEnum(sys.argv[2])
HOME = f"http://127.0.0.1:{PORT}"
TOKEN_A = "foreign-token-a"
VERSION = VersionNumber.v_2_2_1
STORE: dict[str, dict[str, Any]] = defaultdict(dict)
PEER: dict[str, Any] = {}
TOKENS_C: list[str] = []
BODY = Body()


class Tokens(Authenticator):  # type: ignore[misc]
    """Who may come in."""

    @classmethod
    async def get_valid_token_c(cls) -> list[str]:
        return TOKENS_C

    @classmethod
    async def get_valid_token_a(cls) -> list[str]:
        return [TOKEN_A]


def credentials(token: str) -> dict[str, Any]:
    party = {"country_code": "BE", "party_id": "EXW", "business_details": {"name": "Extrawest"}}
    return {"token": token, "url": f"{HOME}/ocpi/versions", "roles": [{"role": ROLE, **party}]}


def registered(data: dict[str, Any]) -> dict[str, Any]:
    """Remember the peer, give it a new token."""
    PEER.update(data)
    TOKENS_C[:] = [secrets.token_urlsafe(24)]
    return credentials(TOKENS_C[0])


class Memory(Crud):  # type: ignore[misc]
    """The business logic that the library asks for."""

    @classmethod
    async def get(cls, module: Any, role: Any, id: Any, *args: Any, **kwargs: Any) -> Any:
        if module == ModuleID.credentials_and_registration:
            return credentials(str(id))
        if module == ModuleID.commands:
            return {"result": "ACCEPTED"}
        return STORE[module.value].get(str(id).lower())

    @classmethod
    async def list(cls, module: Any, role: Any, filters: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        rows = list(STORE[module.value].values())
        end = filters["offset"] + filters["limit"]
        return rows[filters["offset"] : end], len(rows), end >= len(rows)

    @classmethod
    async def create(cls, module: Any, role: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
        if module == ModuleID.credentials_and_registration:
            return registered(data)
        STORE[module.value][str(data["id"]).lower()] = data
        return data

    @classmethod
    async def update(cls, module: Any, role: Any, data: Any, id: Any, *args: Any, **kwargs: Any) -> Any:
        if module == ModuleID.credentials_and_registration:
            return registered(data)
        STORE[module.value][str(id).lower()] = data
        return data

    @classmethod
    async def delete(cls, module: Any, role: Any, id: Any, *args: Any, **kwargs: Any) -> None:
        if module == ModuleID.credentials_and_registration:
            PEER.clear()
            TOKENS_C.clear()

    @classmethod
    async def do(
        cls, module: Any, role: Any, action: Any, *args: Any, data: Any = None, **kwargs: Any
    ) -> Any:
        if action == Action.get_client_token:
            return PEER["credentials"]["token"]
        STORE["orders"][kwargs["command"].value] = data or (args[0] if args else None)
        return {"result": "ACCEPTED", "timeout": 30}


MODULES = [
    ModuleID.credentials_and_registration,
    ModuleID.locations,
    ModuleID.sessions,
    ModuleID.cdrs,
    ModuleID.tariffs,
    ModuleID.tokens,
    ModuleID.commands,
]
app = get_application([VERSION], [ROLE], Memory, MODULES, Tokens, BaseAdapter)


def headers() -> dict[str, str]:
    return {"authorization": f"Token {encode_string_base64(PEER['credentials']['token'])}"}


@app.get("/_/inside")
async def inside() -> dict[str, Any]:
    """What it knows; no token."""
    return {"store": STORE, "endpoints": PEER.get("endpoints", {}).get("endpoints", []), "peer": bool(PEER)}


@app.post("/_/keep/{module}/{name}")
async def keep(module: str, name: str, data: Any = BODY) -> None:
    """Something of its own, to be listed and pushed."""
    STORE[module][name.lower()] = data


@app.post("/_/push/{module}/{name}")
async def push(module: str, name: str) -> Any:
    """Push an object of its own by the library's way."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(PEER["credentials"]["url"], headers=headers())
    (url,) = [each["url"] for each in answer.json()["data"] if each["version"] == VERSION.value]
    receiver = Receiver(endpoints_url=url, auth_token=PEER["credentials"]["token"])
    wish = Push(module_id=ModuleID(module), object_id=name, receivers=[receiver])
    return (await push_object(VERSION, wish, Memory, BaseAdapter)).dict()


@app.post("/_/start")
async def start(data: Any = BODY) -> Any:
    """START_SESSION to the peer; the result comes to the library's own endpoint."""
    order = StartSession(response_url=f"{HOME}/ocpi/emsp/2.2.1/commands/wish-1", **data)
    (url,) = [each["url"] for each in PEER["endpoints"]["endpoints"] if each["identifier"] == "commands"]
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{url.rstrip('/')}/START_SESSION", json=order.dict(), headers=headers())
    return answer.json()


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
