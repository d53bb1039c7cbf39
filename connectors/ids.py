"""Ids of tickets, before they go into a path: representatives type ticket numbers by hand."""

from __future__ import annotations

import re

from bridge.errors import NotFound


def checked_number(ticket_id: str, title: str, digits: int = 20) -> str:
    """The id, if a system whose ids are numbers could have given it. Raises NotFound."""
    if re.fullmatch(rf"[0-9]{{1,{digits}}}", ticket_id):
        return ticket_id
    raise NotFound(f"a {title} ticket id is a number", code="ticket-id")
