"""The fake Zammad with one open ticket, as a desk for the contract."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import ClassVar

import httpx

from bridge.model import Person
from connectors.signatures import ZAMMAD, sign
from connectors.tickets.zammad import Zammad
from sandbox.faults import Faults
from tests.connectors.zammad.fake import CUSTOMER_TOKEN, TOKEN, FakeZammad
from tests.connectors.zammad.records import Article
from tests.contract.desk import Entry, File, Opened, ServedDesk, Shown, Webhook
from tests.contract.served import served


class ZammadDesk(ServedDesk):
    kind = "zammad"
    note_write = ("POST", "*/ticket_articles")
    time_write = ("POST", "*/ticket_articles")
    ticket_write = ("POST", "/api/v1/tickets")
    takes_notes_when_closed = True
    a_field: ClassVar[tuple[str, object]] = ("asset", "Laptop 7")

    def __init__(self, url: str, faults: Faults, client: httpx.Client, zammad: FakeZammad) -> None:
        super().__init__(url, faults, client)
        self.zammad = zammad
        self.ticket = zammad.open_ticket("Printer stuck")
        self.ticket_id = str(self.ticket.id)
        self.missing_id = "99999999"
        self._known = set(zammad.tickets)

    def staff(self) -> list[Person]:
        return [
            Person("Desk Bridge", "bridge@example.com", "3", username="bridge@example.com"),
            Person("Alex Agent", "agent@example.com", "4", username="agent@example.com"),
        ]

    def keys(self) -> dict[str, object]:
        return {"api_token": TOKEN, "email": "bridge@example.com", "group": "Remote help"}

    def wrong_keys(self) -> dict[str, object]:
        return {"api_token": "not-the-token"}

    def built(self, **changes: object) -> Zammad:
        """A connector whose keys differ by these."""
        connector = self.with_keys({**self.keys(), **changes})
        assert isinstance(connector, Zammad)
        return connector

    def customers(self) -> Zammad:
        """A connector whose token belongs to the customer of the ticket."""
        return self.built(api_token=CUSTOMER_TOKEN)

    def ask(self, hook: str) -> Sequence[Webhook]:
        del hook
        self.ticket.tags.append("remote-support")
        body = json.dumps(self.zammad.webhook(self.ticket, self.zammad.users[4])).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Zammad User Agent",
            "X-Zammad-Trigger": "Remote support",
            "X-Zammad-Delivery": f"made-up-delivery-{self.ticket_id}",
            **sign(ZAMMAD, self.hook_secret, body, moment=datetime.now(UTC)),
        }
        return [Webhook(body, headers)]

    def articles(self) -> list[Article]:
        """Those of the ticket beside the first one."""
        return [one for one in self.zammad.articles if one.ticket_id == self.ticket.id][1:]

    def notes(self) -> list[Shown]:
        return [Shown(text_of(one.body), not one.internal) for one in self.articles()]

    def files(self) -> list[File]:
        return [File(file["filename"], file["data"], not one.internal) for one in self.articles() for file in one.files]

    def times(self) -> list[Entry]:
        return [
            Entry(round(float(one["time_unit"]))) for one in self.zammad.times if one["ticket_id"] == self.ticket.id
        ]

    def tags(self) -> set[str]:
        return set(self.ticket.tags)

    def value_of(self, name: str) -> object:
        return self.ticket.custom[name]

    def opened(self) -> list[Opened]:
        made = [ticket for ticket in self.zammad.tickets.values() if ticket.id not in self._known]
        first = {one.ticket_id: one for one in reversed(self.zammad.articles)}
        return [Opened(str(one.id), one.title, text_of(first[one.id].body)) for one in made]

    def is_open(self) -> bool:
        return self.ticket.state_id == 2

    def close_ticket(self) -> None:
        self.ticket.state_id = 4

    def merge_ticket(self) -> str:
        target = self.zammad.open_ticket("The same printer")
        self._known.add(target.id)
        self.zammad.merge(self.ticket, target)
        return str(target.id)


def text_of(body: str) -> str:
    """A body as its reader sees it."""
    lines = re.sub(r"<(br|/p|/li|/h3)>", "\n", body)
    return html.unescape(re.sub(r"<[^>]*>", "", lines))


@contextmanager
def opened(client: httpx.Client) -> Iterator[ZammadDesk]:
    """The desk of a fake of its own with a ticket in it, until the block ends."""
    fake = FakeZammad()
    with served(fake.app) as running:
        yield ZammadDesk(running.url, running.faults, client, fake)
