"""The fake of both products as desks for the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar, TypeVar

import httpx

from bridge.model import Person
from sandbox.faults import Faults
from tests.connectors.freshdesk.account import NOW, Account
from tests.connectors.freshdesk.fake import API_KEY, fake
from tests.connectors.freshdesk.fake_html import readable
from tests.contract.desk import Entry, File, Opened, ServedDesk, Shown, Webhook
from tests.contract.served import served

D = TypeVar("D", bound="FreshdeskDesk")


class FreshdeskDesk(ServedDesk):
    kind = "freshdesk"
    note_write = ("POST", "*/tickets/*/[nr]*")  # notes, and replies for public ones
    time_write = ("POST", "*/time_entries")
    ticket_write = ("POST", "*/tickets")
    takes_notes_when_closed = True
    a_field: ClassVar[tuple[str, object]] = ("cf_remote", "requested")
    called = "{}"
    """How the template's placeholder fills in a ticket's number."""

    def __init__(self, account: Account, url: str, faults: Faults, client: httpx.Client) -> None:
        super().__init__(url, faults, client)
        self.account = account
        self.ticket = account.open_ticket("Printer stuck", "printer")
        self.ticket_id = str(self.ticket["id"])
        self.missing_id = "99999999"

    def staff(self) -> list[Person]:
        return [
            Person(name, email, str(number), sso_id=f"S-{number}" if self.account.wrapped else "")
            for number, (name, email) in self.account.agents.items()
        ]

    def keys(self) -> dict[str, object]:
        return {"api_key": API_KEY, "agent_email": "bridge@acme.example"}

    def wrong_keys(self) -> dict[str, object]:
        return {"api_key": "not-the-key"}

    def ask(self, hook: str) -> Sequence[Webhook]:
        self.ticket["tags"].append("remote-support")
        self.ticket["updated_at"] = self.account.now()
        body = {"event": "ticket.updated", "ticket_id": self.called.format(self.ticket_id)}
        headers = {"Content-Type": "application/json", "X-Deskbridge-Key": self.hook_secret}
        return [Webhook(json.dumps(body).encode(), headers)]

    def notes(self) -> list[Shown]:
        return [Shown(readable(told["body"]), not told["private"]) for told in self.ticket["conversations"]]

    def files(self) -> list[File]:
        found = [(file, told) for told in self.ticket["conversations"] for file in told["files"]]
        return [File(name, content, public=not told["private"]) for (name, content, _), told in found]

    def times(self) -> list[Entry]:
        spent = [entry["time_spent"].split(":") for entry in self.ticket["time_entries"]]
        return [Entry(int(hours) * 60 + int(minutes)) for hours, minutes in spent]

    def catch_up(self) -> None:
        self.account.reindex()

    def tags(self) -> set[str]:
        return set(self.ticket["tags"])

    def value_of(self, name: str) -> object:
        return self.ticket["custom_fields"][name]

    def opened(self) -> list[Opened]:
        made = [ticket for ticket in self.account.tickets.values() if "made" in ticket]
        return [Opened(str(ticket["id"]), ticket["subject"], _whole_text(ticket)) for ticket in made]

    def close_ticket(self) -> None:
        self.ticket["status"] = 5

    def is_open(self) -> bool:
        return bool(self.ticket["status"] == 2)


class FreshserviceDesk(FreshdeskDesk):
    kind = "freshservice"
    a_field: ClassVar[tuple[str, object]] = ("remote", "requested")
    called = "INC-{}"  # what {{ticket.id}} gives; {{ticket.id_numeric}} gives the plain number


def _whole_text(ticket: dict[str, Any]) -> str:
    return readable("".join([ticket["description"], *(told["body"] for told in ticket["conversations"])]))


@contextmanager
def opened(kind: type[D], client: httpx.Client, *, begins: datetime = NOW) -> Iterator[D]:
    """The desk of an account of its own, until the block ends. `begins` is when its first change is made."""
    account = Account(kind.kind, begins=begins)
    with served(fake(account)) as running:
        yield kind(account, running.url, running.faults, client)
