"""Into which ticket a closed one was merged, as far as its audits tell. Pure.

Zendesk tells it in the comments of both tickets, each naming the other by its number, in words that the agent
who merges may change. So a number is a candidate only, until the other ticket names this one, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MERGED_TAG = "closed_by_merge"
_NUMBER = re.compile(r"#([0-9]{1,20})(?![0-9])")

Audit = Mapping[str, Any]


def was_merged(ticket: Mapping[str, Any]) -> bool:
    """Whether it was closed because it lives on in another ticket."""
    return ticket.get("status") == "closed" and MERGED_TAG in (ticket.get("tags") or ())


def candidates(audits: Iterable[Audit], ticket_id: str) -> list[str]:
    """Tickets that the audit of the merge names, the likeliest first, each once and never the ticket itself."""
    named = dict.fromkeys(number for audit in audits if _merges(audit) for number in _named(audit))
    return [number for number in named if number != ticket_id]


def names(audits: Iterable[Audit], ticket_id: str) -> bool:
    """Whether a comment or the origin of an audit names that ticket."""
    return any(number == ticket_id for audit in audits for number in _named(audit))


def _merges(audit: Audit) -> bool:
    """Whether this is the update that closed the ticket, or put the tag of a merge on it."""
    return any(
        (event.get("field_name") == "status" and event.get("value") == "closed")
        or (event.get("field_name") == "tags" and MERGED_TAG in str(event.get("value")))
        for event in _events(audit)
    ) or bool(list(_by_origin(audit)))


def _named(audit: Audit) -> Iterator[str]:
    yield from _by_origin(audit)
    for event in _events(audit):
        if event.get("type") == "Comment":
            yield from _NUMBER.findall(str(event.get("body") or ""))


def _by_origin(audit: Audit) -> Iterator[str]:
    """What `via` names, where it says that a merge made this audit or one of its events."""
    for part in (audit, *_events(audit)):
        via = part.get("via")
        source = via.get("source") if isinstance(via, dict) else None
        if not isinstance(source, dict) or source.get("rel") != "merge":
            continue
        for end in (source.get("to"), source.get("from")):
            if isinstance(end, dict) and end.get("ticket_id"):
                yield str(end["ticket_id"])


def _events(audit: Audit) -> list[Mapping[str, Any]]:
    return [event for event in audit.get("events") or () if isinstance(event, dict)]
