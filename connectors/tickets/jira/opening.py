"""New issues, and finding the one that a mark made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bridge.errors import NotFound, Rejected
from bridge.model import NewTicket, Note, Person
from bridge.render import render
from connectors.answers import members, object_in, told
from connectors.tickets.jira import mapping
from connectors.tickets.jira.notes import LIMITS
from connectors.tickets.jira.wire import API, Wire

MAX_SUMMARY = 255
BATCH = 100
"""Issues that are asked for by their keys at once."""
MAX_BATCHES = 20
LOOK_BACK = "31d"
"""How old an issue of ours may be that a mark is looked for in; a doubt is settled within days."""
REQUEST_TYPE = "com.atlassian.servicedesk:vp-origin"
"""The custom type of the field that makes an issue the request of a customer."""
LINKS = "issuelinks"
SPARED = frozenset({LINKS, "reporter"})
"""What an issue is made without where Jira refuses nothing else of it."""


class Opening:
    """Makes issues in one project."""

    def __init__(self, wire: Wire, keys: Mapping[str, Any]) -> None:
        self._wire = wire
        self._project = str(keys.get("project") or "")
        self._issue_type = str(keys.get("issue_type") or "")
        self._request_type = str(keys.get("request_type") or "")
        self._link_type = str(keys.get("link_type") or "Relates")

    def create(self, new: NewTicket) -> str:
        """Make an issue with its mark as a property. Returns its key.

        Where the project's screen has no reporter or no links, or forbids them to us, it is made without them.
        """
        followed = self._followed(new.follows)
        fields, update = self._fields(new, followed), self._links(followed)
        try:
            return self._post(new.mark, fields, update)
        except Rejected as refused:
            names = set(refused.code.split(","))
            if not names <= SPARED:
                raise
        kept = {name: value for name, value in fields.items() if name not in names}
        return self._post(new.mark, kept, {name: value for name, value in update.items() if name not in names})

    def find(self, mark: str) -> str | None:
        """The key of the issue with this mark: among ours in the search, and among the newest by their keys.

        The search lags, so the newest keys of the project are read one by one, which lags not.
        """
        mine = f'project = "{self._project}" AND creator = currentUser() AND created >= "-{LOOK_BACK}"'
        for issue in self._wire.found(f"{mine} ORDER BY created DESC", ["created"], [mapping.MARK_KEY]):
            if mapping.carries(issue, mark):
                return str(issue["key"])
        return next((str(issue["key"]) for issue in self._newest() if mapping.carries(issue, mark)), None)

    def _newest(self) -> Iterator[Mapping[str, Any]]:
        """Issues around and behind the newest one that the search knows."""
        known = next(self._wire.found(f'project = "{self._project}" ORDER BY key DESC', ["created"]), {})
        newest = int(str(known.get("key", "-0")).rpartition("-")[2])
        start = max(newest - BATCH + 1, 1)
        for batch in range(MAX_BATCHES):
            first = start + batch * BATCH
            asked = [f"{self._project}-{number}" for number in range(first, first + BATCH)]
            body = {"issueIdsOrKeys": asked, "fields": ["created"], "properties": [mapping.MARK_KEY]}
            rows = members(self._wire.read("POST", f"{API}/issue/bulkfetch", json=body), "issues")
            yield from rows
            if not rows and first > newest:
                return

    def _followed(self, ticket_id: str) -> Mapping[str, Any]:
        """The issue that the new one continues; nothing where there is none any more."""
        if not ticket_id:
            return {}
        try:
            return object_in(self._wire.read_issue(ticket_id, fields="reporter"))
        except NotFound:
            return {}

    def _fields(self, new: NewTicket, followed: Mapping[str, Any]) -> dict[str, Any]:
        named = "id" if self._issue_type.isdigit() else "name"
        fields: dict[str, Any] = {
            "project": {"key": self._project},
            "issuetype": {named: self._issue_type},
            "summary": " ".join(new.subject.split())[:MAX_SUMMARY] or "Remote support",
            "description": _description(new),
        }
        reporter = self._reporter(new.requester, (followed.get("fields") or {}).get("reporter"))
        if reporter:
            fields["reporter"] = {"id": reporter}
        if self._request_type:
            fields[self._request_type_field()] = self._request_type
        return fields

    def _reporter(self, requester: Person, before: object) -> str:
        """The requester's account: that of the issue before if it is the same person, else by e-mail address."""
        known = mapping.person(before)
        same = known.id and (known.id == requester.id or _same(known.email, requester.email))
        hidden = known.id and not known.email and _same(known.name, requester.name)
        if same or hidden:
            return known.id
        return self._wire.account_of(requester.email) if requester.email else ""

    def _request_type_field(self) -> str:
        reply = self._wire.read("GET", f"{API}/field")
        fields = reply.json()
        for field in fields if isinstance(fields, list) else ():
            if (field.get("schema") or {}).get("custom") == REQUEST_TYPE:
                return str(field["id"])
        raise Rejected("this site has no field for request types: is it Jira Service Management?", code="request_type")

    def _links(self, followed: Mapping[str, Any]) -> dict[str, Any]:
        if not followed:
            return {}
        link = {"type": {"name": self._link_type}, "outwardIssue": {"key": str(followed.get("key"))}}
        return {LINKS: [{"add": link}]}

    def _post(self, mark: str, fields: Mapping[str, Any], update: Mapping[str, Any]) -> str:
        body = {"fields": fields, "update": update, "properties": [mapping.mark_property(mark)]}
        return told(self._wire.write("POST", f"{API}/issue", json=body), "key")


def _same(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.casefold()


def _description(new: NewTicket) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(render(Note(new.mark, new.document), replace(LIMITS, attachment_bytes=0)).body)
    return made
