"""How a charge point gets its secret and its tokens from the Registry."""

from typing import Any

import httpx2

from central.monitor.credentials import Credentials, parse_time
from central.monitor.http import Unreachable, post_json


class RegistryClient:
    """The Registry's `POST /cp/register` and `POST /cp/authenticate`; raises Unreachable or Denied."""

    def __init__(self, url: str, client: httpx2.Client) -> None:
        self._url, self._client = url, client

    def register(
        self, cp_id: str, location: str, metadata: dict[str, Any], enrolment_token: str = ""
    ) -> Credentials:
        """Register a new charge point; Denied with status 409 where the id is taken."""
        body: dict[str, Any] = {"cp_id": cp_id, "location": location, "metadata": metadata}
        if enrolment_token:
            body["enrolment_token"] = enrolment_token
        answer = post_json(self._client, f"{self._url}/cp/register", body)
        return _credentials(cp_id, answer, str(answer.get("credentials") or ""))

    def authenticate(self, cp_id: str, secret: str) -> Credentials:
        """Get a fresh token; Denied with status 401 where the secret is not good (any more)."""
        body = {"cp_id": cp_id, "credentials": secret}
        return _credentials(cp_id, post_json(self._client, f"{self._url}/cp/authenticate", body), secret)


def _credentials(cp_id: str, answer: dict[str, Any], secret: str) -> Credentials:
    try:
        expires = parse_time(str(answer["token_expires_at"]))
        token = str(answer["token"])
    except (KeyError, ValueError) as error:
        raise Unreachable("the Registry's answer lacks the token or its end") from error
    if not secret:
        raise Unreachable("the Registry's answer lacks the credentials")
    return Credentials(cp_id, secret, token, expires)
