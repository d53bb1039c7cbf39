"""What Jira's webhooks say: the fixed body of an admin webhook, and the one of an Automation rule, our template.

Admin webhooks: https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.errors import MalformedPayload
from bridge.model import Delivery, TicketEvent, TicketEventKind
from connectors.bodies import PastedTemplate, as_text, from_milliseconds, load_json, told_key

CHANGED = TicketEventKind.CHANGED
CLOSED = TicketEventKind.CLOSED
MERGED = TicketEventKind.MERGED

EVENTS = {
    "comment_created": CHANGED,
    "comment_updated": CHANGED,
    "jira:issue_created": CHANGED,
    "jira:issue_deleted": CLOSED,
    "jira:issue_updated": CHANGED,
}
"""Events of an admin webhook that can matter to a session. All others are ignored."""

KEY = r"[A-Z][A-Z0-9_]{1,50}-[1-9][0-9]{0,9}"
ISSUE_ID = rf"(?:{KEY}|[1-9][0-9]{{0,18}})"
"""An issue's key, or its number, which stays the same when the issue moves to another project."""

MOVED = "Key"
"""The field of a change log in which a move to another project tells the old and the new key."""

TEMPLATE = PastedTemplate(
    ISSUE_ID,
    'expected the template {"event": "ticket.updated", "ticket_id": "{{issue.key}}", '
    '"actor": "{{initiator.accountId}}"} or the body of a Jira webhook',
)

_EVENT_NAME = re.compile(r"(jira:)?[a-z]+(_[a-z]+)*")


def delivery_key(delivery: Delivery) -> str:
    """Jira's identifier, which its retries repeat, else the template's `delivery`, else a digest of the body."""
    return told_key(delivery, "x-atlassian-webhook-identifier")


def parse(delivery: Delivery) -> Sequence[TicketEvent]:
    """The events in the body. Raises MalformedPayload for what is none of the shapes."""
    body = load_json(delivery.body)
    if body is None:
        return TEMPLATE.repaired(delivery.body)
    if TEMPLATE.fits(body):
        return [TEMPLATE.event(body)]
    if isinstance(body, dict):
        word = body.get("webhookEvent")
        if isinstance(word, str) and _EVENT_NAME.fullmatch(word):
            return _from_webhook(word, body)
        if "fields" in body and "self" in body:
            # The whole issue, as an Automation rule sends it that was not given our template.
            return [TicketEvent(CHANGED, TEMPLATE.checked(body.get("key")), "automation")]
    raise MalformedPayload(TEMPLATE.expected)


def _from_webhook(word: str, body: Mapping[str, Any]) -> list[TicketEvent]:
    if word not in EVENTS:
        return []
    issue_id = _issue_id(body)
    if not issue_id:
        if word.startswith("comment"):
            return []  # Jira tells the same as a change of the issue
        raise MalformedPayload("expected the issue with its key in `issue` of a Jira webhook")
    event = TicketEvent(
        kind=EVENTS[word],
        ticket_id=issue_id,
        name=word,
        actor=_actor(body),
        occurred_at=from_milliseconds(body.get("timestamp")),
    )
    return [*_moves(body, event), event]


def _issue_id(body: Mapping[str, Any]) -> str:
    """The issue's key, else its number; the number is in a comment's address, too. Empty when none is told."""
    issue = body.get("issue")
    told = [as_text(issue.get(name)) for name in ("key", "id")] if isinstance(issue, dict) else []
    comment = body.get("comment")
    address = as_text(comment.get("self")) if isinstance(comment, dict) else ""
    told += re.findall(r"/issue/([0-9]+)/comment/", address)
    return next((text for text in told if re.fullmatch(ISSUE_ID, text)), "")


def _actor(body: Mapping[str, Any]) -> str:
    """The account id of whoever did it; an e-mail address is hidden in most sites."""
    comment = body.get("comment")
    told = comment if isinstance(comment, dict) else {}
    people = (body.get("user"), told.get("updateAuthor"), told.get("author"))
    return next((as_text(user.get("accountId")) for user in people if isinstance(user, dict)), "")


def _moves(body: Mapping[str, Any], event: TicketEvent) -> list[TicketEvent]:
    """A move to another project gives the issue a new key: the old one lives on in it."""
    changelog = body.get("changelog")
    items = changelog.get("items") if isinstance(changelog, dict) else None
    moves = []
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("field") == MOVED:
            old, new = as_text(item.get("fromString")), as_text(item.get("toString"))
            if old != new and re.fullmatch(KEY, old) and re.fullmatch(KEY, new):
                moves.append(TicketEvent(MERGED, old, event.name, event.actor, event.occurred_at, merged_into=new))
    return moves
