"""What a login session has set for its reports: area, dates, zone, output.

Source: clients that really work with it. One cookie has one set of settings, which twenty idle minutes
forget; callers who send no cookie share those of their authcode's user, or of their token.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from sandbox.rescue.model import Code

MOST_CONVERSATIONS = 1_000
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
MOMENT = re.compile(r"(\d{1,4})/(\d{1,2})/(\d{1,4})(?: (\d{1,2}):(\d{2}):(\d{2}))?", re.ASCII)
TIME = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})", re.ASCII)
ZONE = re.compile(r"[+-]?\d{1,3}", re.ASCII)
ORDERS = {"MMDDYY": "mdy", "DDMMYY": "dmy", "YYMMDD": "ymd"}
"""Words of setDateFormat; only DDMMYY was seen, the others are guesses."""


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """Begin and end are local times of the zone that is set when the report is made; both belong to it."""

    begin: datetime
    end: datetime
    area: int = 0
    day_begin: time = time(0, 0, 0)
    day_end: time = time(23, 59, 59)
    zone_minutes: int = 0
    output: Literal["TEXT", "XML"] = "TEXT"
    delimiter: str = "|"
    summary: bool = False
    date_format: str = "MMDDYY"

    def contains(self, moment: datetime) -> bool:
        """Whether the moment's time of day is asked for; the dates are `bounds`."""
        local = moment + timedelta(minutes=self.zone_minutes)
        return self.day_begin <= local.time().replace(microsecond=0) <= self.day_end

    def bounds(self) -> tuple[datetime, datetime]:
        """From when on and before when, UTC; the last second is still in it."""
        shift = timedelta(minutes=self.zone_minutes)
        return (self.begin - shift).replace(tzinfo=UTC), (self.end + SECOND - shift).replace(tzinfo=UTC)

    def written(self, moment: datetime) -> str:
        """`2/16/2012 4:49:07 PM`, local."""
        local = moment + timedelta(minutes=self.zone_minutes)
        hour = f"{local.hour % 12 or 12}:{local:%M:%S %p}"
        return f"{self.written_date(local.date())} {hour}"

    def written_date(self, day: date) -> str:
        parts = {"d": str(day.day), "m": str(day.month), "y": str(day.year)}
        return "/".join(parts[letter] for letter in ORDERS[self.date_format])

    def with_dates(self, begin: str, end: str) -> ReportSettings:
        first, last = self._moment(begin, time(0, 0, 0)), self._moment(end, time(23, 59, 59))
        if last < first:
            raise Code("INVALIDDATERANGE")
        return replace(self, begin=first, end=last)

    def with_times(self, begin: str, end: str) -> ReportSettings:
        """A span of each day, as an administrator can choose it for a report."""
        first, last = _time(begin), _time(end)
        if last < first:
            raise Code("INVALIDDATERANGE")
        return replace(self, day_begin=first, day_end=last)

    def with_zone(self, minutes: str) -> ReportSettings:
        if not ZONE.fullmatch(minutes) or not -720 <= int(minutes) <= 840:
            raise Code("INVALIDFORMAT")
        return replace(self, zone_minutes=int(minutes))

    def _moment(self, text: str, otherwise: time) -> datetime:
        found = MOMENT.fullmatch(text.strip())
        if found is None:
            raise Code("INVALIDFORMAT")
        parts = dict(zip(ORDERS[self.date_format], map(int, found.groups()[:3]), strict=True))
        hour = time(*_checked(*map(int, found.groups()[3:]))) if found[4] else otherwise
        try:
            return datetime.combine(date(parts["y"], parts["m"], parts["d"]), hour)
        except ValueError:
            raise Code("INVALIDFORMAT") from None


@dataclass(slots=True)
class _Conversation:
    settings: ReportSettings
    used_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Conversations:
    """The settings of each login session. Not locked: RescueState does that."""

    def __init__(self) -> None:
        self._all: OrderedDict[str, _Conversation] = OrderedDict()

    def get(self, key: str, now: datetime, idle: timedelta) -> ReportSettings:
        """What this caller set before; today's sessions if that was nothing."""
        found = self._all.get(key)
        if found is None or (key.startswith("cookie:") and now - found.used_at >= idle):
            today = datetime.combine(now.date(), time())
            return ReportSettings(today, today + DAY - SECOND)
        found.used_at = now
        return found.settings

    def set(self, key: str, settings: ReportSettings, now: datetime) -> None:
        self._all[key] = _Conversation(settings, now)
        self._all.move_to_end(key)
        while len(self._all) > MOST_CONVERSATIONS:
            self._all.popitem(last=False)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._all))


def _time(text: str) -> time:
    found = TIME.fullmatch(text.strip())
    if found is None:
        raise Code("INVALIDFORMAT")
    return time(*_checked(*map(int, found.groups())))


def _checked(hour: int, minute: int, second: int) -> tuple[int, int, int]:
    if hour > 23 or minute > 59 or second > 59:
        raise Code("INVALIDFORMAT")
    return hour, minute, second
