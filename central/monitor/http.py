"""JSON over HTTP for the monitor: one POST, and errors in words that fit into a log line."""

import ssl
from typing import Any

import httpx2


class Unreachable(Exception):
    """No answer: connection refused, time-out, broken TLS."""


class Denied(Exception):
    """An answer that is not 200; `status` tells which."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status} {detail}".strip())
        self.status = status


def http_client(ca_file: str, seconds: float) -> httpx2.Client:
    """A client that trusts the system's authorities, or those of `ca_file` alone; follows no redirect."""
    verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_file) if ca_file else True
    return httpx2.Client(timeout=seconds, verify=verify, follow_redirects=False, trust_env=False)


def post_json(client: httpx2.Client, url: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    """The JSON object that a POST is answered with; raises Unreachable or Denied."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = client.post(url, json=body, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error
    if answer.status_code != httpx2.codes.OK:
        raise Denied(answer.status_code, answer.text[:200])
    try:
        content = answer.json()
    except ValueError as error:
        raise Unreachable("the answer is not JSON") from error
    if not isinstance(content, dict):
        raise Unreachable("the answer is not a JSON object")
    return content
