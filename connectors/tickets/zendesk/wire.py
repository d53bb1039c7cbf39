"""How Zendesk is signed in at, and what its errors mean."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from bridge.errors import ChangedMeanwhile, ConnectorError, Rejected, TicketBusy, TicketClosed, UnknownOutcome
from connectors.http import Reply, retry_after

CONFLICT_PAUSE = 1.0
"""Seconds until the mark is looked for after somebody else's update came first."""
REMAINING = ("x-rate-limit-remaining", "ratelimit-remaining")
"""What is left of the whole account's requests in this minute."""
OTHER_PARAMETERS = "IdempotentRequestError"
"""A ticket was made under this key, from a body that differs: an attachment is uploaded anew each time."""


def authorization(keys: Mapping[str, Any]) -> str:
    """The Authorization header of an API token (Basic, `email/token`) or an OAuth token (Bearer)."""
    if "oauth_token" in keys:
        return f"Bearer {keys['oauth_token']}"
    pair = f"{keys['email']}/token:{keys['api_token']}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def read_error(reply: Reply) -> ConnectorError | None:
    """What Zendesk says beyond the status. Only its short error code is repeated, never its descriptions."""
    if reply.status == 409 and reply.sent:
        return ChangedMeanwhile(
            f"{reply.where}: the ticket changed meanwhile",
            code="UpdateConflict",
            retry_after=retry_after(reply) or CONFLICT_PAUSE,
        )
    if reply.status == 429 and _is_about_one_ticket(reply):
        message = f"{reply.where}: this ticket was updated too often"
        return TicketBusy(message, code="429", retry_after=retry_after(reply))
    if reply.status == 403:
        # One ticket that this agent may not touch is no reason to stop all others; a refused token is a 401.
        return Rejected(f"{reply.where} was answered 403: this agent may not", code="Forbidden")
    if reply.status in (400, 422):
        return _refusal(reply)
    return None


def _is_about_one_ticket(reply: Reply) -> bool:
    """Whether the account as a whole may still ask: then it is this ticket's own limit of updates."""
    if not reply.sent or "PUT api/v2/tickets/" not in reply.where:
        return False
    left = next((reply.headers[name] for name in REMAINING if name in reply.headers), "")
    return bool(re.fullmatch(r"[0-9]{1,9}", left)) and int(left) > 0


def _refusal(reply: Reply) -> ConnectorError:
    answer = reply.json_or_none()
    body: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    details = body.get("details")
    about_status = details.get("status") if isinstance(details, dict) else None
    if reply.sent and "closed" in str(about_status).lower():
        return TicketClosed(f"{reply.where}: the ticket is closed", code="closed")
    said = body.get("error")
    code = said if isinstance(said, str) and re.fullmatch(r"[A-Za-z_]{1,40}", said) else str(reply.status)
    if code == OTHER_PARAMETERS:
        return UnknownOutcome(f"{reply.where}: a ticket was made under this key", code=code)
    return Rejected(f"{reply.where} was refused: {code}", code=code)
