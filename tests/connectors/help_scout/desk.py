"""The fake Help Scout with one active conversation, as a desk for the contract."""

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
from connectors.signatures import HELP_SCOUT, sign
from connectors.tickets.help_scout import HelpScout
from sandbox.faults import Faults
from tests.connectors.help_scout.fake import CLIENT, MAILBOX, SECRET, USERS, FakeHelpScout, Thread
from tests.contract.desk import File, Opened, ServedDesk, Shown, Webhook
from tests.contract.served import served


class HelpScoutDesk(ServedDesk):
    kind = "help_scout"
    hook_secret = "made-up-hook-secret"
    note_write = ("POST", "*/conversations/*/[nr]*")
    ticket_write = ("POST", "/v2/conversations")
    takes_notes_when_closed = True
    a_field: ClassVar[tuple[str, object]] = ("Asset", "Laptop 7")

    def __init__(self, url: str, faults: Faults, client: httpx.Client, fake: FakeHelpScout) -> None:
        super().__init__(url, faults, client)
        self.fake = fake
        self.ticket = fake.open("Printer stuck")
        self.ticket_id = str(self.ticket.id)
        self.missing_id = "99999999"
        self._known = set(fake.conversations)

    def staff(self) -> list[Person]:
        return [
            Person(f"{one['firstName']} {one['lastName']}", str(one["email"]), str(one["id"]))
            for one in USERS
            if one["type"] == "user"
        ]

    def keys(self) -> dict[str, object]:
        return {"client_id": CLIENT, "client_secret": SECRET, "email": "bridge@example.com", "mailbox_id": MAILBOX}

    def wrong_keys(self) -> dict[str, object]:
        return {"client_id": CLIENT, "client_secret": "not-the-secret"}

    def built(self, **changes: object) -> HelpScout:
        """A connector whose keys differ by these."""
        connector = self.with_keys({**self.keys(), **changes})
        assert isinstance(connector, HelpScout)
        return connector

    def ask(self, hook: str) -> Sequence[Webhook]:
        del hook
        self.ticket.tags.append("remote-support")
        body = json.dumps(self.fake.webhook(self.ticket)).encode()
        proof = sign(HELP_SCOUT, self.hook_secret, body, moment=datetime.now(UTC))
        return [Webhook(body, {"Content-Type": "application/json", "X-HelpScout-Event": "convo.tags", **proof})]

    def written(self) -> list[Thread]:
        return [one for one in self.ticket.threads if one.type in ("note", "message")]

    def notes(self) -> list[Shown]:
        return [Shown(text_of(one.body), one.type == "message") for one in self.written()]

    def files(self) -> list[File]:
        return [
            File(file["fileName"], file["content"], one.type == "message")
            for one in self.written()
            for file in one.files
        ]

    def tags(self) -> set[str]:
        return set(self.ticket.tags)

    def value_of(self, name: str) -> object:
        return {"Asset": self.ticket.fields.get(104)}[name]

    def opened(self) -> list[Opened]:
        made = [one for one in self.fake.conversations.values() if one.id not in self._known]
        return [Opened(str(one.id), one.subject, text_of(one.threads[0].body)) for one in made]

    def is_open(self) -> bool:
        return self.ticket.status == "active"

    def close_ticket(self) -> None:
        self.ticket.status = "closed"

    def merge_ticket(self) -> str:
        target = self.fake.open("The same printer")
        self._known.add(target.id)
        self.fake.merge(self.ticket, target)
        return str(target.id)


def text_of(body: str) -> str:
    """A thread as its reader sees it."""
    lines = re.sub(r"<(br|/p|/li|/h3)>", "\n", body)
    return html.unescape(re.sub(r"<[^>]*>", "", lines))


@contextmanager
def opened(client: httpx.Client) -> Iterator[HelpScoutDesk]:
    """The desk of a fake of its own with a conversation in it, until the block ends."""
    fake = FakeHelpScout()
    with served(fake.app) as running:
        yield HelpScoutDesk(running.url, running.faults, client, fake)
