"""The help desk's webhooks: which a change sets off, their two forms, their signature.

Sources: developer.zendesk.com/documentation/webhooks/verifying (timestamp + raw body, the secret used as
text); developer.zendesk.com/api-reference/webhooks/event-types/ticket-events.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator

from sandbox.clock import iso
from sandbox.helpdesk.model import Change, Json
from sandbox.helpdesk.state import HelpdeskState
from sandbox.sender import Hook, HookSender, Policy

RETRIED = frozenset({409, 429, 503})


def policy(state: HelpdeskState) -> Policy:
    """Only 409, 429 and 503 are sent again; a 500, a time-out or a refused connection is lost."""
    settings = state.settings
    return Policy(RETRIED, settings.hook_retries, settings.retry_after_cap, settings.redeliver)


def connect(state: HelpdeskState, sender: HookSender) -> None:
    """From now on every change of a ticket, whoever made it, goes to the hook."""

    def send(change: Change) -> None:
        if state.settings.hook_url:
            for body in bodies(state, change):
                sender.submit(signed(state, body))

    state.on_change = send


def bodies(state: HelpdeskState, change: Change) -> list[Json]:
    """One body for a trigger; for event subscriptions one for each event in the change."""
    if state.settings.hook_form == "template":
        word = "ticket.created" if change.created else "ticket.updated"
        delivery = str(uuid.uuid4())
        ticket_id = str(change.ticket.id)
        return [{"event": word, "ticket_id": ticket_id, "delivery": delivery, "actor": change.actor.email}]
    return [_event_body(state, change, kind, event) for kind, event in _events(state, change)]


def signed(state: HelpdeskState, body: Json) -> Hook:
    """The request with its raw body signed."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    stamp = iso(state.clock.now())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Zendesk Webhook",
        "X-Zendesk-Webhook-Signature": signature(state.settings.hook_secret, stamp, raw),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        "X-Zendesk-Webhook-Invocation-Id": body.get("delivery") or uuid.uuid4().hex.upper()[:26],
        "X-Zendesk-Webhook-Id": state.settings.webhook_id,
        "X-Zendesk-Account-Id": state.settings.account_id,
    }
    return Hook(state.settings.hook_url, headers, raw)


def signature(secret: str, stamp: str, raw: bytes) -> str:
    digest = hmac.new(secret.encode(), stamp.encode() + raw, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _events(state: HelpdeskState, change: Change) -> Iterator[tuple[str, Json]]:
    if change.created:
        yield "ticket.created", {"meta": {"sequence": {"id": str(change.audit.id), "position": 1, "total": 1}}}
        return
    if change.merged_into is not None:
        yield "ticket.merged", {"target_ticket_id": str(change.merged_into)}
    for event in change.audit.events:
        if event["type"] == "Comment":
            comment = {
                "id": str(event["id"]),
                "body": event["body"],
                "is_public": event["public"],
                "author": {"id": str(event["author_id"]), "name": change.actor.name, "is_staff": True},
            }
            yield "ticket.comment_added", {"comment": comment}
        elif event["field_name"] == "tags":
            now, before = set(event["value"]), set(event["previous_value"])
            yield (
                "ticket.tags_changed",
                {"tags_added": sorted(now - before), "tags_removed": sorted(before - now)},
            )
        elif event["field_name"] == "status":
            values = {"current": event["value"].upper(), "previous": event["previous_value"].upper()}
            yield "ticket.status_changed", values
        elif event["field_name"].isdigit():
            values = {"current": event["value"], "previous": event["previous_value"]}
            yield "ticket.custom_field_changed", {**values, "field": {"id": event["field_name"]}}


def _event_body(state: HelpdeskState, change: Change, kind: str, event: Json) -> Json:
    ticket = change.ticket
    detail = {
        "id": str(ticket.id),
        "subject": ticket.subject,
        "description": ticket.description,
        "status": ticket.status.upper(),
        "priority": ticket.priority.upper() if ticket.priority else None,
        "tags": list(ticket.tags),
        "requester_id": str(ticket.requester.id),
        "submitter_id": str(ticket.submitter.id),
        "assignee_id": str(ticket.assignee.id) if ticket.assignee else None,
        "actor_id": str(change.actor.id),
        "created_at": iso(ticket.created_at),
        "updated_at": iso(ticket.updated_at),
        "via": {"channel": "web_service"},
    }
    return {
        "account_id": state.settings.account_id,
        "detail": detail,
        "event": event,
        "id": str(uuid.uuid4()),
        "subject": f"zen:ticket:{ticket.id}",
        "time": iso(change.audit.created_at),
        "type": f"zen:event-type:{kind}",
        "zendesk_event_version": "2022-11-06",
    }
