"""What the monitor tells Central: that the charge point is there, has a fault, has recovered."""

from urllib.parse import quote

import httpx2

from central.monitor.http import post_json


class CentralClient:
    """Central's `POST /cp/register`, `/cp/{id}/fault`, `/cp/{id}/recovered`; raises Unreachable or Denied."""

    def __init__(self, url: str, client: httpx2.Client) -> None:
        self._url, self._client = url, client

    def register(self, cp_id: str, host: str, port: int, token: str) -> None:
        """Announce the charge point and where its engine is."""
        body = {"cp_id": cp_id, "cp_e_host": host, "cp_e_port": port}
        post_json(self._client, f"{self._url}/cp/register", body, token)

    def report(self, cp_id: str, fault: str, token: str) -> None:
        """Report a fault in words, or with an empty text that all is well."""
        path = f"{self._url}/cp/{quote(cp_id, safe='')}/{'fault' if fault else 'recovered'}"
        post_json(self._client, path, {"reason": fault} if fault else {}, token)
