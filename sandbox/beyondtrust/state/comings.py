"""Coming and going: who takes a session, hands it on, joins and leaves, and how it ends."""

from __future__ import annotations

from sandbox.beyondtrust.state.beginnings import MEMBER_ADDED, Beginnings
from sandbox.beyondtrust.state.model import SYSTEM, ApplianceSession, Member, NotAllowed, Queue

MEMBER_DEPARTED = "support_conference_member_departed"


class Comings(Beginnings):
    """Who is in a session, from the first representative to the end."""

    # representatives

    def accept(self, lsid: str, rep_id: int) -> None:
        """A representative takes a waiting session out of its queue and owns it."""
        with self.changing(lsid) as session:
            rep = self.logged_in(rep_id)
            if session.owner is not None:
                raise NotAllowed("Somebody has accepted this session already.")
            if not self.serves(rep_id, session.queue):
                raise NotAllowed("This session waits in a queue of others.")
            member = session.member(rep_id) or self._add(session, rep_id)
            if session.queue.kind == "team":
                self._tell_team(session.queue.id, "Session Transferred Away from Queue", lsid=session.lsid)
            session.queue = Queue("rep", rep.id)
            self._own(session, member)

    def transfer(self, lsid: str, queue_id: str) -> None:
        """Hand the session on to `team:1`, `rep:1` or `rep_username:x`; whoever owned it leaves."""
        with self.changing(lsid) as session:
            queue = self.queue(queue_id, transfer=True)
            owner = session.owner
            self._queue(session, queue)
            self._tell("support_conference_owner_changed", session, queue=self.queue_name(queue))
            if owner is not None and owner.left_at is None:
                self._depart(session, owner)

    def invite_rep(self, lsid: str, rep_id: int) -> None:
        """Ask another representative to come along; they are shown it and may join."""
        with self.changing(lsid) as session:
            rep = self.logged_in(rep_id)
            if session.member(rep_id):
                raise NotAllowed("This representative is in the session already.")
            session.asked.add(rep.id)
            self._tell("", session)

    def join_rep(self, lsid: str, rep_id: int) -> None:
        """A representative comes along, without owning the session."""
        with self.changing(lsid) as session:
            self.logged_in(rep_id)
            if session.member(rep_id):
                raise NotAllowed("This representative is in the session already.")
            session.asked.discard(rep_id)
            self._add(session, rep_id)

    def leave_rep(self, lsid: str, rep_id: int) -> None:
        """A representative leaves. What they owned goes to the next one in it, or back to its last queue."""
        with self.changing(lsid) as session:
            self._leave(session, self.member(session, rep_id))

    def reconnect(self, rep_id: int) -> None:
        """A representative's connection breaks and comes back: the same person with another gsnumber."""
        with self.lock:
            mine = [(one, one.member(rep_id)) for one in self.sessions.values() if one.open]
            owned = [one for one, member in mine if member and one.owner is member]
            for session, member in mine:
                if member is not None:
                    self._depart(session, member)
            old = self.logged_in(rep_id).gsnumber
            self.representatives[rep_id].gsnumber = self._connect()
            self._disconnect(old)
            self._tell("", None)
            for session, member in mine:
                if member is not None:
                    again = self._add(session, rep_id)
                    if session in owned:
                        self._own(session, again)

    def log_out(self, rep_id: int) -> None:
        with self.lock:
            for session in [one for one in self.sessions.values() if one.open]:
                member = session.member(rep_id)
                if member is not None:
                    self._leave(session, member)
            super().log_out(rep_id)

    def _leave(self, session: ApplianceSession, member: Member) -> None:
        self._depart(session, member)
        if session.owner is not member:
            return
        if session.present:
            session.queue = Queue("rep", session.present[0].rep.id)
            self._own(session, session.present[0])
        else:
            self._queue(session, Queue("team", session.team_ids[-1]) if session.team_ids else Queue())
            self._tell("support_conference_owner_changed", session, queue=self.queue_name(session.queue))

    def _add(self, session: ApplianceSession, rep_id: int) -> Member:
        rep, now = self.representatives[rep_id], self.clock.now()
        member = next((one for one in session.members if one.rep is rep and one.gsnumber == rep.gsnumber), None)
        if member is None:
            member = Member(rep, rep.gsnumber, now)
            session.members.append(member)
        elif member.left_at is not None:
            member.seconds_before += (member.left_at - member.joined_at).total_seconds()
            member.joined_at, member.left_at = now, None
        data = {"name": rep.private_name, "username": rep.username, "private_ip": rep.private_ip}
        data |= {"public_ip": rep.public_ip, "hostname": rep.hostname, "os": rep.os, "user_id": str(rep.id)}
        self._log(session, "Conference Member Added", member.actor, data=data)
        self._tell(MEMBER_ADDED, session, member=member, by=member.actor)
        return member

    def _own(self, session: ApplianceSession, member: Member) -> None:
        member.owner = True
        session.owner = session.primary = member
        data = {"owner": member.rep.private_name}
        self._log(session, "Conference Owner Changed", SYSTEM, member.actor, data=data)
        self._tell("support_conference_owner_changed", session, member=member, by=member.actor)

    def _depart(self, session: ApplianceSession, member: Member) -> None:
        member.left_at = self.clock.now()
        self._log(session, "Conference Member Departed", member.actor)
        self._tell(MEMBER_DEPARTED, session, member=member, by=member.actor)

    # ending

    def end(self, lsid: str) -> None:
        """A representative, or the API, ends the session for everybody."""
        with self.changing(lsid) as session:
            for member in session.present:
                self._depart(session, member)
            self._customer_gone(session)
            session.ended_at, session.owner = self.clock.now(), None
            self._log(session, "Session End")
            self._tell("support_conference_end", session)

    def customer_leaves(self, lsid: str) -> None:
        """The customer closes the client; where sessions linger, a representative still has to end it."""
        with self.changing(lsid) as session:
            if session.customer_left_at is not None:
                raise NotAllowed("The customer has left already.")
            self._customer_gone(session)
            if not (self.settings.linger and session.present):
                self.end(lsid)

    def drop(self, lsid: str) -> None:
        """It closes abnormally: no event, and its end time stays empty for ever."""
        with self.changing(lsid) as session:
            now = self.clock.now()
            for member in session.present:
                member.left_at = now
            self._disconnect(session.customer_gsnumber)
            session.dropped_at, session.owner = now, None
            self._tell("", session)

    def _customer_gone(self, session: ApplianceSession) -> None:
        if session.customer_left_at is None:
            session.customer_left_at = self.clock.now()
            self._disconnect(session.customer_gsnumber)
            self._log(session, "Conference Member Departed", session.customer)
            self._tell(MEMBER_DEPARTED, session, by=session.customer)
