"""How long a charge point waits before it connects again."""

import random
from collections.abc import Callable


class Backoff:
    """The waits of OCPP 2.0.1 part 4 §5.3: minimum plus random, then doubled, with new random parts.

    `repeats` limits the doublings. Without the random part a thousand chargers would come back at once.
    """

    def __init__(
        self,
        minimum: float,
        spread: float,
        repeats: int,
        rng: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._minimum, self._spread, self._repeats, self._rng = minimum, spread, repeats, rng
        self._base, self._doubled = 0.0, 0

    def next(self) -> float:
        """Seconds to wait now."""
        if self._base == 0.0:
            self._base = self._minimum
        elif self._doubled < self._repeats:
            self._base, self._doubled = self._base * 2, self._doubled + 1
        return self._base + self._rng(0.0, self._spread)

    def reset(self) -> None:
        """Begin anew after a connection that worked."""
        self._base, self._doubled = 0.0, 0
