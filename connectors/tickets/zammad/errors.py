"""What Zammad says beyond the status. Its sentences are looked at, never repeated."""

from __future__ import annotations

from bridge.errors import AccessDenied, ConnectorError, Rejected, TicketClosed, Unavailable
from connectors.http import Reply

TOKEN_WORDS = ("Authentication required", "API token access disabled", "(token)")
"""In a 403 that is about the token, whatever ticket it was sent to."""
FOLLOW_UP = "Cannot follow-up on a closed ticket"
NO_TIMES = "Time Accounting is not enabled"
MAINTENANCE = "Maintenance mode"


def read_error(reply: Reply) -> ConnectorError | None:
    """One ticket that this agent may not touch is no reason to stop all others; a wrong token is a 401."""
    if reply.status not in (403, 422):
        return None
    said = _said(reply)
    if reply.status == 422:
        return TicketClosed(f"{reply.where}: the ticket is closed", code="closed") if FOLLOW_UP in said else None
    if MAINTENANCE in said:
        return Unavailable(f"{reply.where}: Zammad is in maintenance mode", code="maintenance")
    if NO_TIMES in said:
        return Rejected(f"{reply.where}: time accounting is not enabled in Zammad", code="time-accounting")
    if any(word in said for word in TOKEN_WORDS):
        return AccessDenied(f"{reply.where}: Zammad takes no API token, or not this one", code="token")
    return Rejected(f"{reply.where} was answered 403: this agent may not", code="403")


def _said(reply: Reply) -> str:
    answer = reply.json_or_none()
    return str(answer.get("error")) if isinstance(answer, dict) else ""
