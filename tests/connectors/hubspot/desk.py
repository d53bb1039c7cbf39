"""The fake HubSpot with one open ticket, as a desk for the contract."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from bridge.model import Person
from connectors.signatures import HUBSPOT_V3, sign
from connectors.tickets.hubspot import HubSpot
from sandbox.faults import Faults
from tests.connectors.hubspot.fake import APP_ID, MARK_PROPERTY, PORTAL, TOKEN, FakeHubSpot
from tests.contract.desk import File, Opened, ServedDesk, Shown, Webhook
from tests.contract.records import Names, RecordDesk
from tests.contract.served import served


class HubSpotDesk(ServedDesk, RecordDesk):
    kind = "hubspot"
    note_write = ("POST", "*/objects/notes")
    ticket_write = ("POST", "*/objects/tickets")
    takes_notes_when_closed = True
    a_field: ClassVar[tuple[str, object]] = ("asset", "Laptop 7")

    def __init__(self, url: str, faults: Faults, client: httpx.Client, hubspot: FakeHubSpot) -> None:
        super().__init__(url, faults, client)
        self.hubspot = hubspot
        self.ticket = hubspot.open_ticket("Printer stuck")
        self.ticket_id = self.ticket.id
        self.missing_id = "99999999"
        self.told = 0

    def staff(self) -> list[Person]:
        return [Person("Alex Agent", "agent@example.com", "31"), Person("Second Agent", "second@example.com", "32")]

    def keys(self) -> dict[str, object]:
        return {
            "access_token": TOKEN,
            "app_id": APP_ID,
            "properties": ["remote_session", "asset"],
            "pipeline": "0",
            "pipeline_stage": "1",
            "mark_property": MARK_PROPERTY,
        }

    def wrong_keys(self) -> dict[str, object]:
        return {"access_token": "not-the-token"}

    def built(self, **changes: object) -> HubSpot:
        """A connector whose keys differ by these."""
        connector = self.with_keys({**self.keys(), **changes})
        assert isinstance(connector, HubSpot)
        return connector

    names = Names(
        *("remote_access", "remote_access_status", "remote_access_reason"),
        *("computers", "remotepc_allotted", "remotepc_used", "firstname", "lastname"),
    )
    contact_id = "901"
    missing_contact = "99999999"
    account_id = "801"
    record_write = ("PATCH", "*/objects/contacts/*")

    def contact_value(self, name: str) -> object:
        return self.hubspot.contacts[self.contact_id].get(name)

    def set_contact(self, **values: object) -> None:
        self.hubspot.contacts[self.contact_id] |= {name: str(value) for name, value in values.items()}

    def tell_contact(self, hook: str, *, ours: bool = False) -> Webhook:
        return self.tell_record(hook, "contact", self.contact_id, ours=ours)

    def tell_record(self, hook: str, noun: str, number: str, *, ours: bool = False) -> Webhook:
        """What HubSpot sends about a change of the property that asks, of a contact or a company."""
        change = {"propertyName": "remote_access", "propertyValue": "requested"}
        who = {"sourceId": f"appId:{APP_ID}", "changeSource": "INTEGRATION"} if ours else {}
        self.told += 1
        event = told(f"{noun}.propertyChange", number, eventId=self.told, **change, **who)
        body = json.dumps([event]).encode()
        proof = sign(HUBSPOT_V3, self.hook_secret, body, moment=datetime.now(UTC), url=hook)
        return Webhook(body, {"Content-Type": "application/json", **proof})

    def when(self) -> str:
        return '{ field = { name = "remote_session", value = "requested" } }'

    def ask(self, hook: str) -> Sequence[Webhook]:
        self.ticket.properties["remote_session"] = "requested"
        event = {"propertyName": "remote_session", "propertyValue": "requested"}
        body = json.dumps([told("ticket.propertyChange", self.ticket_id, **event)]).encode()
        proof = sign(HUBSPOT_V3, self.hook_secret, body, moment=datetime.now(UTC), url=hook)
        return [Webhook(body, {"Content-Type": "application/json", **proof})]

    def notes(self) -> list[Shown]:
        mine = [note for note in self.hubspot.notes.values() if note.ticket == self.ticket_id]
        return [Shown(text_of(note.body), public=False) for note in mine]

    def files(self) -> list[File]:
        mine = [
            number for note in self.hubspot.notes.values() if note.ticket == self.ticket_id for number in note.files
        ]
        found = [self.hubspot.files[number] for number in mine]
        return [File(one.name, one.content, public=one.access != "PRIVATE") for one in found]

    def value_of(self, name: str) -> object:
        return self.ticket.properties[name]

    def opened(self) -> list[Opened]:
        made = [one for one in self.hubspot.tickets.values() if MARK_PROPERTY in one.properties]
        return [Opened(one.id, one.properties["subject"], one.properties["content"]) for one in made]

    def is_open(self) -> bool:
        return self.ticket.properties["hs_pipeline_stage"] in ("1", "2", "771")

    def close_ticket(self) -> None:
        self.ticket.properties["hs_pipeline_stage"] = "4"

    def merge_ticket(self) -> str:
        return self.hubspot.merge(self.ticket, self.hubspot.open_ticket("The same printer")).id


def told(kind: str, number: str, **more: Any) -> dict[str, Any]:
    """An event as HubSpot tells it."""
    return {
        "eventId": 3816279480,
        "subscriptionId": 22,
        "portalId": PORTAL,
        "appId": APP_ID,
        "occurredAt": 1772447398465,
        "subscriptionType": kind,
        "attemptNumber": 0,
        "objectId": int(number),
        "changeSource": "CRM_UI",
        "sourceId": "userId:31",
        **more,
    }


def text_of(body: str) -> str:
    """A note as its reader sees it."""
    lines = re.sub(r"<(br|/p|/li|/h3)>", "\n", body)
    return html.unescape(re.sub(r"<[^>]*>", "", lines))


@contextmanager
def opened(client: httpx.Client) -> Iterator[HubSpotDesk]:
    """The desk of a fake of its own with a ticket in it, until the block ends."""
    fake = FakeHubSpot()
    with served(fake.app) as running:
        yield HubSpotDesk(running.url, running.faults, client, fake)
