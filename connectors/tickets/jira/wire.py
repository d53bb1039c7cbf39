"""How Jira Cloud is spoken to: who we are, what its errors mean, its lists in pages.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Unpack

from bridge.errors import (
    AccessDenied,
    ChangedMeanwhile,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    TicketBusy,
    TicketClosed,
)
from connectors.answers import member, members, object_in, told
from connectors.bodies import as_moment
from connectors.http import Parts, Reply, Transport, retry_after
from connectors.tickets.jira.webhook import ISSUE_ID

API = "rest/api/3"
PAGE = 100
MAX_PAGES = 50
"""Jira takes 5,000 comments and 5,000 worklogs on an issue, so this is all of them."""
MAX_SEARCH_PAGES = 1_000
CONFLICT_PAUSE = 1.0
"""Seconds until another try where two changes of one issue met."""
MAX_HOLD = 60.0
"""Seconds that an emptied rate limit keeps us back at most; Jira's fill up again within one second or an hour."""

DEAD_LOGIN = frozenset({"AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"})
"""In `X-Seraph-LoginReason`: refused credentials, or a sign-in that Jira wants a captcha for.

Jira takes a caller with a dead token for a stranger, and answers 404 for what strangers may not see.
"""
BUSY_ISSUE = "jira-per-issue-on-write"
"""In `RateLimit-Reason`: this one issue was changed too often."""


class Wire:
    """One account's way into one site. Safe to share between threads."""

    def __init__(self, transport: Transport, keys: Mapping[str, Any]) -> None:
        headers = {"Authorization": authorization(keys), "Accept": "application/json"}
        self._http = transport.with_reader(self._read_error).with_headers(headers)
        self._account_id = str(keys.get("account_id") or "")

    def read(self, method: str, path: str, **parts: Unpack[Parts]) -> Reply:
        """Ask for something that changes nothing, whatever the method."""
        return self._http.read(method, path, **parts)

    def write(self, method: str, path: str, **parts: Unpack[Parts]) -> Reply:
        return self._http.write(method, path, **parts)

    def read_issue(self, ticket_id: str, below: str = "", **params: str) -> Reply:
        return self.read("GET", issue_path(ticket_id, below), params=params)

    def write_issue(self, method: str, ticket_id: str, below: str = "", **parts: Unpack[Parts]) -> Reply:
        return self.write_about(ticket_id, method, issue_path(ticket_id, below), **parts)

    def write_about(self, ticket_id: str, method: str, path: str, **parts: Unpack[Parts]) -> Reply:
        """A write on one issue. Raises TicketClosed where it is refused because the issue takes nothing more."""
        try:
            return self.write(method, path, **parts)
        except Rejected:
            if self.is_locked(ticket_id):
                raise TicketClosed(f"ticket {ticket_id} is archived, or its status locks it", code="locked") from None
            raise

    def is_locked(self, ticket_id: str) -> bool:
        """Whether an issue takes nothing from anybody: archived, or in a status that locks it.

        Jira never says so. Such an issue has no field that could be edited, although its project lets us comment.
        """
        if object_in(self.read_issue(ticket_id, "editmeta")).get("fields"):
            return False
        project = member(self.read_issue(ticket_id, fields="project"), "fields").get("project") or {}
        asked = {"projectKey": str(project.get("key")), "permissions": "ADD_COMMENTS"}
        allowed = member(self.read("GET", f"{API}/mypermissions", params=asked), "permissions")
        return bool((allowed.get("ADD_COMMENTS") or {}).get("havePermission"))

    def listed(self, ticket_id: str, below: str, name: str, **params: str) -> Iterator[Mapping[str, Any]]:
        """Everything in a list that belongs to an issue, page by page."""
        start = 0
        for _ in range(MAX_PAGES):
            asked = {**params, "startAt": str(start), "maxResults": str(PAGE)}
            reply = self.read("GET", issue_path(ticket_id, below), params=asked)
            rows = members(reply, name)
            yield from rows
            start += len(rows)
            total = object_in(reply).get("total")
            if not rows or (isinstance(total, int) and start >= total):
                return
        raise Rejected(f"ticket {ticket_id} has too many entries to look for our mark", code="pages")

    def found(self, query: str, fields: list[str], properties: list[str] | None = None) -> Iterator[Mapping[str, Any]]:
        """The issues that a search finds. What was changed in the last seconds may be missing: its index lags."""
        asked: dict[str, Any] = {"jql": query, "fields": fields, "maxResults": PAGE}
        if properties:
            asked["properties"] = properties
        for page in range(MAX_SEARCH_PAGES):
            reply = self.read("POST", f"{API}/search/jql", json=asked)
            rows = members(reply, "issues")
            if not rows and not page:
                self.account_id(fresh=True)  # a dead token finds nothing and is not told so
            yield from rows
            token = object_in(reply).get("nextPageToken")
            if not token:
                return
            if token == asked.get("nextPageToken"):
                raise reply.unclear("answered the same page again", code="pages")
            asked["nextPageToken"] = token
        raise Rejected("a search finds more issues than are read at once", code="search")

    def myself(self) -> Mapping[str, Any]:
        return object_in(self.read("GET", f"{API}/myself"))

    def account_id(self, *, fresh: bool = False) -> str:
        """Our own account's id; asked for once where the configuration does not say it."""
        if fresh or not self._account_id:
            self._account_id = told(self.read("GET", f"{API}/myself"), "accountId")
        return self._account_id

    def account_of(self, email: str) -> str:
        """The account with this e-mail address; empty where there is none, or its owner hides it."""
        try:
            reply = self.read("GET", f"{API}/user/search", params={"query": email})
        except Rejected:
            return ""  # we may not browse users
        people = reply.json()
        same = [
            str(user.get("accountId") or "")
            for user in (people if isinstance(people, list) else ())
            # The search looks at names, too, and anybody may call themselves like somebody's address.
            if isinstance(user, dict) and str(user.get("emailAddress") or "").casefold() == email.casefold()
        ]
        return same[0] if len(same) == 1 else ""

    def _read_error(self, reply: Reply) -> ConnectorError | None:
        left = seconds_left(reply)
        if left and reply.status != 429 and reply.headers.get("x-ratelimit-remaining") == "0":
            self._http.hold("requests", min(left, MAX_HOLD))
        return read_error(reply)


