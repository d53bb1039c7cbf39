"""What a report is asked for: a period, sessions by their ids, and a limit; checked before anything is sent.

Source: the guide's "Parameters for …" of each report. Whatever breaks its rules raises Rejected and is not sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bridge.errors import Rejected

LSID = re.compile(r"[0-9A-Za-z_-]{1,64}")
SESSION_LIMITS = re.compile(r"all|team:all|(?:rep|team|members|site):[0-9]{1,20}")
VAULT_LIMITS = re.compile(r"all|(?:rep|account):[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Period:
    """From one of four beginnings on, for so long.

    With a date the duration is in days, with a time in seconds; 0 means until now. `start_…` gives sessions that began
    then, also those that still run; `end_…` only those that ended.
    """

    start_date: date | None = None
    start_time: datetime | None = None
    end_date: date | None = None
    end_time: datetime | None = None
    duration: int = 0

    def __post_init__(self) -> None:
        given = (self.start_date, self.start_time, self.end_date, self.end_time)
        if sum(one is not None for one in given) != 1:
            raise refused("a period has one beginning: start_date, start_time, end_date or end_time")
        if self.duration < 0:
            raise refused("a duration cannot be negative")
        if any(isinstance(one, datetime) for one in (self.start_date, self.end_date)):
            raise refused("a date has no time of day")
        if any(one is not None and one.tzinfo is None for one in (self.start_time, self.end_time)):
            raise refused("a time must say its zone")

    @property
    def by_end(self) -> bool:
        return self.start_date is None and self.start_time is None

    def params(self) -> dict[str, str]:
        """As the appliance wants them: dates as YYYY-MM-DD, times as UNIX seconds."""
        days = {"start_date": self.start_date, "end_date": self.end_date}
        times = {"start_time": self.start_time, "end_time": self.end_time}
        found = {name: day.isoformat() for name, day in days.items() if day is not None}
        found |= {name: str(unix(moment)) for name, moment in times.items() if moment is not None}
        return {**found, "duration": str(self.duration)}


def began_since(moment: datetime) -> Period:
    return Period(start_time=moment)


def ended_since(moment: datetime) -> Period:
    return Period(end_time=moment)


@dataclass(frozen=True, slots=True)
class Limit:
    """`all`, `rep:<id>`, `team:all`, `team:<id>`, `members:<id>`, `site:<id>`; for the vault `rep:` and `account:`."""

    text: str

    def params(self, allowed: re.Pattern[str] = SESSION_LIMITS) -> dict[str, str]:
        if not allowed.fullmatch(self.text):
            raise refused("this report takes no such limit")
        return {"limit": self.text}


def selected(period: Period | None, lsids: Sequence[str], limit: Limit | None = None) -> dict[str, str]:
    """A period or ids, never both. The appliance would ignore a limit beside ids, so it is refused."""
    if (period is None) == (not lsids):
        raise refused("a report is asked for either a period or session ids")
    if period is not None:
        return {**period.params(), **(limit.params() if limit else {})}
    if limit is not None:
        raise refused("a limit says nothing beside session ids")
    return {"lsid": lsid(lsids[0])} if len(lsids) == 1 else {"lsids": ",".join(lsid(one) for one in lsids)}


def lsid(text: str) -> str:
    if not LSID.fullmatch(text):
        raise refused("this is no session id")
    return text


def whole(text: int | str, what: str) -> str:
    """An id or an instance: digits."""
    if not re.fullmatch(r"[0-9]{1,20}", str(text)):
        raise refused(f"{what} must be a whole number")
    return str(text)


def one_of(text: str, what: str, *choices: str) -> str:
    if text not in choices:
        raise refused(f"{what} is one of {', '.join(choices)}")
    return text


def unix(moment: datetime) -> int:
    """UNIX seconds, never before 1970."""
    return max(int(moment.astimezone(UTC).timestamp()), 0)


def refused(why: str) -> Rejected:
    return Rejected(why, code="parameters")
