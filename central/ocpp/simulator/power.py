"""Charging profiles of a simulated charge point: installed, cleared, and obeyed by its meters.

Profiles are as the `ocpp` package hands them over: snake case, 1.6 with one schedule, 2.x with a list.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

VOLTS: Final = 230
PHASES: Final = 3
WHOLE: Final = frozenset({"ChargePointMaxProfile", "ChargingStationMaxProfile"})
TX: Final = "TxProfile"
TX_DEFAULT: Final = "TxDefaultProfile"
PURPOSES: Final = WHOLE | {TX, TX_DEFAULT}
PERIODS: Final = {"Daily": timedelta(days=1), "Weekly": timedelta(weeks=1)}
Profile = Mapping[str, Any]


class Power:
    """The profiles of a charge point with `connectors` connectors; `clock` gives aware times."""

    def __init__(self, connectors: int, clock: Callable[[], datetime]) -> None:
        self._connectors, self._clock = connectors, clock
        self._profiles: dict[int, tuple[int, Profile]] = {}

    def set(self, connector: int, profile: Profile, *, running: bool) -> bool:
        """Install; False for what does not exist, or a session's profile without a session (1.6 §3.13.1)."""
        purpose = profile["charging_profile_purpose"]
        wrong_place = bool(connector) if purpose in WHOLE else connector > self._connectors
        if purpose not in PURPOSES or wrong_place or (purpose == TX and not running):
            return False
        place = (connector, purpose, profile["stack_level"])
        twins = [
            number
            for number, (at, other) in self._profiles.items()
            if (at, other["charging_profile_purpose"], other["stack_level"]) == place
        ]
        for number in twins:
            del self._profiles[number]
        self._profiles[_number(profile)] = (connector, profile)
        return True

    def clear(
        self, number: int | None, connector: int | None, purpose: str | None, level: int | None
    ) -> bool:
        """Take out one by its number, or all that match; False where there is none."""
        gone = [
            known
            for known, (at, profile) in self._profiles.items()
            if (number is None or known == number)
            and connector in {None, at}
            and purpose in {None, profile["charging_profile_purpose"]}
            and level in {None, profile["stack_level"]}
        ]
        for known in gone:
            del self._profiles[known]
        return bool(gone)

    def end_session(self, connector: int) -> None:
        """The profiles of a session end with it."""
        self.clear(None, connector, TX, None)

    def limit_w(
        self, connector: int, started_at: datetime | None, now: datetime | None = None
    ) -> float | None:
        """What a connector may take; None: there is no limit."""
        at = now or self._clock()
        of_session = self._highest(at, started_at, {TX}, {connector})
        if of_session is None:
            of_session = self._highest(at, started_at, {TX_DEFAULT}, {connector})
        if of_session is None:
            of_session = self._highest(at, started_at, {TX_DEFAULT}, {0})
        whole = self._highest(at, started_at, WHOLE, {0})
        shared = None if whole is None else whole / self._connectors
        return min((limit for limit in (of_session, shared) if limit is not None), default=None)

    def composite(
        self, connector: int, seconds: int, unit: str, full_w: float
    ) -> list[dict[str, Any]] | None:
        """The periods of the next `seconds` in `unit`; None for a connector that does not exist."""
        if connector > self._connectors:
            return None
        now = self._clock()
        factor = 1.0 if unit == "W" else 1 / (VOLTS * PHASES)
        places = [connector] if connector else list(range(1, self._connectors + 1))
        periods: list[dict[str, Any]] = []
        for second in self._changes(now, seconds):
            limits = [self.limit_w(place, now, now + timedelta(seconds=second)) for place in places]
            power = sum(full_w if limit is None else min(full_w, limit) for limit in limits)
            value = round(power * factor, 1)
            if not periods or periods[-1]["limit"] != value:
                periods.append({"start_period": second, "limit": value})
        return periods

    def _changes(self, now: datetime, seconds: int) -> list[int]:
        """Seconds from now at which a limit may change."""
        marks = {0}
        for _, profile in self._profiles.values():
            for schedule in _schedules(profile):
                start = _start(profile, schedule, now, now) or now
                ends = [period["start_period"] for period in schedule["charging_schedule_period"]]
                ends += [schedule["duration"]] if schedule.get("duration") else []
                marks |= {int((start + timedelta(seconds=end) - now).total_seconds()) for end in ends}
        return sorted(mark for mark in marks if 0 <= mark < seconds)

    def _highest(
        self, at: datetime, started_at: datetime | None, purposes: Iterable[str], places: Iterable[int]
    ) -> float | None:
        """The limit of the highest level that has one now (1.6 §3.13.2)."""
        found = [
            (profile["stack_level"], limit)
            for place, profile in self._profiles.values()
            if profile["charging_profile_purpose"] in purposes and place in places
            for limit in [_limit(profile, at, started_at)]
            if limit is not None
        ]
        return max(found)[1] if found else None


def _number(profile: Profile) -> int:
    return int(profile["charging_profile_id"] if "charging_profile_id" in profile else profile["id"])


def _schedules(profile: Profile) -> list[Mapping[str, Any]]:
    found = profile["charging_schedule"]
    return found if isinstance(found, list) else [found]


def _limit(profile: Profile, at: datetime, started_at: datetime | None) -> float | None:
    if not _is_valid(profile, at):
        return None
    schedule = _schedules(profile)[0]
    start = _start(profile, schedule, at, started_at)
    if start is None or at < start:
        return None
    seconds = (at - start).total_seconds()
    if schedule.get("duration") and seconds >= schedule["duration"]:
        return None
    period = [each for each in schedule["charging_schedule_period"] if each["start_period"] <= seconds][-1]
    if period.get("limit") is None:
        return None
    phases = period.get("number_phases") or PHASES
    return float(period["limit"]) * (VOLTS * phases if schedule["charging_rate_unit"] == "A" else 1)


def _is_valid(profile: Profile, at: datetime) -> bool:
    since, until = profile.get("valid_from"), profile.get("valid_to")
    return not (since and at < _time(since)) and not (until and at >= _time(until))


def _start(
    profile: Profile, schedule: Mapping[str, Any], at: datetime, started_at: datetime | None
) -> datetime | None:
    text = schedule.get("start_schedule")
    if profile["charging_profile_kind"] == "Relative" or not text:
        return started_at
    start = _time(text)
    period = PERIODS.get(profile.get("recurrency_kind", ""))
    return start + (at - start) // period * period if period and at > start else start


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
