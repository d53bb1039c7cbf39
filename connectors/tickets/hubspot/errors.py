"""What HubSpot says beyond the status. Only its short codes are repeated, never its sentences.

https://developers.hubspot.com/docs/api-reference/error-handling
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bridge.errors import AccessDenied, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.http import Reply, retry_after

MISSING_SCOPES = "MISSING_SCOPES"
DAILY_PAUSE = 3_600.0
"""The day ends at midnight in the account's time zone, which nobody tells us: so we ask once an hour."""
PAUSES = {"DAILY": DAILY_PAUSE, "SECONDLY": 1.0}
"""Seconds by the limit's name, where no `Retry-After` says it."""
ROLLING_PAUSE = 10.0
LOCKED, LOCKED_PAUSE = 423, 2.0
MIGRATING, MIGRATING_PAUSE = 477, 3_600.0
"""The account moves to another data centre, for up to a day."""


def read_error(reply: Reply) -> ConnectorError | None:
    """By status and category. Nothing was done in any of these cases."""
    if reply.status == 429:
        policy = _word(_said(reply).get("policyName"))
        wait = retry_after(reply) or PAUSES.get(policy, ROLLING_PAUSE)
        return RateLimited(f"{reply.where} was answered 429 {policy}", code=policy or "429", retry_after=wait)
    if reply.status in (LOCKED, MIGRATING):
        wait = retry_after(reply) or (LOCKED_PAUSE if reply.status == LOCKED else MIGRATING_PAUSE)
        return Unavailable(f"{reply.where} was answered {reply.status}", code=str(reply.status), retry_after=wait)
    if reply.status in (400, 401, 403, 409, 422):
        return _refusal(reply)
    return None


def _refusal(reply: Reply) -> ConnectorError:
    code = _code(_said(reply)) or str(reply.status)
    if reply.status == 401 or (reply.status == 403 and code == MISSING_SCOPES):
        return AccessDenied(f"{reply.where} was answered {reply.status}: {code}", code=code)
    return Rejected(f"{reply.where} was refused: {code}", code=code)


def _code(said: Mapping[str, Any]) -> str:
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    closest = _word(first.get("code")) if isinstance(first, dict) else ""
    return closest or _word(said.get("category"))


def _said(reply: Reply) -> Mapping[str, Any]:
    answer = reply.json_or_none()
    return answer if isinstance(answer, dict) else {}


def _word(value: object) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]{0,60}", value) else ""
