"""The fake Dataverse as a desk for the contract and for the whole bridge."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from bridge.model import Person
from sandbox.faults import Faults
from sandbox.helpdesk.markup import text_of
from tests.connectors.dynamics.fake import CLIENT, SECRET, TENANT, FakeDataverse
from tests.connectors.dynamics.tables import ORGANIZATION, USER
from tests.contract.desk import Entry, File, Opened, ServedDesk, Shown, Webhook
from tests.contract.records import Names, RecordDesk
from tests.contract.served import served

FIELD = "new_remotesession"
AGENT = "44444444-4444-4444-8444-444444444444"


def on_the_portal(text: str) -> bool:
    """Whether a portal's loose search finds the word that makes a note public."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "*web*" in "".join(piece for piece in folded if unicodedata.category(piece) not in ("Mn", "Cf"))


class DynamicsDesk(ServedDesk, RecordDesk):
    kind = "dynamics"
    note_write = ("PATCH", "*/annotations*")
    time_write = ("PATCH", "*/tasks*")
    ticket_write = ("PATCH", "*/annotations*")
    takes_notes_when_closed = True
    a_field = (FIELD, "requested")

    def __init__(self, fake: FakeDataverse, url: str, faults: Faults, client: httpx.Client) -> None:
        super().__init__(url, faults, client)
        self.fake, self.org = fake, fake.org
        self.contact = self.org.add("contacts", fullname="Chris Customer", emailaddress1="customer@example.com")
        self.contact_id = self.contact
        self.set_contact(firstname="Chris", lastname="Customer")
        self.account_id = self.org.add("accounts", name="Example Company", emailaddress1="company@example.com")
        self.told = 0
        self.add_user("Alex Agent", "agent@example.com", id=AGENT, azureactivedirectoryobjectid=f"5{AGENT[1:]}")
        self.second, self.third = (self.add_user(name, f"{name}@example.com") for name in ("second", "third"))
        self.add_user("former", "former@example.com", isdisabled=True)
        self.add_user("application", "", accessmode=4)
        self.ticket_id = self.open_ticket("Printer stuck")
        self.missing_id = "deadbeef-0000-4000-8000-000000000000"
        self._there = set(self.org.tables["incidents"])

    def add_user(self, name: str, email: str, **more: object) -> str:
        told = {"isdisabled": False, "accessmode": 0, "domainname": email, **more}
        return self.org.add("systemusers", fullname=name, internalemailaddress=email, **told)

    def staff(self) -> list[Person]:
        others = [
            Person(name, f"{name}@example.com", identity, username=f"{name}@example.com")
            for name, identity in (("second", self.second), ("third", self.third))
        ]
        email = "agent@example.com"
        agent = Person("Alex Agent", email, AGENT, username=email, sso_id=f"5{AGENT[1:]}")
        return sorted([agent, *others], key=lambda one: one.id)

    def open_ticket(self, title: str) -> str:
        return self.org.add("incidents", title=title, _customerid_value=self.contact, _ownerid_value=AGENT)

    def keys(self) -> dict[str, object]:
        page = f"{self.url}/{TENANT}/oauth2/v2.0/token"
        return {"client_id": CLIENT, "client_secret": SECRET, "token_url": page, "user_id": USER}

    def wrong_keys(self) -> dict[str, object]:
        return {**self.keys(), "client_secret": "not-the-secret"}

    @property
    def case(self) -> dict[str, Any]:
        return self.org.tables["incidents"][self.ticket_id]

    def ask(self, hook: str) -> Sequence[Webhook]:
        self.case[FIELD] = "requested"
        self.case["modifiedon"] = self.org.tick()
        return [self.webhook("Update", [{"key": FIELD, "value": "requested"}])]

    names = Names(
        *("new_remoteaccess", "new_remoteaccessstatus", "new_remoteaccessreason"),
        *("new_computers", "new_remotepcallotted", "new_remotepcused", "firstname", "lastname"),
    )
    missing_contact = "deadbeef-0000-4000-8000-000000000001"
    record_write = ("PATCH", "*/contacts*")

    def contact_value(self, name: str) -> object:
        return self.org.tables["contacts"][self.contact][name]

    def set_contact(self, **values: object) -> None:
        self.org.tables["contacts"][self.contact].update(values)

    def tell_contact(self, hook: str, *, ours: bool = False) -> Webhook:
        del hook
        asks = self.names.asks
        return self._context("contact", self.contact, "Update", [{"key": asks, "value": "x"}], USER if ours else AGENT)

    def when(self) -> str:
        return f'{{ field = {{ name = "{FIELD}", value = "requested" }} }}'

    def webhook(self, message: str, attributes: list[dict[str, object]]) -> Webhook:
        """What an asynchronous step sends about the ticket."""
        return self._context("incident", self.ticket_id, message, attributes, AGENT)

    def _context(
        self, table: str, identity: str, message: str, attributes: list[dict[str, object]], who: str
    ) -> Webhook:
        """The execution context of a step that was caused by that user."""
        target = {"Attributes": attributes, "Id": identity, "LogicalName": table}
        self.told += 1
        number = self.told
        body = {
            "CorrelationId": f"{number:08}-0000-4000-8000-00000000000c",
            "Depth": 1,
            "InitiatingUserId": who,
            "InputParameters": [{"key": "Target", "value": target}],
            "MessageName": message,
            "OperationCreatedOn": "/Date(1772447400000)/",
            "OperationId": f"{number:08}-0000-4000-8000-00000000000a",
            "OrganizationId": ORGANIZATION,
            "PrimaryEntityId": identity,
            "PrimaryEntityName": table,
            "RequestId": None,
            "UserId": who,
        }
        headers = {"Content-Type": "application/json", "X-Deskbridge-Key": self.hook_secret}
        return Webhook(json.dumps(body).encode(), headers)

    # what stands on the ticket

    def rows(self, ticket_id: str = "") -> list[dict[str, Any]]:
        wanted = ticket_id or self.ticket_id
        return [row for row in self.org.tables["annotations"].values() if row["_objectid_value"] == wanted]

    def notes(self) -> list[Shown]:
        return [_shown(row) for row in self.rows() if (row["notetext"] or "") not in ("", "*WEB*")]

    def files(self) -> list[File]:
        return [
            File(row["filename"], base64.b64decode(row["documentbody"]), public=on_the_portal(row["notetext"] or ""))
            for row in self.rows()
            if row["isdocument"]
        ]

    def times(self) -> list[Entry]:
        """Only completed tasks count."""
        tasks = self.org.tables["tasks"].values()
        ours = [row for row in tasks if row["_regardingobjectid_value"] == self.ticket_id]
        return [Entry(row["actualdurationminutes"]) for row in ours if row["statecode"] == 1]

    def value_of(self, name: str) -> object:
        return self.case[name]

    def opened(self) -> list[Opened]:
        made = [(key, row) for key, row in self.org.tables["incidents"].items() if key not in self._there]
        return [Opened(key, row["title"], " ".join(_shown(note).text for note in self.rows(key))) for key, row in made]

    def is_open(self) -> bool:
        return bool(self.case["statecode"] == 0)

    def close_ticket(self) -> None:
        self.case.update(statecode=1, statuscode=5)

    def merge_ticket(self) -> str:
        into = self.open_ticket("All printers stuck")
        self._there.add(into)
        self.org.merge(self.ticket_id, into)
        return into


def _shown(row: dict[str, Any]) -> Shown:
    text = row["notetext"] or ""
    return Shown(text_of(text.removeprefix("*WEB*")), on_the_portal(text))


@contextmanager
def opened(client: httpx.Client) -> Iterator[DynamicsDesk]:
    """The desk of a fake of its own with a case in it, until the block ends."""
    fake = FakeDataverse()
    with served(fake.app) as running:
        yield DynamicsDesk(fake, running.url, running.faults, client)
