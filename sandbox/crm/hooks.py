"""The CRM's webhooks: one event for each property that an app subscribed to, signed with its client secret.

Source: developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests (version 3 of the signature:
method, address, body and moment).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from itertools import count

from sandbox.crm.state import Change, CrmState
from sandbox.sender import Hook, HookSender, Policy

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


def policy(state: CrmState) -> Policy:
    """What is not answered 2xx is sent again up to ten times; here with shorter pauses than the vendor's."""
    return Policy(RETRIED, 10, retry_after_cap=3.0, redeliver=True, redeliver_retries=10)


def connect(state: CrmState, sender: HookSender) -> None:
    """From now on every change that is subscribed to, whoever made it, goes to the hook."""
    numbers = count(1)

    def send(change: Change) -> None:
        name = change.property
        if state.settings.hook_url and (not name or name in state.settings.subscribed):
            sender.submit(_hook(state, change, next(numbers)))

    state.on_change = send


def _hook(state: CrmState, change: Change, number: int) -> Hook:
    settings, now = state.settings, state.clock.now()
    milliseconds = str(int(now.timestamp() * 1000))
    told = {"propertyName": change.property, "propertyValue": change.value} if change.property else {}
    by_person = change.source.startswith("userId:")
    event = {
        "eventId": number,
        "subscriptionId": 22,
        "portalId": settings.portal_id,
        "appId": settings.app_id,
        "occurredAt": int(milliseconds),
        "subscriptionType": "contact.propertyChange" if change.property else "contact.creation",
        "attemptNumber": 0,
        "objectId": int(change.contact.id),
        "changeSource": "CRM_UI" if by_person else "INTEGRATION",
        "sourceId": change.source,
        **told,
    }
    body = json.dumps([event]).encode()
    address = settings.signed_url or settings.hook_url
    signed = f"POST{address}".encode() + body + milliseconds.encode()
    digest = hmac.new(settings.client_secret.encode(), signed, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        "X-HubSpot-Request-Timestamp": milliseconds,
    }
    return Hook(settings.hook_url, headers, body)
