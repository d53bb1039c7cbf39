"""The sessions of the past, found by their time, and new ones made on demand for tests."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.rescue.model import CLOSED_BY_TECHNICIAN, Line, RescueSession, Technician


@dataclass(frozen=True, slots=True)
class PastSession:
    """A session that ended before anybody looked. `technician` and `collaborators` are node ids; times are UTC."""

    created_at: datetime
    picked_up_at: datetime | None
    closed_at: datetime
    technician: int = 337366
    fields: tuple[str, ...] = ("Customer 1", "", "", "", "", "")
    tracking: str = ""
    channel_id: int = 0
    status: str = CLOSED_BY_TECHNICIAN
    chat: tuple[Line, ...] = ()
    note: str = ""
    technician_survey: tuple[str, ...] = ()
    customer_survey: tuple[str, ...] = ()
    customer_survey_at: datetime | None = None
    """When the customer answered; the closing time if nothing is said."""
    collaborators: tuple[int, ...] = ()
    id: int | None = None

    def made(self, number: int, technicians: Mapping[int, Technician]) -> RescueSession:
        """The session as the account knows it."""
        session = RescueSession(
            number,
            "",
            self.fields,
            self.tracking,
            technicians[self.technician],
            self.created_at,
            self.closed_at,
            self.channel_id,
        )
        session.status, session.picked_up_at, session.closed_at = self.status, self.picked_up_at, self.closed_at
        session.last_action_at, session.note, session.chat = self.closed_at, self.note, list(self.chat)
        session.technician_survey = self.technician_survey
        session.collaborators = [technicians[one] for one in self.collaborators]
        return session


class Timeline:
    """Ids in the order of their moments."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int]] = []

    def add(self, moment: datetime, identity: int) -> None:
        insort(self._entries, (moment, identity))

    def remove(self, moment: datetime, identity: int) -> None:
        position = bisect_left(self._entries, (moment, identity))
        if self._entries[position : position + 1] == [(moment, identity)]:
            del self._entries[position]

    def between(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
        """From begin on and before end."""
        low = bisect_left(self._entries, begin, key=_moment)
        high = bisect_left(self._entries, end, key=_moment)
        yield from self._entries[low:high]

    def since(self, moment: datetime) -> Iterator[int]:
        for _, identity in self._entries[bisect_right(self._entries, moment, key=_moment) :]:
            yield identity


class History:
    """When sessions began, were missed, ended and were judged. Not locked: RescueState does that."""

    def __init__(self) -> None:
        self.started = Timeline()
        """By the time when a technician picked them up."""
        self.missed = Timeline()
        """Those that nobody picked up, by the time when the customer came."""
        self.closed = Timeline()
        self.customer_surveys = Timeline()
        """By the time of the answer."""

    def pick_up(self, session: RescueSession) -> None:
        if session.picked_up_at is not None:
            self.started.add(session.picked_up_at, session.id)

    def close(self, session: RescueSession) -> None:
        if session.closed_at is not None:
            self.closed.add(session.closed_at, session.id)
        if session.picked_up_at is None:
            self.missed.add(session.created_at, session.id)

    def answer(self, session: RescueSession, answers: tuple[str, ...], at: datetime) -> None:
        """A second answer replaces the first."""
        if session.customer_survey_at is not None:
            self.customer_surveys.remove(session.customer_survey_at, session.id)
        session.customer_survey, session.customer_survey_at = answers, at
        self.customer_surveys.add(at, session.id)


def _moment(entry: tuple[datetime, int]) -> datetime:
    return entry[0]
