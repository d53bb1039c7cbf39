"""What Salesforce's error codes mean for us.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from bridge.errors import AccessDenied, ConnectorError, NotFound, RateLimited, Rejected, TicketBusy, Unavailable
from connectors.http import Reply, retry_after
from connectors.oauth import REFUSED

LIMIT_SECONDS = 900.0
"""The calls of 24 hours are used up: that window slides, so there is a little room again before long."""
CONCURRENT_SECONDS = 10.0
"""Too many slow calls run at once."""

BUSY: Mapping[str, float] = {"UNABLE_TO_LOCK_ROW": 5.0, "ENTITY_IS_LOCKED": 300.0}
"""This one record is held by somebody for a moment, or by an approval for longer: seconds until the next try."""
NO_ACCESS = frozenset({"API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG"})
NO_SESSION = "INVALID_SESSION_ID"
GONE = frozenset({"ENTITY_IS_DELETED"})
PASSING = frozenset({"QUERY_TIMEOUT", "SERVER_UNAVAILABLE"})

MOST_FIELDS = 5


class _Said(NamedTuple):
    """The first error of an answer."""

    code: str
    fields: tuple[str, ...]
    """API names of the fields that it is about."""
    concurrent: bool


def read_error(reply: Reply) -> ConnectorError | None:
    """What Salesforce says beyond the status. Its messages quote values, so only codes and field names are repeated."""
    if reply.status < 400 or reply.status in (401, 408, 425, 429):
        return None
    said = _said(reply)
    told = f"{reply.where} was refused: {said.code or reply.status}"
    if said.code == "REQUEST_LIMIT_EXCEEDED":
        pause = CONCURRENT_SECONDS if said.concurrent else LIMIT_SECONDS
        return RateLimited(told, code=said.code, retry_after=retry_after(reply) or pause)
    if said.code in BUSY:
        return TicketBusy(told, code=said.code, retry_after=BUSY[said.code])
    if reply.status >= 500:
        return None
    if said.code == NO_SESSION:
        return AccessDenied(told, code=REFUSED)
    if said.code in NO_ACCESS:
        return AccessDenied(told, code=said.code)
    if said.code in GONE or reply.status in (404, 410):
        return NotFound(told, code=said.code or str(reply.status))
    if said.code in PASSING:
        return Unavailable(told, code=said.code)
    # A 403 is about one record or field, never about the token: no reason to stop all others.
    about = f" ({', '.join(said.fields)})" if said.fields else ""
    return Rejected(f"{told}{about}", code=said.code or str(reply.status))


def _said(reply: Reply) -> _Said:
    body = reply.json_or_none()
    first: Mapping[str, Any] = body[0] if isinstance(body, list) and body and isinstance(body[0], dict) else {}
    code, names = str(first.get("errorCode", "")), first.get("fields")
    fields = [str(name) for name in names] if isinstance(names, list) else []
    return _Said(
        code=code if re.fullmatch(r"[A-Z_]{1,60}", code) else "",
        fields=tuple(name for name in fields if re.fullmatch(r"[A-Za-z0-9_]{1,80}", name))[:MOST_FIELDS],
        concurrent="ConcurrentRequests" in str(first.get("message", "")),
    )
