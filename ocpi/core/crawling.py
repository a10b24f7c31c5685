"""Where a list goes on (OCPI 2.2.1 §4.1.4.2): pure, and patient with senders that page badly.

The `Link` is followed until there is none. Of one that leads to another host only the place of the next page
is taken: our token goes nowhere else. Where the total falls during a crawl an object left the list, and those
behind it moved up: the same page is asked for again from as many places before.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

NEXT = re.compile(r"<([^<>]*)>\s*((?:;[^,<]*)*)")
RELATION = re.compile(r"""rel\s*=\s*["']?(?:[^"';]*\s)?next\b""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """Where to go on (None: the list is read), the total as told, and what was odd, as words for codes."""

    url: str | None
    total: int | None
    faults: tuple[str, ...] = ()


def following(url: str, *, count: int, headers: Mapping[str, str], total_before: int | None) -> Step:
    """What comes after the page at `url`, which held `count` objects; header names are lower case."""
    total = _whole(headers.get("x-total-count", ""))
    faults = () if total is not None else ("X-Total-Count is missing",)
    offset = offset_of(url)
    if total is not None and total_before is not None and total < total_before and offset > 0:
        return Step(with_query(url, offset=max(0, offset - (total_before - total))), total, faults)
    link = _next_link(headers.get("link", ""))
    if link is not None:
        found, odd = _fit(url, link)
        if _same(found, url):
            return Step(None, total, (*faults, "Link leads to the same page"))
        return Step(found, total, (*faults, *odd))
    if total is not None and count and offset + count < total:
        return Step(with_query(url, offset=offset + count), total, (*faults, "Link is missing"))
    return Step(None, total, faults)


def offset_of(url: str) -> int:
    """The offset that a URL asks for; 0 where it names none."""
    return _whole(dict(parse_qsl(urlsplit(url).query)).get("offset", "")) or 0


def with_query(url: str, **values: object) -> str:
    """`url` with these parameters, replaced or added."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query |= {name: str(value) for name, value in values.items()}
    return urlunsplit(parts._replace(query=urlencode(query)))


def _next_link(header: str) -> str | None:
    for target, parameters in NEXT.findall(header):
        if RELATION.search(parameters) and target.strip():
            return str(target).strip()
    return None


def _fit(url: str, link: str) -> tuple[str, tuple[str, ...]]:
    """The link at the host that we asked, and what was odd about it."""
    absolute = urljoin(url, link)
    here, there = urlsplit(url), urlsplit(absolute)
    if (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower()):
        return absolute, () if absolute == link else ("Link is no absolute address",)
    return _moved(url, there.query), ("Link leads to another host",)


def _moved(url: str, query: str) -> str:
    """The page that was asked for with what another host's link says of the next: its place, or all of it."""
    found = dict(parse_qsl(query))
    place = {name: found[name] for name in ("offset", "limit") if found.get(name, "").isdigit()}
    return with_query(url, **place) if "offset" in place else urlunsplit(urlsplit(url)._replace(query=query))


def _same(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    queries = [sorted(parse_qsl(each.query)) for each in (first, second)]
    return (first.path.rstrip("/"), queries[0]) == (second.path.rstrip("/"), queries[1])


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
