"""What Freshdesk and Freshservice do not share. All else is one API.

https://developers.freshdesk.com/api/ and https://api.freshservice.com/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_BOTH = frozenset(
    {"due_by", "fr_due_by", "group_id", "priority", "responder_id", "source", "status", "subject", "type"}
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One of the two products."""

    kind: str
    title: str
    attachment_bytes: int
    """What all attachments of one ticket may have together."""
    wrapped: bool
    """Answers and time entries stand under a name: `{"ticket": {…}}`, `{"conversations": […]}`."""
    include: str
    """What `GET tickets/{id}` leaves out unless it is asked for."""
    search_path: str
    search_rows: str
    """Under which name a search keeps its tickets."""
    lists_tags: bool
    """Lists of tickets show tags. Where they do not, tags can only be searched for."""
    archives: bool
    """Old closed tickets move to `tickets/archived/{id}`, where they can be read only."""
    time_needs_agent: bool
    """A time entry must name an agent."""
    ticket_id: str
    """What a ticket is called in webhooks and by people, as a regular expression without groups."""
    placeholder: str
    """The template's placeholder that gives the ticket's plain number."""
    prefixes: Mapping[str, str]
    """What stands before a ticket's number when people call it, by the ticket's type."""
    writable: frozenset[str]
    """Fields of a ticket that a route may set beside its custom ones. `tags` replace each other, so not here."""


FRESHDESK = Dialect(
    kind="freshdesk",
    title="Freshdesk",
    attachment_bytes=20_000_000,
    wrapped=False,
    include="requester",
    search_path="search/tickets",
    search_rows="results",
    lists_tags=True,
    archives=True,
    time_needs_agent=False,
    ticket_id=r"[0-9]{1,20}",
    placeholder="{{ticket.id}}",
    prefixes={},
    writable=_BOTH | {"company_id", "product_id"},
)

FRESHSERVICE = Dialect(
    kind="freshservice",
    title="Freshservice",
    attachment_bytes=15_000_000,
    wrapped=True,
    include="tags,requester",
    search_path="tickets/filter",
    search_rows="tickets",
    lists_tags=False,
    archives=False,
    time_needs_agent=True,
    # An incident or a service request. Changes (CHN), problems (PRB) and releases have ids of their own.
    ticket_id=r"#?(?:(?:INC|SR)-)?[0-9]{1,20}",
    placeholder="{{ticket.id_numeric}}",
    prefixes={"incident": "INC-", "service request": "SR-"},
    writable=_BOTH
    | {"category", "department_id", "impact", "item_category", "resolution_notes", "sub_category", "urgency"},
)
