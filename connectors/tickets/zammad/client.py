"""Zammad's REST API, as far as a session on a ticket needs it.

https://docs.zammad.org/en/latest/api/intro.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bridge.errors import AccessDenied, NotFound, Rejected, TicketClosed, TicketMerged
from bridge.markup import Markup
from bridge.model import NewTicket, Note, NoteRef, Person, Ticket, TimeSpent, Visibility
from bridge.render import TextLimits, render
from connectors.answers import list_in, members, object_in, told
from connectors.bodies import as_text
from connectors.http import Transport
from connectors.ids import checked_number
from connectors.tickets.zammad import mapping
from connectors.tickets.zammad.errors import read_error
from connectors.tickets.zammad.people import people
from connectors.tickets.zammad.schema import EMAIL
from connectors.tickets.zammad.states import States
from connectors.unable import Unable

# Zammad takes 1,500,000 characters, but cleans each body in a time limit of its own and shows it as a page.
LIMITS = TextLimits(length=150_000, markup=Markup.HTML, attachment_bytes=25_000_000)

TICKETS_PER_PAGE = 100
MAX_PAGES = 1_000
MAX_MERGES = 10
EXPANDED = {"expand": "true"}


class ZammadClient(Unable):
    """Reads and writes tickets as one agent. Safe to share between threads."""

    limits = LIMITS

    def __init__(self, transport: Transport, keys: Mapping[str, Any]) -> None:
        headers = {"Authorization": f"Token token={keys['api_token']}", "Accept": "application/json"}
        self._http = transport.with_reader(read_error).with_headers(headers)
        self._group = keys.get("group", "")
        self._mails = keys.get("public_as") == EMAIL
        self._unit_minutes: float = keys.get("time_unit_minutes", 1.0)
        self._is_agent = False
        self._states = States(lambda: list_in(self._http.read("GET", "api/v1/ticket_states", params=EXPANDED)))

    # reading

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        ticket = self._ticket(ticket_id)
        for _ in range(MAX_MERGES):
            kind = self._states.type_of(ticket)
            into = self._merged_into(as_text(ticket["id"])) if kind == mapping.MERGED else ""
            if not into:
                break
            ticket = self._ticket(into)
        about = {"object": "Ticket", "o_id": as_text(ticket["id"])}
        tags = self._http.read("GET", "api/v1/tags", params=about).json().get("tags") or ()
        customer, owner = (self._person(ticket, role) for role in ("customer", "owner"))
        return mapping.ticket(ticket, kind, map(str, tags), customer, owner, self._http.base_url)

    def find_note(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The article with this mark. Those of a merged ticket stand in the one that it was merged into."""
        found = mapping.marked(self._articles(ticket_id), mark)
        return NoteRef(found) if found else None

    def find_time(self, ticket_id: str, mark: str) -> NoteRef | None:
        """The article with this mark, if time was entered for it."""
        found = mapping.marked(self._articles(ticket_id), mark)
        if not found:
            return None
        entries = list_in(self._http.read("GET", f"api/v1/tickets/{ticket_id}/time_accountings"))
        entered = any(as_text(entry.get("ticket_article_id")) == found for entry in entries)
        return NoteRef(found) if entered else None

    def find_ticket(self, mark: str) -> str | None:
        """Asked of Zammad's database by the message id of the first article, not of its search index."""
        return next(self._matching(mapping.with_message(mark)), None)

    def tickets_since(self, moment: datetime, tags: Sequence[str]) -> Iterator[str]:
        """Ids of tickets touched since then that carry one of the tags, told by Zammad's database."""
        return self._matching(mapping.touched_since(moment, tags))

    # writing

    def add_note(self, ticket_id: str, note: Note) -> NoteRef:
        """Add an article. Raises TicketMerged for a merged ticket, on which Zammad itself would take it."""
        ticket = self._living(ticket_id)
        rendered = render(note, self.limits)
        article = mapping.note_article(note, rendered.body, rendered.attachments, as_text(ticket.get("title")))
        if self._mails and note.visibility is Visibility.PUBLIC:
            article = mapping.mailed(article, self._address(ticket))
        return NoteRef(self._add_article(ticket_id, article))

    def update_fields(self, ticket_id: str, fields: Mapping[str, object]) -> None:
        """Set a ticket's attributes. Raises Rejected for one that Zammad refused or ignored."""
        if not fields:
            return
        mapping.check_names(fields)
        self._living(ticket_id)
        reply = self._http.write("PUT", f"api/v1/tickets/{ticket_id}", params=EXPANDED, json=dict(fields))
        ignored = mapping.not_set(fields, object_in(reply))
        if ignored:
            raise Rejected(f"{reply.where}: Zammad did not set {', '.join(sorted(ignored))}", code="not-set")

    def add_tags(self, ticket_id: str, tags: Sequence[str]) -> None:
        """Add tags one by one, keeping those that are there."""
        if tags:
            self._living(ticket_id)
        for tag in tags:
            self._http.write("POST", "api/v1/tags/add", json={"item": tag, "object": "Ticket", "o_id": int(ticket_id)})

    def add_time(self, ticket_id: str, spent: TimeSpent) -> NoteRef:
        """Enter time with an internal article that says what it was.

        Zammad keeps the article when it refuses the time: then only the time is entered the next time.
        """
        self._living(ticket_id)
        units = mapping.time_units(spent.minutes, self._unit_minutes)
        left = mapping.marked(self._articles(ticket_id), spent.mark)
        if not left:
            return NoteRef(self._add_article(ticket_id, mapping.time_article(spent, units)))
        entry = {"ticket_article_id": int(left), "time_unit": units}
        self._http.write("POST", f"api/v1/tickets/{ticket_id}/time_accountings", json=entry)
        return NoteRef(left)

    def create_ticket(self, new: NewTicket) -> str:
        """Make a ticket in the connection's group, of the requester, or of ourselves where none is known."""
        if not self._group:
            raise Rejected("give the connection a `group`: Zammad makes no ticket without one", code="group")
        self._be_agent()
        note = Note(new.mark, new.document)
        rendered = render(note, self.limits)
        asked = mapping.new_ticket(new, rendered.body, rendered.attachments, self._group)
        asked["customer_id"] = f"guess:{new.requester.email}" if new.requester.email else self._me()["id"]
        return told(self._http.write("POST", "api/v1/tickets", json=asked), "id")

    def reopen(self, ticket_id: str) -> None:
        """Open a closed ticket again; nothing for one that is not closed."""
        if self._states.type_of(self._living(ticket_id)) != mapping.CLOSED:
            return
        state = self._states.open_state()
        if not state:
            raise Rejected("Zammad has no active state of the type open", code="no-state")
        self.update_fields(ticket_id, {"state_id": int(state)})

    def people(self) -> Iterator[Person]:
        """Users with the permission `ticket.agent`."""
        return people(self._http)

    def probe(self) -> str:
        """Who we are there. Raises AccessDenied where Zammad does not know us, or not as an agent."""
        self._be_agent()
        me = self._me()
        roles = ", ".join(str(role) for role in me.get("roles") or ())
        return f"signed in to Zammad as {as_text(me.get('email')) or as_text(me.get('login'))} ({roles})"

    # parts

    def _ticket(self, ticket_id: str) -> Mapping[str, Any]:
        reply = self._http.read("GET", f"api/v1/tickets/{checked_number(ticket_id, 'Zammad', 18)}", params=EXPANDED)
        told(reply, "id")
        return object_in(reply)

    def _living(self, ticket_id: str) -> Mapping[str, Any]:
        """The ticket. Raises TicketMerged for one that was merged: Zammad would let us write on it all the same."""
        ticket = self._ticket(ticket_id)
        if self._states.type_of(ticket) != mapping.MERGED:
            return ticket
        into = self._merged_into(ticket_id)
        if into:
            raise TicketMerged(f"ticket {ticket_id} was merged into {into}", into=into, code=mapping.MERGED)
        raise TicketClosed(f"ticket {ticket_id} was merged, and nothing says where", code=mapping.MERGED)

    def _merged_into(self, ticket_id: str) -> str:
        about = {"link_object": "Ticket", "link_object_value": ticket_id}
        return mapping.survivor(members(self._http.read("GET", "api/v1/links", params=about), "links"))

    def _articles(self, ticket_id: str) -> list[Mapping[str, Any]]:
        return list_in(
            self._http.read("GET", f"api/v1/ticket_articles/by_ticket/{checked_number(ticket_id, 'Zammad', 18)}")
        )

    def _be_agent(self) -> None:
        """Raise AccessDenied for a token of no agent: Zammad makes public whatever that writes, in silence.

        Asked once, by a page that only agents may read.
        """
        if self._is_agent:
            return
        try:
            self._http.read("GET", "api/v1/ticket_recent")
        except Rejected as refused:
            raise AccessDenied("the token in Zammad belongs to no agent with ticket.agent", code="role") from refused
        self._is_agent = True

    def _add_article(self, ticket_id: str, article: Mapping[str, Any]) -> str:
        self._be_agent()
        reply = self._http.write("POST", "api/v1/ticket_articles", json={**article, "ticket_id": int(ticket_id)})
        number = told(reply, "id")
        if article["internal"] and reply.json().get("internal") is not True:
            # The agent may have lost the permission since we asked.
            raise AccessDenied(f"{reply.where}: an internal note became public, we are no agent there", code="role")
        return number

    def _person(self, ticket: Mapping[str, Any], role: str) -> Person:
        """The customer or owner, with no more than the login where we may not see users."""
        number = as_text(ticket.get(f"{role}_id"))
        if number in mapping.NOBODY:
            return Person()
        try:
            return mapping.person(object_in(self._http.read("GET", f"api/v1/users/{number}")))
        except (NotFound, Rejected):
            return Person(id=number, username=as_text(ticket.get(role)))

    def _address(self, ticket: Mapping[str, Any]) -> str:
        address = self._person(ticket, "customer").email
        if not address:
            raise Rejected("the ticket's customer has no e-mail address to send to", code="no-address")
        return address

    def _me(self) -> Mapping[str, Any]:
        reply = self._http.read("GET", "api/v1/users/me", params=EXPANDED)
        told(reply, "id")
        return object_in(reply)

    def _matching(self, condition: Mapping[str, Any]) -> Iterator[str]:
        """Ids of all tickets under the condition. By id, so that a ticket that changes meanwhile hides no other."""
        asked = {"condition": condition, "sort_by": "id", "order_by": "asc", "per_page": TICKETS_PER_PAGE}
        for page in range(1, MAX_PAGES + 1):
            reply = self._http.read("POST", "api/v1/tickets/search", params=EXPANDED, json={**asked, "page": page})
            rows = list_in(reply)
            yield from (as_text(row.get("id")) for row in rows)
            if len(rows) < TICKETS_PER_PAGE:
                return
        raise Rejected("more tickets changed than can be listed: look back less far", code="pages")
