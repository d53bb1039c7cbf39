"""The sandbox's help desk, which speaks Zendesk's API, as a desk for the contract."""

from __future__ import annotations

import httpx

from connectors import registry
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport
from connectors.tickets.zendesk import Zendesk
from sandbox.helpdesk.model import Ticket
from sandbox.serve import Sandbox
from tests.contract.desk import Desk, File, Shown
from tests.contract.workshop import MemoryVault

FIELD = 360000000001


class ZendeskDesk(Desk):
    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        self.sandbox = sandbox
        self.faults = sandbox.faults.helpdesk
        self._client = client
        self.ticket = self.open_ticket("Printer stuck")
        self.ticket_id = str(self.ticket.id)
        self.missing_id = "99999999"

    def open_ticket(self, subject: str, *tags: str) -> Ticket:
        state = self.sandbox.helpdesk
        asked = {"subject": subject, "comment": {"body": "It does not print."}, "tags": list(tags)}
        ticket, _ = state.create_ticket(state.customer, asked)
        return ticket

    def connector(self, *secrets: str) -> Zendesk:
        settings = self.sandbox.settings.helpdesk
        return self.with_keys({"email": settings.email, "api_token": settings.api_token}, *secrets)

    def stranger(self) -> Zendesk:
        return self.with_keys({"email": "bridge@example.com", "api_token": "not-the-token"})

    def with_keys(self, keys: dict[str, object], *secrets: str) -> Zendesk:
        kind = registry.kind("zendesk")
        url = self.sandbox.helpdesk_url
        config = ConnectionConfig("zendesk", "zendesk", url, secrets, kind.schema().load(keys))
        built = kind.build(config, Workshop(Transport("zendesk", url, client=self._client), MemoryVault()))
        assert isinstance(built, Zendesk)
        return built

    def notes(self) -> list[Shown]:
        return [Shown(comment.body, comment.public) for comment in self.ticket.comments[1:]]

    def fail(self, status: int, *, retry_after: int | None = None) -> None:
        self.faults.fail(status=status, retry_after=retry_after)

    def fail_after_write(self, status: int) -> None:
        self.faults.fail_after(method="PUT", status=status)

    def cut_after_write(self) -> None:
        self.faults.cut_after(method="PUT")

    def close_ticket(self) -> None:
        self.ticket.status = "closed"

    a_field = (f"custom_field_{FIELD}", "requested")

    def files(self) -> list[File]:
        found = [(file, comment) for comment in self.ticket.comments for file in comment.attachments]
        return [File(file.file_name, file.data, public=comment.public) for file, comment in found]

    def tags(self) -> set[str]:
        return set(self.ticket.tags)

    def value_of(self, name: str) -> object:
        return self.ticket.custom_fields[FIELD]
