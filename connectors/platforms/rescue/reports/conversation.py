"""How a report is asked for: setters and the report itself, as one conversation that nobody else speaks into.

The setters are state of the login session, so a conversation has a session of its own and is alone in it: one
caller at a time over all workers, and one report a minute for the account. (Captures of `setReportArea`,
`setReportDate_v2`, `setReportTime`, `setTimezone`, `setOutput`, `setReportType`, `setDelimiter`, `getReport`,
`getReport_v2`.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from bridge.errors import AccessDenied, RateLimited, Rejected
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Reply
from connectors.platforms.rescue import replies, signin
from connectors.platforms.rescue.reports.tables import DELIMITER, Area, Table, table_of

BUCKET = "reports"
LOCK_SECONDS = 150.0
"""More than the wait for a turn, the setters and the longest report take together."""
REST_SECONDS = 0.3
"""A backfill asks for one report after the other, and the clock wants its turn too."""
MOST_ATTEMPTS = 3
"""So often a report is asked for whose turn somebody outside of the bridge had taken."""

Version = Literal[1, 2]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report: what about, whose, and from when to when (aware times)."""

    area: Area
    since: datetime
    until: datetime
    node: str
    """A technician, a group, a channel; the root of the hierarchy for the whole account."""
    noderef: Literal["NODE", "CHANNEL"] = "NODE"
    kind: Literal["LISTALL", "SUMMARY"] = "LISTALL"
    version: Version = 1


class Reports:
    """The reports of one account, in UTC."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._transport = workshop.transport.with_reader(replies.error_of)
        self._vault = workshop.vault
        self._pause: float = config.keys["report_seconds"]
        # A login of its own, where there can be one: what the setters set is nobody else's then, and an authcode
        # that other methods take has been seen refused by reports.
        self._own_login = bool(config.keys["email"] and config.keys["password"])
        own = partial(signin.by_login, purpose=signin.REPORTS)
        self._sign_in = (own if self._own_login else signin.sign_in)(config, workshop)
        self._beside = self._own_login and config.keys["auth"] != "login"
        """Whether everything else goes by another sign-in, which a refusal of this one says nothing about."""

    def ask(self, wanted: Wanted) -> Table:
        """The report. Raises Throttled when it is not our turn and nobody waits, else what every call raises."""
        for _ in range(MOST_ATTEMPTS - 1):
            try:
                return self._conversation(wanted)
            except RateLimited as refused:
                # Somebody outside of the bridge asks for reports too: our next turn comes after a whole pause.
                if refused.code != replies.TOO_OFTEN:
                    raise
        return self._conversation(wanted)

    def _conversation(self, wanted: Wanted) -> Table:
        with self._vault.lock(BUCKET, seconds=LOCK_SECONDS, rest=REST_SECONDS):
            # Behind the lock: whoever took a turn and then waited for it would ask right after the one before.
            self._transport.take_turn(BUCKET)
            try:
                return self._signed(wanted)
            except AccessDenied as refused:
                if self._beside:
                    raise _refused(refused) from refused
                raise

    def _signed(self, wanted: Wanted) -> Table:
        current = self._sign_in.current()
        try:
            return self._talk(current, wanted)
        except AccessDenied as refused:
            if refused.code not in replies.RENEWABLE or self._sign_in.obtain is None:
                raise
        return self._talk(self._sign_in.renew(current.value), wanted)

    def _talk(self, signed: signin.Pass, wanted: Wanted) -> Table:
        talk = _Talk(self, signed)
        talk.begin()
        try:
            return self._told(talk, wanted)
        except AccessDenied as refused:
            if self._own_login:
                raise
            # The sign-in itself was just taken: another one would be refused too, and would end this one for everybody.
            raise _refused(refused) from refused

    def _told(self, talk: _Talk, wanted: Wanted) -> Table:
        output = talk.set_output()
        talk.say("setTimezone", {"timezone": "0"})
        talk.say("setReportType", {"reporttype": wanted.kind})
        talk.say("setReportDate_v2", {"bdate": _american(wanted.since), "edate": _american(wanted.until)})
        # The hours of each day that count: a range left behind by somebody else would cut sessions away.
        talk.say("setReportTime", {"btime": "0:00:00", "etime": "23:59:59"})
        setter = "setReportArea_v8" if wanted.area is Area.TRANSFERRED_SESSIONS_EXTENDED else "setReportArea"
        talk.say(setter, {"area": str(wanted.area.value)})
        try:
            # The reference says noderef, clients that work say nodetype.
            node = {"node": wanted.node, "noderef": wanted.noderef, "nodetype": wanted.noderef}
            call = "getReport" if wanted.version == 1 else f"getReport_v{wanted.version}"
            return table_of(talk.say(call, node))
        finally:
            # Rescue counts from report to report, and the setters before them do not always take equally long.
            self._transport.hold(BUCKET, self._pause)
            if output == "XML" and not talk.own_session:
                # Without a session of its own the state may be that of everybody who has this authcode.
                talk.say("setOutput", {"output": "TEXT"})

    def exchange(self, call: str, data: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """One call of a conversation. Setting what a report shall be changes nothing but the conversation."""
        return self._transport.read("POST", f"/API/{call}.aspx", data=data, headers=headers)


def _refused(refusal: AccessDenied) -> Rejected:
    """Reports are refused, and nothing else: PINs and all other calls must go on."""
    advice = "give the connection email and password of a Rescue user who may see reports, or poll_seconds = 0"
    return Rejected(f"{refusal}; reports are refused: {advice}", code=refusal.code)


class _Talk:
    """One conversation's calls, all in the login session that the first answer began."""

    def __init__(self, reports: Reports, signed: signin.Pass) -> None:
        self._reports = reports
        self._signed = signed

    @property
    def own_session(self) -> bool:
        return "Cookie" in self._signed.headers

    def begin(self) -> None:
        """Have a session before anything is set, by a call that sets nothing: whose state the first setter of a
        caller without one would change, nobody says."""
        if not self.own_session:
            self.say("getAccount", {})

    def say(self, call: str, data: Mapping[str, str]) -> Reply:
        reply = self._reports.exchange(call, {**data, **self._signed.form}, self._signed.headers)
        cookie = signin.session_cookie(reply)
        if cookie and not self.own_session:
            headers = {**self._signed.headers, **signin.as_cookie(cookie).headers}
            self._signed = replace(self._signed, headers=headers)
        return reply

    def set_output(self) -> str:
        """XML, which tells cells apart whatever stands in them; text where a site cannot."""
        try:
            self.say("setOutput", {"output": "XML"})
        except Rejected:
            self.say("setOutput", {"output": "TEXT"})
            self.say("setDelimiter", {"delimiter": DELIMITER})
            return "TEXT"
        return "XML"


def _american(moment: datetime) -> str:
    """`M/D/YYYY HH:MM:SS` in UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc.month}/{utc.day}/{utc.year} {utc:%H:%M:%S}"
