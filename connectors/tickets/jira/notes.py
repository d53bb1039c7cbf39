"""Notes as comments, with their files, and time as worklogs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from bridge.errors import ChangedMeanwhile, NotFound, Rejected
from bridge.markup import Markup
from bridge.model import Attachment, Note, NoteRef, TimeSpent, Visibility
from bridge.render import Rendered, TextLimits, render
from connectors.answers import member, members, object_in, told
from connectors.tickets.jira import mapping
from connectors.tickets.jira.wire import API, Wire

# Jira takes 32,767 characters and counts the whole document as JSON, markup included; as Java counts, so an emoji
# is two. It may write the JSON a little longer than we do, so a little less.
LIMITS = TextLimits(length=30_000, unit="utf16", markup=Markup.ADF, attachment_bytes=10_000_000)

JIRA_LENGTH = 32_000
FILE_ROOM = 1_200
"""What a file takes of a comment's length where the comment holds it."""

NO_CHECK = {"X-Atlassian-Token": "no-check"}
"""Without it Jira takes an upload for a forged request of a browser."""
UPLOADER = {**NO_CHECK, "X-ExperimentalApi": "opt-in"}


class _Request(NamedTuple):
    """An issue that a customer sees in a portal."""

    key: str
    desk: str
    """The number of its service desk."""


