"""The pretend Rescue itself: PINs, sessions from join to end, and answers forced by tests.

Source: Rescue API Reference Guide, chapters requestPINCode, getSession_v3, Post-to-URL.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from threading import RLock

from sandbox.clock import Clock
from sandbox.rescue.accounts import Accounts
from sandbox.rescue.calls import Calls
from sandbox.rescue.history import History, PastSession
from sandbox.rescue.model import (
    ACTIVE,
    CLOSED_BY_ACTIVE_CUSTOMER,
    CLOSED_BY_TECHNICIAN,
    CLOSED_BY_WAITING_CUSTOMER,
    FIELD_LENGTHS,
    TRACKING_LENGTH,
    Code,
    Line,
    NotAllowed,
    Pin,
    RescueSession,
    Technician,
)
from sandbox.rescue.reports.conversation import Conversations
from sandbox.settings import RescueSettings

CHANNEL_ID = 1902861082
ROOT_NODE_ID = 337360
CONNECTED = (
    "Connecting to: control.example.com (192.0.2.10:443)",
    "Connected to Applet (RSA 2048 bits, AES256-SHA 256 bits)",
)
SURVEY_QUESTIONS = 10
NOBODY = Technician(0, "", "")
"""Who has a session that waits in a channel."""


class RescueState:
    """All that the account knows, in memory, behind one lock."""

    def __init__(self, settings: RescueSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.lock = RLock()
        self.base_url = ""
        self.on_start: Callable[[RescueSession], None] = lambda session: None
        self.on_end: Callable[[RescueSession], None] = lambda session: None
        owner = Technician(337366, "Technician 1", settings.email, settings.sso_id)
        second = Technician(337367, "Technician 2", "technician2@example.com")
        self.owner = owner
        self.technicians = {one.id: one for one in (owner, second)}
        self.accounts = Accounts(settings, self.clock, owner)
        self.pins: dict[str, Pin] = {}
        self.sessions: dict[int, RescueSession] = {}
        self.open_sessions: dict[int, RescueSession] = {}
        self.history = History()
        self.conversations = Conversations()
        self.calls = Calls()
        self._session_ids = count(16633560)
        self._past_ids = count(10_000_001)
        self._reported: datetime | None = None
        self.reports_made = 0
        self._pin_granted: datetime | None = None
        self._forced: dict[str, deque[str]] = {}

    # answers on demand

    def force(self, method: str, code: str, times: int = 1) -> None:
        """Let the next calls of an API method be answered with this code and do nothing."""
        with self.lock:
            self._forced.setdefault(method.lower(), deque()).extend([code] * times)

    def raise_forced(self, method: str) -> None:
        with self.lock:
            waiting = self._forced.get(method.lower())
            if waiting:
                raise Code(waiting.popleft())

    # PINs

    def request_pin(
        self, caller: Technician, values: Mapping[str, str], *, node_id: str = "", notechconsole: bool = False
    ) -> Pin:
        """A new PIN, for the caller or for the technician of `node_id`."""
        fields = tuple(values.get(name, "") for name in FIELD_LENGTHS)
        tracking = values.get("tracking0", "")
        if len(tracking) > TRACKING_LENGTH or any(
            len(value) > limit for value, limit in zip(fields, FIELD_LENGTHS.values(), strict=True)
        ):
            raise Code("ERROR")
        with self.lock:
            technician = self._technician_for(caller, node_id)
            now = self.clock.now()
            interval = timedelta(seconds=self.settings.pin_interval_seconds)
            if self._pin_granted and now - self._pin_granted < interval:
                raise Code("POLLRATEEXCEEDED")
            if not (technician.console_open or notechconsole):
                raise Code("NOTECHCONSOLERUNNING")
            pin = Pin(self._free_code(), fields, tracking, technician, now)
            self._pin_granted = now
            self.pins[pin.code] = pin
            return pin

    def usable_pin(self, code: str) -> Pin:
        """The PIN if a customer can still join with it."""
        with self.lock:
            pin = self.pins.get(code.strip())
            if pin is None or pin.used or not self._alive(pin):
                raise NotAllowed("This PIN is not valid, or no longer.")
            return pin

    def _alive(self, pin: Pin) -> bool:
        age = self.clock.now() - pin.issued_at
        return age < timedelta(seconds=self.settings.pin_lifetime_seconds)

    def _technician_for(self, caller: Technician, node_id: str) -> Technician:
        if not node_id or node_id == "0":
            return caller
        technician = self.technicians.get(int(node_id)) if node_id.isdigit() else None
        if technician is None:
            raise Code("NOTTECHNICIAN")
        return technician

    def _free_code(self) -> str:
        live = sum(1 for pin in self.pins.values() if not pin.used and self._alive(pin))
        if self.settings.pin_pool and live >= self.settings.pin_pool:
            raise Code("OUTOFPINCODES")
        if self.settings.next_pins:
            return self.settings.next_pins.pop(0)
        while (code := f"{secrets.randbelow(1_000_000):06}") in self.pins:
            pass
        return code

    # sessions

    def session(self, session_id: int) -> RescueSession:
        with self.lock:
            session = self.sessions.get(session_id)
        if session is None:
            raise NotAllowed("There is no such session.")
        return session

    def join(self, code: str) -> RescueSession:
        """A customer comes with a PIN and waits."""
        with self.lock:
            pin = self.usable_pin(code)
            pin.used = True
            now = self.clock.now()
            session = RescueSession(
                next(self._session_ids), pin.code, pin.fields, pin.tracking, pin.technician, now, now
            )
            return self._begun(session)

    def start_in_channel(self, fields: tuple[str, ...], tracking: str) -> RescueSession:
        """A customer comes without a PIN, with a tracking field of their own making."""
        with self.lock:
            now = self.clock.now()
            session = RescueSession(next(self._session_ids), "", fields, tracking, NOBODY, now, now, CHANNEL_ID)
            return self._begun(session)

    def _begun(self, session: RescueSession) -> RescueSession:
        session.chat = [Line(session.created_at, "", text) for text in CONNECTED]
        self.sessions[session.id] = self.open_sessions[session.id] = session
        return session

    def pick_up(self, session_id: int, technician_id: int) -> RescueSession:
        """The technician takes a waiting customer; this posts the start of the session."""
        with self.changing(session_id) as session:
            if session.picked_up_at is not None:
                raise NotAllowed("This session was already picked up.")
            session.technician = self.technicians.get(technician_id, self.owner)
            session.status = ACTIVE
            session.picked_up_at = self.clock.now()
            self._line(session, "", "Switched to P2P")
            self.history.pick_up(session)
            self.on_start(session)
            return session

    def customer_says(self, session_id: int, text: str) -> None:
        with self.changing(session_id) as session:
            self._line(session, session.customer, text)

    def technician_says(self, session_id: int, text: str, technician_id: int | None = None) -> None:
        with self.changing(session_id) as session:
            if session.status != ACTIVE:
                raise NotAllowed("Pick up the session first.")
            speaker = self.technicians[technician_id] if technician_id else session.technician
            self._line(session, speaker.name, text)
            session.last_action_at = self.clock.now()

    def write_note(self, session_id: int, text: str) -> None:
        with self.lock:
            session = self.session(session_id)
            session.note = text
            session.last_action_at = self.clock.now()

    def collaborate(self, session_id: int, technician_id: int) -> None:
        """Another technician joins in: getSession will list the session twice."""
        with self.changing(session_id) as session:
            technician = self.technicians[technician_id]
            if technician is not session.technician and technician not in session.collaborators:
                session.collaborators.append(technician)
                self._line(session, "", f"{technician.name} joined the session.")

    def end(self, session_id: int, survey: Sequence[str] = ()) -> None:
        """The technician ends the session and answers the survey; this posts its end."""
        with self.changing(session_id) as session:
            if session.status != ACTIVE:
                raise NotAllowed("Pick up the session first.")
            session.technician_survey = tuple(survey[:SURVEY_QUESTIONS])
            session.last_action_at = self.clock.now()
            self._close(session, CLOSED_BY_TECHNICIAN, "The technician ended the session.")
            self.on_end(session)

    def leave(self, session_id: int) -> None:
        """The customer goes away; a session that was active posts its end."""
        with self.changing(session_id) as session:
            was_active = session.status == ACTIVE
            status = CLOSED_BY_ACTIVE_CUSTOMER if was_active else CLOSED_BY_WAITING_CUSTOMER
            self._close(session, status, "The customer ended the session.")
            if was_active:
                self.on_end(session)

    def answer_customer_survey(self, session_id: int, answers: Sequence[str]) -> None:
        with self.lock:
            self.history.answer(self.session(session_id), tuple(answers), self.clock.now())

    def remember(self, past: PastSession) -> RescueSession:
        """Add a session that began and ended in the past, and that nobody posts any more."""
        with self.lock:
            number = next(self._past_ids) if past.id is None else past.id
            technician = self.technicians[past.technician] if past.technician else NOBODY
            session = RescueSession(
                number, "", past.fields, past.tracking, technician, past.created_at, past.closed_at, past.channel_id
            )
            session.status, session.picked_up_at, session.closed_at = past.status, past.picked_up_at, past.closed_at
            session.last_action_at, session.note, session.chat = past.closed_at, past.note, list(past.chat)
            session.technician_survey = past.technician_survey
            session.collaborators = [self.technicians[one] for one in past.collaborators]
            self.sessions[number] = session
            self.history.pick_up(session)
            self.history.close(session)
            if past.customer_survey:
                self.history.answer(session, past.customer_survey, past.customer_survey_at or past.closed_at)
            return session

    # reports

    def take_report_turn(self) -> None:
        """One report a minute, whoever asks."""
        now = self.clock.now()
        interval = timedelta(seconds=self.settings.report_interval_seconds)
        if self._reported and now - self._reported < interval:
            raise Code("POLLRATEEXCEEDED")
        self._reported = now
        self.reports_made += 1

    def sessions_of(self, node: str, reference: str) -> Callable[[RescueSession], bool]:
        """Whether a session belongs to this technician, this channel, or to the whole account."""
        identity = int(node) if node.isascii() and node.isdigit() else 0
        if reference == "CHANNEL":
            if identity != CHANNEL_ID:
                raise Code("INVALIDPARAM_NODE")
            return lambda session: session.channel_id == identity
        if reference != "NODE":
            raise Code("INVALIDPARAM_NODEREF")
        if identity == ROOT_NODE_ID:
            return lambda session: True
        if identity not in self.technicians:
            raise Code("INVALIDPARAM_NODE")
        return lambda session: any(one.id == identity for one in (session.technician, *session.collaborators))

    def group_name(self, technician: Technician) -> str:
        return "Support" if technician.id else ""

    def channel_name(self, channel_id: int) -> str:
        return "Support channel" if channel_id else ""

    @contextmanager
    def changing(self, session_id: int) -> Iterator[RescueSession]:
        """An open session, under the lock."""
        with self.lock:
            session = self.session(session_id)
            if not session.open:
                raise NotAllowed("This session has ended.")
            yield session

    def _close(self, session: RescueSession, status: str, words: str) -> None:
        self._line(session, "", words)
        session.status = status
        session.closed_at = session.changed_at = self.clock.now()
        self.history.close(session)
        self.open_sessions.pop(session.id, None)

    def _line(self, session: RescueSession, speaker: str, text: str) -> None:
        session.chat.append(Line(self.clock.now(), speaker, text))
        session.transmitted += 512 + len(text.encode())
