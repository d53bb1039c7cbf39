"""Who works at the pretend appliance, in which teams, and who is connected to it under which gsnumber."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import count
from threading import RLock

from sandbox.beyondtrust.state.model import (
    SYSTEM,
    Actor,
    ApiError,
    ApplianceSession,
    Event,
    Happening,
    Issue,
    Member,
    NotAllowed,
    Queue,
    Representative,
    Team,
)
from sandbox.clock import Clock
from sandbox.settings import ApplianceSettings

STATUSES = frozenset({"available", "busy", "away"})


class Directory:
    """The people and the queues. What the other rooms of the appliance build upon."""

    def __init__(self, settings: ApplianceSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.lock = RLock()
        self.base_url = ""
        self.started_at = self.clock.now()
        self.on_event: list[Callable[[Happening], None]] = []
        """Called under the lock with each thing that happens, in order: they must not wait for anything."""
        self.representatives: dict[int, Representative] = {}
        self.teams: dict[int, Team] = {}
        self.team_events: dict[int, list[Event]] = {}
        self.jump_shortcuts: list[dict[str, str]] = []
        self.failover_role = "none"
        self._forced: dict[str, deque[str]] = {}
        self._taken_gsnumbers: set[int] = set()
        self._gsnumbers = count(1)
        self._open_house()

    def _open_house(self) -> None:
        printing, network = Issue(1, "printing", "Printing"), Issue(2, "network", "Network")
        other = Issue(3, "other", "Something else")
        self.teams = {
            1: Team(1, "Service Desk", "service_desk", (printing, other), (1, 2, 3)),
            2: Team(2, "Network Team", "network_team", (network,), (2, 3)),
        }
        for one in (
            Representative(1, "technician1", "Technician 1", "Technician One", "technician@example.com"),
            Representative(2, "technician2", "Technician 2", "Technician Two", "technician2@example.com"),
            Representative(3, "lead", "Support Lead", "Team Lead", "lead@example.com"),
        ):
            self.add_representative(one)

    # answers on demand

    def force(self, name: str, error: str, times: int = 1) -> None:
        """Let the next calls of an action or a report be answered with this error and do nothing."""
        with self.lock:
            self._forced.setdefault(name, deque()).extend([error] * times)

    def raise_forced(self, name: str) -> None:
        waiting = self._forced.get(name)
        if waiting:
            raise ApiError(waiting.popleft())

    # people

    def add_representative(self, rep: Representative) -> None:
        """Somebody new; whoever is to be logged in gets a connection."""
        with self.lock:
            self.representatives[rep.id] = rep
            if rep.logged_in:
                rep.logged_in = False
                self.log_in(rep.id)

    def representative(self, rep_id: int) -> Representative:
        rep = self.representatives.get(rep_id)
        if rep is None:
            raise NotAllowed("There is no such representative.")
        return rep

    def representative_named(self, username: str) -> Representative:
        found = [one for one in self.representatives.values() if one.username == username]
        if len(found) != 1:
            raise ApiError("No single representative has this username.")
        return found[0]

    def logged_in(self, rep_id: int) -> Representative:
        rep = self.representative(rep_id)
        if not rep.logged_in:
            raise NotAllowed("This representative is not logged in.")
        return rep

    def log_in(self, rep_id: int) -> None:
        """Open the representative console: a new connection, and so a new gsnumber."""
        with self.lock:
            rep = self.representative(rep_id)
            if not rep.logged_in:
                rep.logged_in, rep.logged_in_since, rep.gsnumber = True, self.clock.now(), self._connect()
                self._tell_teams(rep, "Conference Member Added")
                self._tell("", None)

    def log_out(self, rep_id: int) -> None:
        with self.lock:
            rep = self.logged_in(rep_id)
            self._tell_teams(rep, "Conference Member Departed")
            rep.logged_in, rep.logged_in_since = False, None
            self._disconnect(rep.gsnumber)
            rep.gsnumber = 0
            self._tell("", None)

    def set_status(self, rep_id: int, code_name: str) -> None:
        if code_name not in STATUSES:
            raise ApiError("There is no such status.")
        with self.lock:
            self.logged_in(rep_id).status = code_name
            self._tell("", None)

    # queues

    def team(self, team_id: int) -> Team:
        team = self.teams.get(team_id)
        if team is None:
            raise NotAllowed("There is no such team.")
        return team

    def issue(self, *, code_name: str = "", issue_id: int = 0) -> tuple[Team, Issue]:
        """The issue with this code name or id, and the team that takes care of it."""
        for team in self.teams.values():
            for issue in team.issues:
                if (code_name and issue.code_name == code_name) or (issue_id and issue.id == issue_id):
                    return team, issue
        raise ApiError("There is no such issue.")

    def queue(self, text: str, *, transfer: bool = False) -> Queue:
        """What a `queue_id` means: general, rep:1, rep_username:x, team:1, issue:x; less for a transfer."""
        kind, _, name = text.partition(":")
        if text == "general" and not transfer:
            return Queue()
        if kind == "rep_username" and name:
            return Queue("rep", self.representative_named(name).id)
        if kind == "issue" and name and not transfer:
            team, issue = self.issue(code_name=name)
            return Queue("team", team.id, issue.code_name)
        if kind == "rep" and name.isdecimal() and int(name) in self.representatives:
            return Queue("rep", int(name))
        if kind == "team" and name.isdecimal() and int(name) in self.teams:
            return Queue("team", int(name))
        raise ApiError("Invalid queue ID.")

    def queue_name(self, queue: Queue) -> str:
        if queue.kind == "team":
            return self.teams[queue.id].name
        return self.representatives[queue.id].private_name if queue.kind == "rep" else "General Queue"

    def serves(self, rep_id: int, queue: Queue) -> bool:
        """Whether this representative may take a session out of that queue."""
        if queue.kind == "team":
            return rep_id in self.teams[queue.id].members
        return queue.kind == "general" or queue.id == rep_id

    def available(self, queue: Queue) -> bool:
        """Whether anybody who is logged in serves the queue."""
        return any(one.logged_in and self.serves(one.id, queue) for one in self.representatives.values())

    # connections

    def _connect(self) -> int:
        if not self.settings.recycle_gsnumbers:
            return next(self._gsnumbers)
        number = next(one for one in count(1) if one not in self._taken_gsnumbers)
        self._taken_gsnumbers.add(number)
        return number

    def _disconnect(self, gsnumber: int) -> None:
        self._taken_gsnumbers.discard(gsnumber)

    # telling

    def _tell(
        self,
        name: str,
        session: ApplianceSession | None,
        *,
        member: Member | None = None,
        by: Actor | None = None,
        queue: str = "",
    ) -> None:
        happening = Happening(name, self.clock.now(), session, member, by, queue)
        for listener in self.on_event:
            listener(happening)

    def _tell_team(self, team_id: int, kind: str, actor: Actor = SYSTEM, **data: str) -> None:
        self.team_events.setdefault(team_id, []).append(Event(self.clock.now(), kind, actor, data=data))

    def _tell_teams(self, rep: Representative, kind: str) -> None:
        names = "".join(f";{team.name}" for team in self.teams.values() if rep.id in team.members)
        actor = Actor("representative", rep.gsnumber, rep.private_name)
        data = {"hostname": rep.hostname, "name": rep.private_name, "os": rep.os, "user_id": str(rep.id)}
        data |= {"private_ip": rep.private_ip, "public_ip": rep.public_ip, "support_teams": names}
        for team in self.teams.values():
            if rep.id in team.members:
                self._tell_team(team.id, kind, actor, **data)
