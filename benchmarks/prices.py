"""The figures of the price engine against their goals, as lines for the reader (measured by `rating.py`)."""

from collections.abc import Iterator, Mapping

CODE = "from benchmarks.rating import main; main()"
GOAL_SESSIONS = 50_000
GOAL_VALUE_US = 20.0
"""Sessions from meter values to price lines a minute and core; what a meter value may add."""


def price_lines(found: Mapping[str, float]) -> Iterator[str]:
    """What was measured, and whether it suffices."""
    rate = found["sessions_per_minute"]
    yield f"{'prices':<22} {rate:9.0f} sessions a minute and core (goal {GOAL_SESSIONS}): " + _verdict(
        met=rate >= GOAL_SESSIONS
    )
    yield f"{'prices':<22} {found['session_us']:9.1f} us each; a look alone {found['noop_session_us']:.1f} us"
    for count in (10, 1000):
        cost = found[f"moved_{count}_us"]
        yield (
            f"{'running cost':<22} {cost:9.1f} us for one more value after {count} (goal {GOAL_VALUE_US}): "
            + _verdict(met=cost <= GOAL_VALUE_US)
        )
        yield f"{'':<22} {found[f'value_{count}_us']:9.1f} us of that the engine alone"


def _verdict(*, met: bool) -> str:
    return "goal met" if met else "GOAL MISSED"
