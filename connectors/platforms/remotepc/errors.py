"""RemotePC's envelope and its error words, as the errors that say who must act.

Success is `{"status": "OK", "code": 200, "message": …}`, failure `{"status", "code", "errorsCount", "errors":
[{"description"}]}`. The HTTP status and the envelope's code may differ: either one that fails is a failure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from bridge.errors import AccessDenied, ConnectorError, RateLimited, Rejected
from connectors.http import STATUS, Reply, retry_after, status_error


class Meaning(NamedTuple):
    """What a word means for us."""

    error: type[ConnectorError] | None
    """Who must act; None where nothing is settled: the failure of a write may have been done."""
    told: str
    """A sentence for whoever must act."""


EMAIL_EXISTS = "EMAIL_EXISTS"
ENVELOPE = "envelope"
"""Our own word, where RemotePC said none."""

WORDS: Mapping[str, Meaning] = {
    EMAIL_EXISTS: Meaning(Rejected, "a RemotePC user with this e-mail address exists already"),
    "FIRSTNAME_REQUIRED": Meaning(Rejected, "RemotePC wants a first name, and there is none"),
    "LASTNAME_REQUIRED": Meaning(Rejected, "RemotePC wants a last name, and there is none"),
    "EMAILID_REQUIRED": Meaning(Rejected, "RemotePC wants an e-mail address, and there is none"),
    "ENTER_VALID_EMAIL": Meaning(Rejected, "RemotePC takes the e-mail address for no valid one"),
    "INVALID_EMAIL": Meaning(Rejected, "RemotePC takes the e-mail address for no valid one"),
    "PASSWORD_REQUIRED": Meaning(Rejected, "RemotePC wants a password, and there is none"),
    "INVALID_PASSWORD": Meaning(Rejected, "RemotePC does not take this password"),
    "USERNAME_REQUIRED": Meaning(Rejected, "RemotePC wants a user name, and there is none"),
    "USERNAME_DOES_NOT_EXIST": Meaning(Rejected, "RemotePC knows no user of this name"),
    "CANCELLED_ACCOUNT": Meaning(Rejected, "this RemotePC account was cancelled"),
    "ACTION_PARENT_ACCOUNT_SUSPENDED": Meaning(
        AccessDenied, "the reseller account is suspended: its owner must settle that with RemotePC"
    ),
    "IP_ADDRESS_BLOCKED": Meaning(AccessDenied, "RemotePC blocks this server's address"),
    "NOT_AUTHORIZED": Meaning(AccessDenied, "RemotePC refuses the API key"),
    "UNAUTHORIZED_ACCESS": Meaning(AccessDenied, "RemotePC does not let this API key list the users"),
    "Forbidden": Meaning(
        AccessDenied, "RemotePC takes no calls from this server's address: it must be on the console's allow-list"
    ),
    "INTERNAL_SERVER_ERROR": Meaning(None, "RemotePC had an error of its own"),
}
"""Every word of the vendor's document."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")


def read_error(reply: Reply) -> ConnectorError | None:
    """The first error of an answer by its word, else by the worse of the two codes; None for success."""
    body = reply.json_or_none()
    if not isinstance(body, dict):
        return None
    word = _word(body)
    if not word and _well(body):
        return None  # what the HTTP status says on its own is looked at next
    if word in WORDS:
        return _known(reply, word)
    return _by_code(reply, word or ENVELOPE, body.get("code"))


def _word(body: Mapping[str, Any]) -> str:
    """The first description; `unknown` for one that is no word, because it could be anything."""
    errors = body.get("errors")
    for one in errors if isinstance(errors, list) else ():
        told = one.get("description") if isinstance(one, dict) else None
        if isinstance(told, str) and told.strip():
            return told.strip() if _WORD.fullmatch(told.strip()) else "unknown"
    return ""


def _well(body: Mapping[str, Any]) -> bool:
    return body.get("status") == "OK" and body.get("code") == 200 and not body.get("errorsCount")


def _known(reply: Reply, word: str) -> ConnectorError:
    meaning = WORDS[word]
    if meaning.error is None:
        return reply.unclear(f"was answered {word}", code=word)
    # Without method and path: whoever keeps the person's record reads it, too.
    return meaning.error(f"{meaning.told} ({word})", code=word)


def _by_code(reply: Reply, word: str, code: object) -> ConnectorError:
    """A word that the document does not have is kept, and the codes say what it is."""
    if (by_status := status_error(reply)) is not None:
        return type(by_status)(f"{by_status}: {word}", code=word)
    number = code if isinstance(code, int) else 0
    if number < 300 or number >= 500:
        return reply.unclear(f"was answered {reply.status} with code {number}: {word}", code=word)
    kind = STATUS.get(number, Rejected)
    told = f"{reply.where} was answered {reply.status} with code {number}: {word}"
    if issubclass(kind, RateLimited):
        return kind(told, code=word, retry_after=retry_after(reply))
    return kind(told, code=word)
