"""The fake ServiceNow as a desk for the contract."""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx

from bridge.model import Person
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport
from connectors.signatures import SERVICENOW_SCRIPT, sign
from connectors.tickets.servicenow import KIND, ServiceNow
from sandbox.faults import Faults
from tests.connectors.servicenow import fake
from tests.connectors.servicenow.fake_api import app_of
from tests.contract.desk import Entry, File, Opened, ServedDesk, Shown, Webhook
from tests.contract.served import served

FIELD = "u_remote_session"


class ServiceNowDesk(ServedDesk):
    kind = "servicenow"
    note_write = ("PATCH", "*/table/incident/*")
    time_write = ("POST", "*/table/task_time_worked")
    ticket_write = ("POST", "*/table/incident")
    a_field = (FIELD, "requested")

    def __init__(self, state: fake.ServiceNow, url: str, faults: Faults, client: httpx.Client) -> None:
        super().__init__(url, faults, client)
        self.state = state
        self.ticket = state.incident("Printer stuck", caller_id=self.user("chris"), assigned_to=self.user("alex"))
        self.ticket_id = self.ticket["sys_id"]
        self.missing_id = "f" * 32
        self._before = set(state.tables["incident"])

    def user(self, username: str) -> str:
        rows = self.state.tables["sys_user"].values()
        return next(row["sys_id"] for row in rows if row["user_name"] == username)

    def staff(self) -> list[Person]:
        found = [self.state.tables["sys_user"][self.user(username)] for username in (fake.USERNAME, "alex")]
        people = (
            Person(row["name"], row["email"], row["sys_id"], username=row["user_name"], sso_id=row["federated_id"])
            for row in found
        )
        return sorted(people, key=lambda one: one.id)

    def keys(self) -> dict[str, object]:
        way_in = {"username": fake.USERNAME, "password": fake.PASSWORD}
        return {**way_in, "attachments": True, "reopen_state": "2"}

    def wrong_keys(self) -> dict[str, object]:
        return {**self.keys(), "password": "not-the-password"}

    def connected(self, keys: dict[str, object], *secrets: str) -> ServiceNow:
        """A connection with other keys than the usual ones."""
        config = ConnectionConfig("desk", self.kind, self.url, secrets, KIND.schema().load(keys))
        built = KIND.build(config, Workshop(Transport("desk", self.url, client=self._client), self.vault))
        assert isinstance(built, ServiceNow)
        return built

    def when(self) -> str:
        return f'{{ field = {{ name = "{FIELD}", value = "requested" }} }}'

    def ask(self, hook: str) -> Sequence[Webhook]:
        self.ticket[FIELD] = "requested"
        delivery = uuid.uuid4().hex
        told = {"event": "ticket.updated", "ticket_id": self.ticket_id, "delivery": delivery, "actor": "alex"}
        body = json.dumps(told).encode()
        proof = sign(SERVICENOW_SCRIPT, self.hook_secret, body, moment=datetime.now(UTC), delivery_id=delivery)
        return [Webhook(body, {"content-type": "application/json", **proof})]

    def notes(self) -> list[Shown]:
        entries = self.state.journals.get(self.ticket_id, [])
        return [Shown(readable(entry.text), entry.field == "comments") for entry in entries]

    def close_ticket(self) -> None:
        self.state.close(self.ticket)

    def is_open(self) -> bool:
        return self.ticket["state"] not in ("6", "7", "8")

    def value_of(self, name: str) -> object:
        return self.ticket[name]

    def files(self) -> list[File]:
        seen = self.state.callers_see_our_files
        return [File(one.name, one.content, seen) for one in self.state.files if one.record == self.ticket_id]

    def times(self) -> list[Entry]:
        rows = self.state.tables["task_time_worked"].values()
        return [Entry(int(row["time_in_seconds"]) // 60) for row in rows if row["task"] == self.ticket_id]

    def opened(self) -> list[Opened]:
        made = [row for sys_id, row in self.state.tables["incident"].items() if sys_id not in self._before]
        return [Opened(row["sys_id"], row["short_description"], self._work_notes(row["sys_id"])) for row in made]

    def _work_notes(self, sys_id: str) -> str:
        entries = self.state.journals.get(sys_id, [])
        return "\n".join(readable(entry.text) for entry in entries if entry.field == "work_notes")


def readable(text: str) -> str:
    """An entry as its readers see it: what stands between the code tags is HTML, the rest is text."""
    found = re.fullmatch(r"\[code\](.*)\[/code\](.*)", text, re.S)
    if not found:
        assert "[code]" not in text
        return text
    assert "[/code]" not in found[1]
    assert "<script" not in found[1]
    return html.unescape(re.sub(r"<[^>]*>", "\n", found[1])) + found[2]


@contextmanager
def opened(client: httpx.Client) -> Iterator[ServiceNowDesk]:
    """The desk of a fake of its own with an incident in it, until the block ends."""
    state = fake.fake()
    with served(app_of(state)) as running:
        yield ServiceNowDesk(state, running.url, running.faults, client)
