"""A map drawn by the server: places on Web Mercator, near ones as one, over countries and a net of degrees.

It needs no script and no other host. Tiles of a background are named only where an address of some is given.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import cos, floor, hypot, log2, radians
from typing import Any, Final

from emobility.lib.coasts import land
from emobility.lib.mercator import EDGE, latitude_of, x_of, y_of

WIDTH: Final = 960
HEIGHT: Final = 560
TILE: Final = 256
CELL: Final = 64
"""Places within so many pixels are drawn as one."""
LEAST_ZOOM, MOST_ZOOM = 1, 18
CLOSEST_FIT: Final = 7
ROOM: Final = 0.8
STEPS: Final = (60, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
SCALES: Final = (1, 2, 5)
NAMED: Final = 14
EQUATOR_M: Final = 40_075_017


@dataclass(frozen=True, slots=True)
class Spot:
    """A place: degrees, its name and town, its page, its tone (emobility.lib.display) and state."""

    latitude: float
    longitude: float
    name: str
    town: str = ""
    url: str = ""
    tone: str = "info"
    note: str = ""


Placed = tuple[float, float, Spot]
"""A spot at its pixels of the whole world."""


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: the middle in degrees, and the zoom (each one twice as near)."""

    latitude: float
    longitude: float
    zoom: int

    @property
    def query(self) -> str:
        """As the address of a page names it."""
        return f"z={self.zoom}&lat={self.latitude:.5f}&lon={self.longitude:.5f}"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn at a point: one spot, or several as one that lead nearer."""

    x: float
    y: float
    spots: list[Spot] = field(default_factory=list)
    view: View | None = None

    @property
    def count(self) -> int:
        """How many it stands for."""
        return len(self.spots)

    @property
    def label(self) -> str:
        """The name of one, the town of most of several."""
        if self.count == 1:
            return self.spots[0].name
        towns = Counter(spot.town for spot in self.spots if spot.town)
        return towns.most_common(1)[0][0] if towns else ""

    @property
    def tone(self) -> str:
        """That of most of them."""
        return Counter(spot.tone for spot in self.spots).most_common(1)[0][0]

    @property
    def radius(self) -> int:
        """Larger for more."""
        return 9 if self.count == 1 else min(26, 13 + len(str(self.count)) * 3)


def fitted(spots: Sequence[Spot]) -> View:
    """The nearest view that shows all spots; Europe where there are none."""
    if not spots:
        return View(50.0, 10.0, 4)
    xs = [x_of(spot.longitude) for spot in spots]
    ys = [y_of(spot.latitude) for spot in spots]
    spread = max((max(xs) - min(xs)) / WIDTH, (max(ys) - min(ys)) / HEIGHT)
    zoom = CLOSEST_FIT if spread <= 0 else floor(log2(ROOM / (spread * TILE)))
    middle = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    return view_of(latitude_of(middle[1]), middle[0] * 360 - 180, min(zoom, CLOSEST_FIT))


def view_of(latitude: float, longitude: float, zoom: int) -> View:
    """A view within what can be drawn."""
    return View(
        min(max(latitude, -EDGE), EDGE),
        min(max(longitude, -180.0), 180.0),
        min(max(zoom, LEAST_ZOOM), MOST_ZOOM),
    )


def moved(view: View, right: float = 0, down: float = 0, nearer: int = 0) -> View:
    """The view some share of the picture further, or nearer."""
    size = TILE * 2**view.zoom
    x = x_of(view.longitude) + right * WIDTH / size
    y = y_of(view.latitude) + down * HEIGHT / size
    return view_of(latitude_of(min(max(y, 0.0), 1.0)), x * 360 - 180, view.zoom + nearer)


def drawn(spots: Iterable[Spot], view: View, tiles: str = "") -> dict[str, Any]:
    """What the template draws: marks, net, scale, and the tiles of `tiles` ("https://.../{z}/{x}/{y}.png")."""
    marks = list(_marks(spots, view))
    left, top, size = _corner(view)
    return {
        "land": "" if tiles else land(left, top, WIDTH, HEIGHT, size),
        "width": WIDTH,
        "height": HEIGHT,
        "marks": marks,
        "named": len(marks) <= NAMED,
        "meridians": list(_meridians(view)),
        "parallels": list(_parallels(view)),
        "scale": _scale(view),
        "tiles": list(_tiles(view, tiles)) if tiles else [],
        "in_view": [spot for mark in marks for spot in mark.spots],
    }


def _corner(view: View) -> tuple[float, float, float]:
    """The picture's left upper corner in pixels of the whole world, and the size of that."""
    size = float(TILE * 2**view.zoom)
    return x_of(view.longitude) * size - WIDTH / 2, y_of(view.latitude) * size - HEIGHT / 2, size


