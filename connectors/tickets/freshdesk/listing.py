"""Looking through many tickets: those touched since a moment, and the one that we made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bridge.errors import Rejected
from connectors import marks
from connectors.answers import members
from connectors.bodies import as_moment, field_text, iso
from connectors.tickets.freshdesk import mapping
from connectors.tickets.freshdesk.wire import PER_PAGE, Row, Wire, more_after

MAX_LIST_PAGES = 300
"""Freshdesk refuses pages beyond; Freshservice gets slow."""
NEWEST_PAGES = 3
"""So many pages of new tickets are looked through for ours; older ones are surely in the search index."""


class Listing:
    """Lists and searches of one account."""

    def __init__(self, wire: Wire, workspace: int | None) -> None:
        self._wire = wire
        self._workspace = {} if workspace is None else {"workspace_id": workspace}

    def made_with(self, mark: str) -> str | None:
        """The ticket that was made with this mark."""
        tag = mapping.mark_tag(mark)
        for page in range(1, NEWEST_PAGES + 1):
            rows, more = self._listed(page=page)
            for row in rows:
                if tag in mapping.tags(row) or marks.in_text(field_text(row.get("description_text")), mark):
                    return str(row["id"])
            if not more:
                break
        return next((str(row["id"]) for rows in self._found(mapping.tag_is(tag)) for row in rows), None)

    def touched_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets touched since then that carry one of the tags (any, if none is named), each once."""
        told: set[str] = set()
        for row in self._touched(moment, tags):
            number = str(row["id"])
            if number not in told:
                told.add(number)
                yield number

    def _touched(self, moment: datetime, tags: Sequence[str]) -> Iterator[Row]:
        if self._wire.dialect.lists_tags:
            wanted = set(tags)
            yield from (row for row in self._by_update(moment) if not wanted or wanted & mapping.tags(row))
        elif not tags:
            for rows in self._all_since(moment):
                yield from rows
        else:
            yield from self._searched(moment, tags)

    def _by_update(self, moment: datetime) -> Iterator[Row]:
        """All tickets touched since then, longest untouched first.

        A ticket that is touched meanwhile moves to the end, and what follows it to the page before. So after a full
        page the list begins anew at its last moment, instead of leaving out a ticket between two pages.
        """
        page = 1
        while page <= MAX_LIST_PAGES:
            rows, more = self._listed(updated_since=iso(moment), order_by="updated_at", order_type="asc", page=page)
            yield from rows
            if not rows or not more:
                return
            following = (as_moment(rows[-1].get("updated_at")) or moment) - timedelta(seconds=1)
            moment, page = (following, 1) if following > moment else (moment, page + 1)
        raise Rejected("more tickets changed at once than can be listed", code="pages")

    def _all_since(self, moment: datetime) -> Iterator[list[Row]]:
        """Newest first: what comes meanwhile makes a ticket appear twice, never leaves one out."""
        since = iso(moment)
        return self._wire.pages("tickets", "tickets", limit=MAX_LIST_PAGES, updated_since=since, **self._workspace)

    def _searched(self, moment: datetime, tags: Sequence[str]) -> Iterator[Row]:
        """Tickets by tag; the search knows days only."""
        since = f"updated_at:>'{moment.astimezone(UTC):%Y-%m-%d}'"
        for tag in tags:
            for rows in self._found(since, mapping.tag_is(tag)):
                yield from (row for row in rows if (as_moment(row.get("updated_at")) or moment) >= moment)

    def _found(self, *conditions: str) -> Iterator[list[Row]]:
        """Page after page of a search, thirty tickets each."""
        dialect = self._wire.dialect
        for page in range(1, MAX_LIST_PAGES + 1):
            query = mapping.query(*conditions)
            reply = self._wire.get(dialect.search_path, query=query, page=page, **self._workspace)
            rows = members(reply, dialect.search_rows)
            yield rows
            if not more_after(reply, len(rows)):
                return
        raise Rejected("more tickets were found than can be listed", code="pages")

    def _listed(self, **params: str | int) -> tuple[list[Row], bool]:
        """One page of the list, newest first unless told otherwise, and whether another one may follow."""
        reply = self._wire.get("tickets", per_page=PER_PAGE, **params, **self._workspace)
        rows = self._wire.many(reply, "tickets")
        return rows, more_after(reply, len(rows))