def authorization(keys: Mapping[str, Any]) -> str:
    """The Authorization header of an API token (Basic) or an OAuth token (Bearer)."""
    if "oauth_token" in keys:
        return f"Bearer {keys['oauth_token']}"
    pair = f"{keys['email']}:{keys['api_token']}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def issue_path(ticket_id: str, below: str = "") -> str:
    """The address of an issue. Raises NotFound for what could not be one: people type keys by hand."""
    key = ticket_id.upper()
    if not ticket_id.isascii() or not re.fullmatch(ISSUE_ID, key):
        raise NotFound("a Jira ticket is named by its key, such as DESK-17, or its number", code="ticket-id")
    return f"{API}/issue/{key}/{below}".rstrip("/")


def read_error(reply: Reply) -> ConnectorError | None:
    """What Jira says beyond the status. Only names of fields are repeated, never its words: they quote people."""
    if DEAD_LOGIN & set(re.findall(r"[A-Z_]+", reply.headers.get("x-seraph-loginreason", "").upper())):
        return AccessDenied(f"{reply.where}: Jira refuses the credentials", code="login")
    if reply.status == 429:
        return _too_often(reply)
    if reply.status == 409 and reply.sent:
        return ChangedMeanwhile(
            f"{reply.where}: the issue changed meanwhile", code="409", retry_after=retry_after(reply) or CONFLICT_PAUSE
        )
    if reply.status == 403:
        # One issue that this account may not touch is no reason to stop all others; a refused token is a 401.
        return Rejected(f"{reply.where} was answered 403: this account may not", code="403")
    if reply.status in (400, 413, 422):
        names = fields_refused(reply)
        about = f": {', '.join(names)}" if names else ""
        return Rejected(
            f"{reply.where} was refused with {reply.status}{about}", code=",".join(names) or str(reply.status)
        )
    return None


def fields_refused(reply: Reply) -> list[str]:
    """Ids of the fields that Jira names in a refusal."""
    body = reply.json_or_none()
    errors = body.get("errors") if isinstance(body, dict) else None
    return (
        [name for name in errors if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,40}", name)]
        if isinstance(errors, dict)
        else []
    )


def _too_often(reply: Reply) -> RateLimited:
    busy = reply.headers.get("ratelimit-reason", "").strip().lower() == BUSY_ISSUE
    wait = retry_after(reply)
    kind = TicketBusy if busy else RateLimited
    return kind(
        f"{reply.where} was answered 429", code="429", retry_after=seconds_left(reply) if wait is None else wait
    )


def seconds_left(reply: Reply) -> float | None:
    """How long until the rate limit is full again, by `X-RateLimit-Reset`; None where that is not told."""
    moment = as_moment(reply.headers.get("x-ratelimit-reset", ""))
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0) if moment else None
