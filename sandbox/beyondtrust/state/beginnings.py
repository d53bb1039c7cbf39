"""How sessions begin: with a key or without one, and into which queue; and what is written down of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count

from sandbox.beyondtrust.state.keys import KeyDesk
from sandbox.beyondtrust.state.model import (
    EXTERNAL_KEY,
    SYSTEM,
    Actor,
    ApplianceSession,
    Category,
    Event,
    Member,
    NotAllowed,
    Queue,
)
from sandbox.clock import Clock
from sandbox.settings import ApplianceSettings

MEMBER_ADDED = "support_conference_member_added"


class Beginnings(KeyDesk):
    """Sessions, and what they begin with."""

    def __init__(self, settings: ApplianceSettings, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self.sessions: dict[str, ApplianceSession] = {}
        self._lseqs = count(1)

    def session(self, lsid: str) -> ApplianceSession:
        with self.lock:
            found = self.sessions.get(lsid)
        if found is None:
            raise NotAllowed("There is no such session.")
        return found

    @contextmanager
    def changing(self, lsid: str) -> Iterator[ApplianceSession]:
        """An active session, under the lock."""
        with self.lock:
            session = self.session(lsid)
            if not session.open:
                raise NotAllowed("This session is not active.")
            yield session

    def member(self, session: ApplianceSession, rep_id: int) -> Member:
        found = session.member(rep_id)
        if found is None:
            raise NotAllowed("This representative is not in the session.")
        return found

    # beginning

    def join(
        self, short_key: str, *, customer: str = "", attributes: Mapping[str, str] | None = None, details: str = ""
    ) -> ApplianceSession:
        """A customer comes with a key and waits in its queue. What is given here overrides what the key carries."""
        with self.lock:
            key = self.usable_key(short_key)
            given = self.checked_attributes(attributes or {}, key.attributes)
            key.used = True
            who = key.customer
            session = self._new(key.queue, customer or who.name, {**key.attributes, **given})
            session.short_key, session.details = key.short_key, details or who.details
            session.company, session.company_code = who.company, who.company_code
            session.start_method, session.issue_id = key.start_method, key.issue_id
            session.priority, session.skills = key.priority, key.skills
            return self._begun(session)

    def start_without_key(
        self,
        customer: str = "",
        details: str = "",
        *,
        issue: str | int = "",
        rep: int | None = None,
        external_key: str = "",
        attributes: Mapping[str, str] | None = None,
        company: str = "",
        company_code: str = "",
    ) -> ApplianceSession:
        """A customer picks a representative or an issue (its code name or id) on the public site."""
        with self.lock:
            given = dict(attributes or {}) | ({EXTERNAL_KEY: external_key} if external_key else {})
            session = self._new(Queue(), customer, self.checked_attributes(given))
            session.details, session.company, session.company_code = details, company, company_code
            if rep is not None:
                session.queue = Queue("rep", self.logged_in(rep).id)
                session.start_method, session.issue_id = "rep_list", rep
            else:
                team, found = self.issue(issue_id=issue) if isinstance(issue, int) else self.issue(code_name=issue)
                session.queue = Queue("team", team.id, found.code_name)
                session.start_method, session.issue_id = "issue_submission", found.id
            return self._begun(session)

    def _new(self, queue: Queue, customer: str, attributes: Mapping[str, str]) -> ApplianceSession:
        session = ApplianceSession(secrets.token_hex(16), next(self._lseqs), self.clock.now(), queue, self._connect())
        session.customer_name = customer or f"Customer {session.lseq}"
        session.attributes = {name: value for name, value in attributes.items() if value}
        session.public_ip = "[2001:db8::7]:56722" if self.settings.ipv6 else session.public_ip
        return session

    def _begun(self, session: ApplianceSession) -> ApplianceSession:
        self.sessions[session.lsid] = session
        self._log(session, "Session Start")
        data = {"name": session.customer_name, "hostname": session.hostname, "os": session.os}
        data |= {"private_ip": session.private_ip, "public_ip": session.public_ip}
        self._tell("support_conference_begin", session)
        self._log(session, "Conference Member Added", session.customer, data=data)
        self._tell(MEMBER_ADDED, session, by=session.customer)
        self._queue(session, session.queue)
        if session.external_key:
            self._log(session, "External Key", SYSTEM, body=session.external_key)
        return session

    def _queue(self, session: ApplianceSession, queue: Queue) -> None:
        if session.queue.kind == "team" and session.queue != queue:
            self._tell_team(session.queue.id, "Session Transferred Away from Queue", lsid=session.lsid)
        session.queue, session.owner = queue, None
        if queue.kind == "team":
            session.team_ids = [one for one in session.team_ids if one != queue.id] + [queue.id]
            self._tell_team(queue.id, "Session Transferred to Queue", lsid=session.lsid)
        self._log(session, "Conference Owner Changed", SYSTEM, data={"queue": self.queue_name(queue)})
        self._tell("", session)

    # what happened

    def _log(
        self,
        session: ApplianceSession,
        kind: str,
        by: Actor = SYSTEM,
        to: Actor | None = None,
        *,
        body: str = "",
        filename: str = "",
        filesize: int = 0,
        data: Mapping[str, str] | None = None,
        system_information: Sequence[Category] = (),
    ) -> None:
        now = self.clock.now()
        event = Event(now, kind, by, to, body, filename, filesize, data or {}, tuple(system_information))
        session.events.append(event)
        self._tell("", session)
