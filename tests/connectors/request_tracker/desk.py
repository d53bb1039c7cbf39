"""A ticket in the real Request Tracker, as a desk for the contract."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import httpx

from bridge.model import Person
from sandbox.faults import Faults
from sandbox.helpdesk.markup import text_of
from tests.contract.desk import Entry, File, Opened, ServedDesk, Shown, Webhook
from tests.realrt.catcher import Catcher
from tests.realrt.server import HOOK_SECRET, RequestTracker

QUEUE = "Helpdesk"
FIELD = "RemoteSession"
TAGS = "Labels"
API = "REST/2.0"


class RequestTrackerDesk(ServedDesk):
    """People ask RT itself; the connector asks through a door with fault switches."""

    kind = "request_tracker"
    note_write = time_write = ("POST", "*/co*m*n*")
    ticket_write = ("POST", "*/REST/2.0/ticket")
    hook_secret = HOOK_SECRET
    takes_notes_when_closed = True
    a_field = (FIELD, "requested")
    missing_id = "99999999"

    def __init__(
        self, url: str, faults: Faults, client: httpx.Client, tracker: RequestTracker, catcher: Catcher
    ) -> None:
        super().__init__(url, faults, client)
        self.tracker = tracker
        self.catcher = catcher
        self.agent = tracker.client("agent")
        self.customer = tracker.client("customer")

    @cached_property
    def ticket_id(self) -> str:  # type: ignore[override]  # made when a test first asks for it: it costs a second
        return self.open_ticket("Printer stuck")

    def close(self) -> None:
        self.agent.close()
        self.customer.close()

    def open_ticket(self, subject: str, **more: object) -> str:
        body = {"Queue": QUEUE, "Subject": subject, "Requestor": "customer@example.com", "Content": "It is stuck."}
        return str(self.done(self.agent.post(f"{API}/ticket", json={**body, **more})).json()["id"])

    @staticmethod
    def done(answer: httpx.Response) -> httpx.Response:
        assert answer.status_code in (200, 201), answer.text
        return answer

    # for the connector

    @property
    def group(self) -> int:
        return int(self.tracker.agents_group)

    def staff(self) -> list[Person]:
        bridge = Person("Deskbridge", "bridge@example.com", "deskbridge", username="deskbridge")
        return [Person("Alex Agent", "agent@example.com", "agent", username="agent"), bridge]

    def keys(self) -> dict[str, object]:
        return {
            "api_token": self.tracker.tokens["deskbridge"],
            "queue": QUEUE,
            "tags_field": TAGS,
            "agents_group": self.group,
        }

    def wrong_keys(self) -> dict[str, object]:
        return {**self.keys(), "api_token": f"1-{self.tracker.ids['deskbridge']}-{'0' * 32}"}

    def when(self) -> str:
        return f'{{ field = {{ name = "{FIELD}", value = "requested" }} }}'

    def ask(self, hook: str) -> Sequence[Webhook]:
        self.change(CustomFields={FIELD: "requested"})
        return self.catcher.about(self.ticket_id, 2)[-1:]

    # what people do

    def change(self, **fields: object) -> list[str]:
        """Change the ticket as the agent. What RT says to it."""
        said: list[str] = self.done(self.agent.put(f"{API}/ticket/{self.ticket_id}", json=fields)).json()
        return said

    def close_ticket(self) -> None:
        self.change(Status="resolved")

    def merge_ticket(self) -> str:
        into = self.open_ticket("The same printer")
        self.change(MergeInto=into)
        return into

    # what stands there

    def shown(self, ticket_id: str = "", reader: httpx.Client | None = None) -> dict[str, Any]:
        told: dict[str, Any] = (reader or self.agent).get(f"{API}/ticket/{ticket_id or self.ticket_id}").json()
        return told

    def history(self, ticket_id: str = "", reader: httpx.Client | None = None) -> list[dict[str, Any]]:
        params = {"per_page": "100", "fields": "Type,Creator,TimeTaken,Data"}
        path = f"{API}/ticket/{ticket_id or self.ticket_id}/history"
        rows: list[dict[str, Any]] = self.done((reader or self.agent).get(path, params=params)).json()["items"]
        return rows

    def parts(self, transaction: str, reader: httpx.Client | None = None) -> list[dict[str, Any]]:
        """The attachments of a transaction, each as RT keeps it."""
        asking = reader or self.agent
        listed = self.done(asking.get(f"{API}/transaction/{transaction}/attachments")).json()["items"]
        return [self.done(asking.get(f"{API}/attachment/{row['id']}")).json() for row in listed]

    def source(self, transaction: str) -> str:
        """The HTML of a text as it was sent."""
        [text] = [part for part in self.parts(transaction) if part["ContentType"] == "text/html" and not name_of(part)]
        return content(text).decode()

    def said(self, ticket_id: str = "") -> list[dict[str, Any]]:
        """The comments and letters after the first."""
        return [row for row in self.history(ticket_id) if row["Type"] in ("Comment", "Correspond")]

    def notes(self) -> list[Shown]:
        return [Shown(text_of(self.source(row["id"])), row["Type"] == "Correspond") for row in self.said()]

    def files(self) -> list[File]:
        return [
            File(name_of(part), content(part), row["Type"] == "Correspond")
            for row in self.said()
            for part in self.parts(row["id"])
            if name_of(part)
        ]

    def times(self) -> list[Entry]:
        return [Entry(int(row["TimeTaken"])) for row in self.history() if int(row["TimeTaken"])]

    def value_of(self, name: str) -> object:
        [custom] = [custom for custom in self.shown()["CustomFields"] if custom["name"] == name]
        return custom["values"][0]

    def is_open(self) -> bool:
        return bool(self.shown()["Status"] == "open")

    def opened(self) -> list[Opened]:
        query = f"Creator = 'deskbridge' AND RefersTo = {self.ticket_id}"
        rows = self.done(self.agent.get(f"{API}/tickets", params={"query": query})).json()["items"]
        return [self._opened(str(row["id"])) for row in rows]

    def _opened(self, ticket_id: str) -> Opened:
        text = " ".join(text_of(self.source(row["id"])) for row in self.said(ticket_id))
        return Opened(ticket_id, self.shown(ticket_id)["Subject"], text)


def name_of(part: dict[str, Any]) -> str:
    return str(part.get("Filename") or "")


def content(part: dict[str, Any]) -> bytes:
    return base64.b64decode(re.sub(r"\s", "", part.get("Content") or ""))
