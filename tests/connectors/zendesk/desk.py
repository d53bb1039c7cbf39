"""The sandbox's help desk, which speaks Zendesk's API, as a desk for the contract and for the whole bridge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from bridge.model import Person
from connectors.signatures import ZENDESK, sign
from connectors.tickets.zendesk import Zendesk
from sandbox.helpdesk.model import Ticket
from sandbox.serve import Sandbox
from tests.contract.desk import File, Opened, ServedDesk, Shown, Webhook
from tests.contract.workshop import MemoryVault

FIELD = 360000000001
TAG = "remote-support"


class ZendeskDesk(ServedDesk):
    kind = "zendesk"
    note_write = ("PUT", "*")
    ticket_write = ("POST", "*/tickets*")
    a_field = (f"custom_field_{FIELD}", "requested")

    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        super().__init__(sandbox.helpdesk_url, sandbox.faults.helpdesk, client)
        self.sandbox = sandbox
        # What other tests made under the same marks is gone, and Zendesk forgot their keys after two hours.
        sandbox.helpdesk.tickets.clear()
        sandbox.clock.advance(3 * 3_600)
        self.ticket = self.open_ticket("Printer stuck")
        self.ticket_id = str(self.ticket.id)
        self.missing_id = "99999999"
        self._there = set(sandbox.helpdesk.tickets)

    def open_ticket(self, subject: str, *tags: str) -> Ticket:
        state = self.sandbox.helpdesk
        asked = {"subject": subject, "comment": {"body": "It does not print."}, "tags": list(tags)}
        ticket, _ = state.create_ticket(state.customer, asked)
        return ticket

    def keys(self) -> dict[str, object]:
        settings = self.sandbox.settings.helpdesk
        return {"email": settings.email, "api_token": settings.api_token}

    def wrong_keys(self) -> dict[str, object]:
        return {"email": "bridge@example.com", "api_token": "not-the-token"}

    def connector(self, *secrets: str) -> Zendesk:
        return self.with_keys(self.keys(), *secrets)

    def with_keys(self, keys: dict[str, object], *secrets: str, vault: MemoryVault | None = None) -> Zendesk:
        built = super().with_keys(keys, *secrets, vault=vault)
        assert isinstance(built, Zendesk)
        return built

    def ask(self, hook: str) -> Sequence[Webhook]:
        state = self.sandbox.helpdesk
        state.change_tags(state.agent, self.ticket.id, [TAG], how="add")
        told = {"event": "ticket.updated", "ticket_id": self.ticket_id, "actor": state.agent.email}
        body = json.dumps(told).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Zendesk-Webhook-Invocation-Id": f"asked-{self.ticket_id}",
            **sign(ZENDESK, self.hook_secret, body, moment=datetime.now(UTC)),
        }
        return [Webhook(body, headers)]

    def staff(self) -> list[Person]:
        state = self.sandbox.helpdesk
        return [Person(one.name, one.email, str(one.id)) for one in (state.agent, state.api_user)]

    def notes(self) -> list[Shown]:
        return [Shown(comment.body, comment.public) for comment in self.ticket.comments[1:]]

    def close_ticket(self) -> None:
        self.ticket.status = "closed"

    def merge_ticket(self) -> str:
        into = self.open_ticket('All printers stuck, see also "#1"')
        self._there.add(into.id)
        state = self.sandbox.helpdesk
        state.merge_tickets(state.agent, self.ticket.id, into.id)
        return str(into.id)

    def files(self) -> list[File]:
        found = [(file, comment) for comment in self.ticket.comments for file in comment.attachments]
        return [File(file.file_name, file.data, public=comment.public) for file, comment in found]

    def tags(self) -> set[str]:
        return set(self.ticket.tags)

    def value_of(self, name: str) -> object:
        return self.ticket.custom_fields[FIELD]

    def made(self) -> list[Ticket]:
        """Tickets that were made since this desk was opened."""
        return [ticket for number, ticket in self.sandbox.helpdesk.tickets.items() if number not in self._there]

    def opened(self) -> list[Opened]:
        return [Opened(str(ticket.id), ticket.subject, ticket.description) for ticket in self.made()]