class Notes:
    """The comments of issues."""

    def __init__(self, wire: Wire, limits: TextLimits) -> None:
        self._wire = wire
        self._limits = limits

    def find(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The comment with this mark. Comments are read from Jira's own store, which has them at once."""
        found = next((one for one in self._comments(ticket_id) if self._carries(one, mark)), None)
        return NoteRef(str(found["id"])) if found else None

    def _carries(self, comment: Mapping[str, Any], mark: str) -> bool:
        """Whether a comment has the mark; asked for by itself where the list does not tell the properties of ours."""
        if "properties" in comment or not self._is_ours(comment):
            return mapping.carries(comment, mark)
        path = f"{API}/comment/{int(comment['id'])}/properties/{mapping.MARK_KEY}"
        try:
            return mapping.carries({"properties": [object_in(self._wire.read("GET", path))]}, mark)
        except NotFound:
            return False

    def _is_ours(self, comment: Mapping[str, Any]) -> bool:
        return (comment.get("author") or {}).get("accountId") == self._wire.account_id()

    def add(self, ticket_id: str, note: Note) -> NoteRef:
        """Add a comment with its mark; where it has files, they are there before it, so that a mark means all of it."""
        rendered = self._rendered(note)
        if rendered.attachments:
            request = self._request(ticket_id)
            if request:
                return self._with_files(request, note, rendered)
            self._upload(ticket_id, rendered.attachments)
        written = mapping.comment(json.loads(rendered.body), note.mark, public=_is_public(note))
        return NoteRef(told(self._wire.write_issue("POST", ticket_id, "comment", json=written), "id"))

    def _rendered(self, note: Note) -> Rendered:
        """The note within the limits; with files, there is room for what shows them in the comment."""
        rendered = render(note, self._limits)
        if not rendered.attachments:
            return rendered
        room = FILE_ROOM * (len(note.attachments) + 1)
        return render(note, replace(self._limits, length=max(self._limits.length - room, self._limits.length // 2)))

    def _comments(self, ticket_id: str) -> Iterator[Mapping[str, Any]]:
        """Newest first: a mark is mostly looked for soon after it was written."""
        return self._wire.listed(ticket_id, "comment", "comments", expand="properties", orderBy="-created")

    # -- files of a customer's request

    def _request(self, ticket_id: str) -> _Request | None:
        """The issue as the request of a customer who sees it in a portal; None for an issue that is in none."""
        key = told(self._wire.read_issue(ticket_id, fields="project"), "key")
        try:
            return _Request(key, told(self._wire.read("GET", f"rest/servicedeskapi/request/{key}"), "serviceDeskId"))
        except NotFound:
            return None

    def _with_files(self, request: _Request, note: Note, rendered: Rendered) -> NoteRef:
        """Add the files as a comment of their own visibility, then turn that comment into the note.

        Only so does Jira promise who may see a file. The comment has a line that names the note from the start:
        after a cut in between it is found by that line, and finished.
        """
        begun = self._begun(request.key, note) or self._begin(request, note, rendered.attachments)
        try:
            return self._finish(request.key, begun, note, rendered)
        except NotFound as gone:
            raise ChangedMeanwhile("somebody deleted the comment that a note was made of", code="404") from gone

    def _finish(self, key: str, begun: str, note: Note, rendered: Rendered) -> NoteRef:
        there = object_in(self._wire.read_issue(key, f"comment/{begun}")).get("body")
        body = json.loads(rendered.body)
        whole = mapping.joined(body, there)
        if replace(self._limits, length=JIRA_LENGTH).fits(mapping.as_json(whole)):
            body = whole
        written = mapping.comment(body, note.mark, public=_is_public(note))
        return NoteRef(told(self._wire.write_issue("PUT", key, f"comment/{begun}", json=written), "id"))

    def _begun(self, key: str, note: Note) -> str:
        """Our comment that has the note's line; empty when there is none."""
        line = mapping.reference(note.mark)
        for comment in self._comments(key):
            if self._is_ours(comment) and line in mapping.adf_text(comment.get("body")):
                return str(comment["id"])
        return ""

    def _begin(self, request: _Request, note: Note, attachments: tuple[Attachment, ...]) -> str:
        body = {
            "temporaryAttachmentIds": [self._temporary(request.desk, attachment) for attachment in attachments],
            "public": _is_public(note),
            "additionalComment": {"body": mapping.reference(note.mark)},
        }
        path = f"rest/servicedeskapi/request/{request.key}/attachment"
        reply = self._wire.write_about(request.key, "POST", path, json=body)
        comment = member(reply, "comment")
        if "id" not in comment:
            raise reply.unclear("answered without the comment's id")
        if comment.get("public", _is_public(note)) is not _is_public(note):
            raise Rejected(f"{reply.where}: Jira gave the files another visibility than asked", code="visibility")
        return str(comment["id"])

    def _temporary(self, desk: str, attachment: Attachment) -> str:
        """Upload a file that nobody sees yet and that Jira forgets again: a read, which may be repeated."""
        path = f"rest/servicedeskapi/servicedesk/{desk}/attachTemporaryFile"
        try:
            reply = self._wire.read("POST", path, files=[_part(attachment)], headers=UPLOADER)
        except NotFound as refused:  # it is the service desk's upload that is missing, not the ticket
            raise Rejected("the service desk takes no files", code="attachments") from refused
        kept = members(reply, "temporaryAttachments")
        if len(kept) != 1 or not isinstance(kept[0].get("temporaryAttachmentId"), str):
            raise reply.unclear("answered without the file's temporary id")
        return str(kept[0]["temporaryAttachmentId"])

    # -- files of an issue that no customer sees

    def _upload(self, ticket_id: str, attachments: tuple[Attachment, ...]) -> None:
        """Attach files to the issue, but for those that an attempt before this one attached already."""
        there = member(self._wire.read_issue(ticket_id, fields="attachment"), "fields").get("attachment") or []
        for attachment in attachments:
            if not any(self._is_same(one, attachment) for one in there):
                files = [_part(attachment)]
                self._wire.write_issue("POST", ticket_id, "attachments", files=files, headers=NO_CHECK)

    def _is_same(self, there: Mapping[str, Any], attachment: Attachment) -> bool:
        """Whether it is this very file: name and size first, then every byte."""
        named = there.get("filename") == mapping.file_name(attachment.filename)
        if not named or there.get("size") != len(attachment.content):
            return False
        path = f"{API}/attachment/content/{int(there['id'])}"
        try:
            return self._wire.read("GET", path, params={"redirect": "false"}).content == attachment.content
        except NotFound:
            return False  # deleted since it was listed


class Worklogs:
    """The time entries of issues."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def find(self, ticket_id: str, mark: str) -> NoteRef | None:
        rows = self._wire.listed(ticket_id, "worklog", "worklogs", expand="properties")
        found = next((one for one in rows if mapping.carries(one, mark)), None)
        return NoteRef(str(found["id"])) if found else None

    def add(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        """Log work as ourselves, since Jira lets nobody log for another; who worked stands in the text."""
        who = f" ({spent.agent.label})" if spent.agent.label else ""
        body = {
            "timeSpentSeconds": spent.minutes * 60,
            "started": mapping.stamp(spent.began_at),
            "comment": mapping.plain(f"{spent.text}{who}"),
            "properties": [mapping.mark_property(spent.mark)],
        }
        quiet = {"notifyUsers": "false", "adjustEstimate": "leave"}
        return NoteRef(told(self._wire.write_issue("POST", ticket_id, "worklog", params=quiet, json=body), "id"))


def _is_public(note: Note) -> bool:
    return note.visibility is Visibility.PUBLIC


def _part(attachment: Attachment) -> tuple[str, tuple[str, bytes, str]]:
    return "file", (mapping.file_name(attachment.filename), attachment.content, attachment.media_type)