def _marks(spots: Iterable[Spot], view: View) -> Iterator[Mark]:
    left, top, size = _corner(view)
    for near in _grouped(spots, view):
        x = sum(each[0] for each in near) / len(near)
        y = sum(each[1] for each in near) / len(near)
        nearer = None
        if len(near) > 1 and view.zoom < MOST_ZOOM:
            nearer = view_of(latitude_of(y / size), x / size * 360 - 180, view.zoom + 2)
        yield Mark(round(x - left, 1), round(y - top, 1), [each[2] for each in near], nearer)


def _grouped(spots: Iterable[Spot], view: View) -> Iterable[list[Placed]]:
    """Each spot in view joins a group whose first one is near, or begins one."""
    left, top, size = _corner(view)
    groups: list[list[Placed]] = []
    cells: dict[tuple[int, int], list[list[Placed]]] = {}
    for spot in spots:
        x, y = x_of(spot.longitude) * size, y_of(spot.latitude) * size
        if not (0 <= x - left <= WIDTH and 0 <= y - top <= HEIGHT):
            continue
        column, row = floor(x / CELL), floor(y / CELL)
        around = [(column + right, row + down) for right in (-1, 0, 1) for down in (-1, 0, 1)]
        near = (group for cell in around for group in cells.get(cell, ()))
        found = next((group for group in near if hypot(group[0][0] - x, group[0][1] - y) < CELL), None)
        if found is None:
            found = []
            groups.append(found)
            cells.setdefault((column, row), []).append(found)
        found.append((x, y, spot))
    return groups


def _meridians(view: View) -> Iterator[tuple[float, str]]:
    left, _top, size = _corner(view)
    step = _step(360 / size)
    first = floor((left / size * 360 - 180) / step)
    for number in range(first, first + 60):
        place = x_of(number * step) * size - left
        if 0 < place < WIDTH and -180 <= number * step <= 180:
            yield round(place, 1), _degrees(number * step, "E", "W")


def _parallels(view: View) -> Iterator[tuple[float, str]]:
    _left, top, size = _corner(view)
    step = _step(360 / size)
    lowest = floor(latitude_of(min((top + HEIGHT) / size, 1.0)) / step)
    for number in range(lowest, lowest + 60):
        latitude = number * step
        place = y_of(latitude) * size - top
        if 0 < place < HEIGHT and abs(latitude) < EDGE:
            yield round(place, 1), _degrees(latitude, "N", "S")


def _step(a_pixel: float) -> float:
    """The finest step whose lines stand at least 120 pixels apart."""
    return next((step for step in reversed(STEPS) if step / a_pixel >= 120), STEPS[0])


def _degrees(value: float, plus: str, minus: str) -> str:
    side = plus if value > 0 else minus if value < 0 else ""
    return f"{round(abs(value), 3):g}° {side}".strip()


def _scale(view: View) -> tuple[float, str]:
    """A round length of at most 140 pixels at the middle: its pixels, its words."""
    a_pixel = EQUATOR_M * cos(radians(view.latitude)) / (TILE * 2**view.zoom)
    lengths = [scale * 10**power for power in range(8) for scale in SCALES]
    metres = max((length for length in lengths if length / a_pixel <= 140), default=1)
    return round(metres / a_pixel, 1), f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"


def _tiles(view: View, address: str) -> Iterator[tuple[float, float, str]]:
    left, top, _size = _corner(view)
    last = 2**view.zoom - 1
    for x in range(max(0, floor(left / TILE)), min(last, floor((left + WIDTH) / TILE)) + 1):
        for y in range(max(0, floor(top / TILE)), min(last, floor((top + HEIGHT) / TILE)) + 1):
            url = address.replace("{z}", str(view.zoom)).replace("{x}", str(x)).replace("{y}", str(y))
            yield round(x * TILE - left, 1), round(y * TILE - top, 1), url
