"""The pretend Rescue itself: PINs, sessions from join to end, and answers forced by tests.

Source: Rescue API Reference Guide, chapters requestPINCode, getSession_v3, Post-to-URL.
"""

from __future__ import annotations

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
    ABORTED,
    ACTIVE,
    CLOSED_BY_ACTIVE_CUSTOMER,
    CLOSED_BY_TECHNICIAN,
    CLOSED_BY_WAITING_CUSTOMER,
    Code,
    ConsoleLogin,
    Line,
    NotAllowed,
    Pin,
    RescueSession,
    Sms,
    Technician,
)
from sandbox.rescue.pins import PinDesk
from sandbox.rescue.reports.conversation import Conversations
from sandbox.rescue.tree import ADMIN_ID, CHANNEL_ID, Group, Tree
from sandbox.rescue.tree import ROOT_NODE_ID as ROOT_NODE_ID
from sandbox.rescue.tree.selection import selection
from sandbox.settings import RescueSettings

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
        self.tree = Tree(settings.email, settings.sso_id)
        self.owner = self.tree.owner
        self.technicians = self.tree.technicians
        self.accounts = Accounts(settings, self.clock, self.owner)
        self.sent_sms: deque[Sms] = deque(maxlen=1_000)
        self.console_logins: list[ConsoleLogin] = []
        self.login_tickets: dict[str, Technician] = {}
        self._desk = PinDesk(settings, self.clock)
        self.sessions: dict[int, RescueSession] = {}
        self.open_sessions: dict[int, RescueSession] = {}
        self.history = History()
        self.conversations = Conversations()
        self.calls = Calls()
        self._session_ids = count(16633560)
        self._past_ids = count(10_000_001)
        self._reported: datetime | None = None
        self.reports_made = 0
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
        self,
        caller: Technician,
        values: Mapping[str, str],
        *,
        node_id: str = "",
        notechconsole: bool = False,
        lens: bool = False,
    ) -> Pin:
        """A new PIN, for the caller or for the technician of `node_id`."""
        with self.lock:
            technician = self._technician_for(caller, node_id)
            return self._desk.issue(technician, values, notechconsole=notechconsole, lens=lens)

    def usable_pin(self, code: str) -> Pin:
        """The PIN if a customer can still join with it."""
        with self.lock:
            return self._desk.usable(code)

    @property
    def pins(self) -> dict[str, Pin]:
        return self._desk.pins

    def _technician_for(self, caller: Technician, node_id: str) -> Technician:
        technician: Technician | None = caller
        if node_id and node_id != "0":
            technician = self.technicians.get(int(node_id)) if node_id.isdigit() else None
        elif caller is self.owner and not self.settings.technician_seat:
            technician = None
        if technician is None or technician.disabled:
            raise Code("NOTTECHNICIAN")
        return technician

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
            if pin.lens:
                session.platform = "iOS 17"
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
            if session.status == ACTIVE:
                raise NotAllowed("This session was already picked up.")
            self.resume(session)
            session.technician = self.technicians.get(technician_id, self.owner)
            session.status, session.before_transfer = ACTIVE, None
            session.changed_at = self.clock.now()
            if session.picked_up_at is not None:
                return session
            session.picked_up_at = session.changed_at
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
            self.close(session, CLOSED_BY_TECHNICIAN, "The technician ended the session.")

    def leave(self, session_id: int) -> None:
        """The customer goes away; a session that was active posts its end."""
        with self.changing(session_id) as session:
            was_active = session.picked_up_at is not None
            status = CLOSED_BY_ACTIVE_CUSTOMER if was_active else CLOSED_BY_WAITING_CUSTOMER
            self.close(session, status, "The customer ended the session.")

    def answer_customer_survey(self, session_id: int, answers: Sequence[str]) -> None:
        with self.lock:
            self.history.answer(self.session(session_id), tuple(answers), self.clock.now())

    def remember(self, past: PastSession) -> RescueSession:
        """Add a session that began and ended in the past, and that nobody posts any more."""
        with self.lock:
            number = next(self._past_ids) if past.id is None else past.id
            session = past.made(number, {0: NOBODY, **self.technicians})
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
        """Whether a session belongs to this technician, group or channel, or to the whole account."""
        return selection(self.tree, node, reference)

    # the tree

    def is_administrator(self) -> bool:
        """Whether the user of the API is a Master administrator, too."""
        master = self.tree.nodes.get(ADMIN_ID)
        return self.settings.administrator and master is not None and not master.disabled

    def technician_by_sso(self, sso_id: str) -> Technician | None:
        found = (one for one in self.technicians.values() if one.sso_id == sso_id and not one.disabled)
        return next(found, None)

    def switch_console(self, technician: Technician, *, open_: bool) -> None:
        """Open or close a technician's console; both stand in the report of logins."""
        with self.lock:
            running = [one for one in self.console_logins if one.technician is technician and one.ended_at is None]
            if open_ and not running:
                self.console_logins.append(ConsoleLogin(technician, self.clock.now()))
            for one in running if not open_ else ():
                one.ended_at = self.clock.now()
            technician.console_open = open_

    def group_name(self, technician: Technician) -> str:
        group = self.tree.nodes.get(technician.parent_id)
        return group.name if isinstance(group, Group) else ""

    def channel_name(self, channel_id: int) -> str:
        channel = self.tree.nodes.get(channel_id)
        return channel.name if channel else ""

    def abort_sessions_of(self, technician: Technician) -> None:
        """What becomes of the sessions of who is deleted or disabled; active ones post their end."""
        for session in [one for one in self.open_sessions.values() if one.technician is technician]:
            self.close(session, ABORTED, "The session was aborted.")

    @contextmanager
    def changing(self, session_id: int) -> Iterator[RescueSession]:
        """An open session, under the lock."""
        with self.lock:
            session = self.session(session_id)
            if not session.open:
                raise NotAllowed("This session has ended.")
            yield session

    def resume(self, session: RescueSession) -> None:
        """Count the time on hold."""
        if session.held_at is not None:
            session.held_seconds += int((self.clock.now() - session.held_at).total_seconds())
            session.held_at = None

    def close(self, session: RescueSession, status: str, words: str) -> None:
        """End it; what somebody had picked up posts its end."""
        self.resume(session)
        session.before_transfer = None
        self._line(session, "", words)
        session.status = status
        session.closed_at = session.changed_at = self.clock.now()
        self.history.close(session)
        self.open_sessions.pop(session.id, None)
        if session.picked_up_at is not None:
            self.on_end(session)

    def _line(self, session: RescueSession, speaker: str, text: str) -> None:
        session.chat.append(Line(self.clock.now(), speaker, text))
        session.transmitted += 512 + len(text.encode())
