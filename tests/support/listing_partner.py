"""A scripted operator whose lists can be pulled: filtered and paged, also in ways that peers get wrong."""

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from tests.support.partner import VERSION, Answer, Recorded, ScriptedPartner

STYLES = ("link", "no link", "other host", "relative", "own link")


class ListingPartner(ScriptedPartner):
    """`lists` are its objects by module, in order; `style` is how it pages, `most` how many a page holds."""

    def __init__(self, country_code: str = "BE", party_id: str = "BEC", role: str = "CPO") -> None:
        super().__init__(country_code, party_id, role)
        self.lists: dict[str, list[Any]] = defaultdict(list)
        self.style, self.most = "link", 2
        self.sides = {"credentials": "SENDER", "sessions": "SENDER", "cdrs": "SENDER"}

    def __enter__(self) -> "ListingPartner":
        super().__enter__()
        return self

    def answer(self, request: Recorded) -> Answer:
        """A page where a list is asked for."""
        self.endpoints = [
            {"identifier": name, "role": side, "url": self.url(f"/{VERSION}/{name}")}
            for name, side in self.sides.items()
        ]
        if (
            request.method == "GET"
            and request.path == f"/{VERSION}/{request.module}"
            and self._is_list(request)
        ):
            return self.page(request)
        return super().answer(request)

    def _is_list(self, request: Recorded) -> bool:
        return request.module != "credentials" and self.sides.get(request.module) == "SENDER"

    def page(self, request: Recorded) -> Answer:
        """Some of the list."""
        query = {name: values[0] for name, values in request.query.items()}
        since = query.get("date_from", "")
        found = [item for item in self.lists[request.module] if item["last_updated"] >= since]
        offset = int(query.get("offset", 0))
        limit = min(int(query.get("limit", self.most)), self.most)
        part = found[offset : offset + limit]
        headers = {"X-Total-Count": str(len(found)), "X-Limit": str(self.most)}
        if offset + limit < len(found):
            wanted = {**query, "offset": offset + limit, "limit": limit}
            headers |= self._link(f"{request.path}?{urlencode(wanted)}", request)
        return Answer(data=part, headers=headers)

    def _link(self, path: str, request: Recorded) -> dict[str, str]:
        target = {
            "link": self.url(path),
            "other host": f"http://evil.example.org{path}",
            "relative": path,
            "own link": self.url(f"{request.path}?{urlencode(request.query, doseq=True)}"),
        }.get(self.style)
        return {"Link": f'<{target}>; rel="next"'} if target else {}
