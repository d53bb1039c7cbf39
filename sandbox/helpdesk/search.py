"""Zendesk's search, as far as a reconciliation asks it.

Source: support.zendesk.com, "Zendesk Support search reference".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sandbox.helpdesk.model import Refused, Ticket

TERM = re.compile(r"(\w+)(:|>=|<=|>|<)(\"[^\"]*\"|\S+)|(\S+)")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ":": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
STATUS_ORDER = ("new", "open", "pending", "hold", "solved", "closed")


def found(tickets: Sequence[Ticket], arguments: Mapping[str, str]) -> list[Ticket]:
    """The tickets that every term of the query fits, in the order asked for."""
    query = arguments.get("query", "")
    if not query:
        raise Refused(400, "InvalidQuery", "The query parameter is missing")
    terms = [match.groups() for match in TERM.finditer(query)]
    fitting = [ticket for ticket in tickets if all(_fits(ticket, *term) for term in terms)]
    stamp = "created_at" if arguments.get("sort_by") == "created_at" else "updated_at"
    descending = arguments.get("sort_order", "desc") != "asc"
    return sorted(fitting, key=operator.attrgetter(stamp, "id"), reverse=descending)


def _fits(ticket: Ticket, name: str | None, sign: str | None, value: str | None, word: str | None) -> bool:
    if name is None or sign is None or value is None:
        return (word or "").lower() in f"{ticket.subject} {ticket.description}".lower()
    value = value.strip('"')
    if name == "type":
        return value == "ticket"
    if name in ("tags", "tag"):
        return value.lower() in ticket.tags
    if name == "status":
        return value in STATUS_ORDER and COMPARE[sign](STATUS_ORDER.index(ticket.status), STATUS_ORDER.index(value))
    if name in ("updated", "created"):
        stamp = ticket.updated_at if name == "updated" else ticket.created_at
        return COMPARE[sign](stamp, _moment(value))
    if name == "requester":
        return value.lower() in (ticket.requester.email, ticket.requester.name.lower())
    raise Refused(422, "InvalidQuery", f"Invalid search: the keyword {name} is not known")


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Refused(422, "InvalidQuery", f"Invalid search: {value} is not a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
