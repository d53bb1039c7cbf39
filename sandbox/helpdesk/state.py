"""The help desk itself: tickets, who may change them how, and what that leaves behind.

Sources: developer.zendesk.com/api-reference/ticketing: Tickets (safe updates, follow-ups, merges),
Ticket Attachments.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from threading import RLock
from typing import Any

from markupsafe import escape

from sandbox.clock import Clock, iso
from sandbox.helpdesk import markup
from sandbox.helpdesk.limits import Limits
from sandbox.helpdesk.model import Attachment, Audit, Change, Comment, Json, Refused, Ticket, User, clean_tags, mapping
from sandbox.settings import HelpdeskSettings

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = (None, "low", "normal", "high", "urgent")
MERGED_TAG = "closed_by_merge"


class HelpdeskState:
    """All that the help desk knows, in memory, behind one lock."""

    def __init__(self, settings: HelpdeskSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.lock = RLock()
        self.base_url = ""
        self.on_change: Callable[[Change], None] = lambda change: None
        self.tickets: dict[int, Ticket] = {}
        self.uploads: dict[str, Attachment] = {}
        self.attachments: dict[int, Attachment] = {}
        self.api_user = User(902, "Deskbridge", settings.email, "admin")
        self.agent = User(901, "Agent", settings.agent_email, "agent")
        self.customer = User(900, settings.customer_name, settings.customer_email, "end-user")
        self.users = {user.id: user for user in (self.customer, self.agent, self.api_user)}
        self._ids = count(7_000_001)
        self._ticket_ids = count(settings.first_ticket_id)
        self.limits = Limits(settings, self.clock, self.lock)

    # reading

    def ticket(self, ticket_id: int) -> Ticket:
        with self.lock:
            ticket = self.tickets.get(ticket_id)
        if ticket is None:
            raise Refused.not_found()
        return ticket

    def newest_first(self) -> list[Ticket]:
        with self.lock:
            return sorted(self.tickets.values(), key=lambda ticket: -ticket.id)

    # writing

    def create_ticket(self, actor: User, asked: Mapping[str, Any]) -> tuple[Ticket, Audit]:
        """Open a ticket, or a follow-up of a closed one."""
        comment = mapping(asked.get("comment") or {"body": asked.get("description")}, "comment")
        if not (comment.get("body") or comment.get("html_body")):
            raise Refused.invalid("base", "Description: cannot be blank")
        with self.lock:
            self._check_comment(comment)
            self._check_fields(asked)
            via = self._followed(asked.get("via_followup_source_id"))
            now = self.clock.now().replace(microsecond=0)
            requester = self._requester(actor, asked)
            subject = str(asked.get("subject") or "Untitled ticket")
            ticket = Ticket(next(self._ticket_ids), subject, "", requester, actor, now, now, via=via)
            ticket.custom_fields = dict.fromkeys(self.settings.custom_field_ids)
            ticket.external_id = str(asked["external_id"]) if asked.get("external_id") else None
            self.tickets[ticket.id] = ticket
            audit = self._audit(ticket, actor, asked)
            audit.events.append(self._event("Create", "subject", subject))
            self._set_fields(ticket, asked, audit)
            self._comment(ticket, actor, {"public": True, **comment}, audit)
            ticket.description = ticket.comments[0].body
            self.on_change(Change(ticket, audit, actor, created=True))
            return ticket, audit

    def update_ticket(self, actor: User, ticket_id: int, asked: Mapping[str, Any]) -> tuple[Ticket, Audit]:
        """Change a ticket all at once or not at all."""
        with self.lock:
            ticket = self._changeable(actor, ticket_id)
            self._check_stamp(ticket, asked)
            comment = mapping(asked["comment"], "comment") if asked.get("comment") else None
            if comment is not None:
                self._check_comment(comment)
            self._check_fields(asked)
            audit = self._audit(ticket, actor, asked)
            self._set_fields(ticket, asked, audit)
            if comment is not None:
                self._comment(ticket, actor, comment, audit)
            self._touch(ticket)
            self.on_change(Change(ticket, audit, actor))
            return ticket, audit

    def change_tags(self, actor: User, ticket_id: int, tags: list[str], *, how: str) -> list[str]:
        """`add` to, `remove` from or `set` the tags of a ticket."""
        with self.lock:
            before = self._changeable(actor, ticket_id).tags
            wanted = {"add": {*before, *tags}, "remove": set(before) - set(tags), "set": set(tags)}[how]
            ticket, _ = self.update_ticket_uncounted(actor, ticket_id, {"tags": sorted(wanted)})
            return ticket.tags

    def update_ticket_uncounted(self, actor: User, ticket_id: int, asked: Mapping[str, Any]) -> tuple[Ticket, Audit]:
        """An update whose place in the ticket's rate limit is already taken."""
        with self.lock:
            self._check_fields(asked)
            ticket = self.ticket(ticket_id)
            audit = self._audit(ticket, actor, asked)
            self._set_fields(ticket, asked, audit)
            if audit.events:
                self._touch(ticket)
                self.on_change(Change(ticket, audit, actor))
            return ticket, audit

    def merge_tickets(self, actor: User, source_id: int, target_id: int) -> None:
        """Close one ticket into another. Both get a comment that names the other one by its number."""
        with self.lock:
            source, target = self.ticket(source_id), self.ticket(target_id)
            if source is target or "closed" in (source.status, target.status):
                raise Refused(422, "RecordInvalid", "Only two open tickets can be merged")
            told = f'Request #{source.id} "{source.subject}" was closed and merged into this request.'
            self.on_change(Change(target, self._merge_comment(target, actor, told), actor))
            left = f'This request was closed and merged into request #{target.id} "{target.subject}".'
            audit = self._merge_comment(source, actor, left)
            tags = sorted({*source.tags, MERGED_TAG})
            self._set_fields(source, {"status": "closed", "tags": tags}, audit)
            self.on_change(Change(source, audit, actor, merged_into=target.id))

    def upload(self, file_name: str, content_type: str, data: bytes) -> tuple[str, Attachment]:
        if len(data) > self.settings.attachment_limit:
            raise Refused(413, "AttachmentTooLarge", "The attachment is too large")
        if not file_name:
            raise Refused(400, "AttachmentMissingFilename", "The filename parameter is missing")
        with self.lock:
            attachment = Attachment(next(self._ids), file_name, content_type, data)
            token = secrets.token_urlsafe(16)
            self.uploads[token] = attachment
            self.attachments[attachment.id] = attachment
            return token, attachment

    def redact(self, ticket_id: int, comment_id: int, text: str) -> Comment:
        """Black out a text in one comment, for good."""
        with self.lock:
            for comment in self.ticket(ticket_id).comments:
                if comment.id == comment_id and text and text in comment.body:
                    black = "▇" * len(text)
                    comment.body = comment.body.replace(text, black)
                    comment.html_body = comment.html_body.replace(str(escape(text)), black)
                    return comment
        raise Refused.not_found()

    # what is refused

    def _changeable(self, actor: User, ticket_id: int) -> Ticket:
        ticket = self.ticket(ticket_id)
        self.limits.count_update(ticket.id, actor.id)
        if ticket.status == "closed":
            raise Refused.invalid("status", "Status: closed prevents ticket update")
        return ticket

    @staticmethod
    def _check_stamp(ticket: Ticket, asked: Mapping[str, Any]) -> None:
        if asked.get("safe_update") and asked.get("updated_stamp") != iso(ticket.updated_at):
            raise Refused(
                409,
                "UpdateConflict",
                "Safe Update prevented the update due to outdated ticket data."
                " Please fetch the latest ticket data and try again.",
            )

    def _check_comment(self, comment: Mapping[str, Any]) -> None:
        longest = max(len(str(comment.get(name) or "")) for name in ("body", "html_body"))
        if longest > self.settings.comment_limit:
            limit = self.settings.comment_limit
            raise Refused.invalid("comment", f"Comment: is too long (maximum is {limit} characters)")
        for token in comment.get("uploads") or []:
            if token not in self.uploads:
                raise Refused.invalid("base", "Attachment: the upload token is unknown or already used")

    @staticmethod
    def _check_fields(asked: Mapping[str, Any]) -> None:
        if asked.get("status", "open") not in STATUSES:
            raise Refused.invalid("status", "Status: is invalid")
        if asked.get("priority") not in PRIORITIES:
            raise Refused.invalid("priority", "Priority: is invalid")
        if "tags" in asked:
            clean_tags(asked["tags"])

    # parts of a change

    def _followed(self, source_id: object) -> Json:
        if source_id is None:
            return {"channel": "api"}
        source = self.tickets.get(int(str(source_id))) if str(source_id).isdigit() else None
        if source is None or source.status != "closed":
            raise Refused.invalid("via_followup_source_id", "Follow-up source: must be a closed ticket")
        return {"channel": "api", "source": {"from": {"ticket_id": source.id}, "rel": "follow_up"}}

    def _requester(self, actor: User, asked: Mapping[str, Any]) -> User:
        wanted = mapping(asked.get("requester") or {}, "requester")
        email = str(wanted.get("email") or "").lower()
        if not email:
            return self.users.get(asked.get("requester_id", 0), actor)
        for user in self.users.values():
            if user.email == email:
                return user
        user = User(next(self._ids), str(wanted.get("name") or email), email, "end-user")
        self.users[user.id] = user
        return user

    def _audit(self, ticket: Ticket, actor: User, asked: Mapping[str, Any]) -> Audit:
        custom = dict(mapping(mapping(asked.get("metadata") or {}, "metadata").get("custom") or {}, "custom"))
        audit = Audit(next(self._ids), ticket.id, actor, self.clock.now(), custom)
        ticket.audits.append(audit)
        return audit

    def _event(self, kind: str, name: str, value: object, previous: object = None) -> Json:
        event = {"id": next(self._ids), "type": kind, "field_name": name, "value": value}
        return event if kind == "Create" else {**event, "previous_value": previous}

    def _set_fields(self, ticket: Ticket, asked: Mapping[str, Any], audit: Audit) -> None:
        changes: dict[str, object] = {
            name: asked[name] for name in ("subject", "status", "priority") if asked.get(name) is not None
        }
        if "tags" in asked:
            changes["tags"] = clean_tags(asked["tags"])
        if asked.get("assignee_id") in self.users:
            changes["assignee"] = self.users[asked["assignee_id"]]
        for name, value in changes.items():
            before = getattr(ticket, name)
            if value != before:
                setattr(ticket, name, value)
                audit.events.append(self._event("Change", name, _plain(value), _plain(before)))
        for entry in asked.get("custom_fields") or []:
            key = mapping(entry, "custom_fields").get("id")
            if key in ticket.custom_fields and ticket.custom_fields[key] != entry.get("value"):
                before = ticket.custom_fields[key]
                ticket.custom_fields[key] = entry.get("value")
                audit.events.append(self._event("Change", str(key), entry.get("value"), before))

    def _comment(self, ticket: Ticket, actor: User, asked: Mapping[str, Any], audit: Audit) -> None:
        if asked.get("html_body"):
            shown = markup.sanitised(self._expanded(str(asked["html_body"]), ticket, actor))
            body = markup.text_of(shown)
            shown = f'<div class="zd-comment" dir="auto">{shown}</div>'
        else:
            body = markup.CONTROL.sub("", self._expanded(str(asked.get("body") or ""), ticket, actor))
            shown = markup.html_of(body)
        files = tuple(self.uploads.pop(token) for token in asked.get("uploads") or [])
        public = bool(asked.get("public", True)) or actor.role == "end-user"
        identity, moment = next(self._ids), self.clock.now()
        comment = Comment(identity, actor, body, shown, public, moment, audit.id, audit.custom, files)
        ticket.comments.append(comment)
        audit.events.append(comment.json(self.base_url))

    def _merge_comment(self, ticket: Ticket, actor: User, text: str) -> Audit:
        audit = self._audit(ticket, actor, {})
        self._comment(ticket, actor, {"body": text, "public": False}, audit)
        self._touch(ticket)
        return audit

    def _expanded(self, text: str, ticket: Ticket, actor: User) -> str:
        # Zendesk fills placeholders in what agents write, not in what customers write.
        if actor.role == "end-user" or not self.settings.expand_placeholders:
            return text
        known = {
            "ticket.id": str(ticket.id),
            "ticket.title": ticket.subject,
            "ticket.status": ticket.status,
            "ticket.requester.name": ticket.requester.name,
            "ticket.requester.email": ticket.requester.email,
            "current_user.name": actor.name,
            "current_user.email": actor.email,
        }
        return markup.expand(text, lambda name: known.get(name, ""))

    def _touch(self, ticket: Ticket) -> None:
        # The vendor's stamps have whole seconds; two updates in one must still differ, or no
        # conflict could ever be seen by a test that is faster than a second.
        now = self.clock.now().replace(microsecond=0)
        ticket.updated_at = max(now, ticket.updated_at + timedelta(seconds=1))


def _plain(value: object) -> object:
    return value.id if isinstance(value, User) else value
