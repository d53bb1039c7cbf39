"""The fake organization as a desk for the contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import httpx

from bridge.model import Person
from connectors.tickets.salesforce import Salesforce
from sandbox.faults import Faults
from tests.connectors.salesforce.fake import CLIENT_ID, USERNAME, Organization, long_id
from tests.connectors.salesforce.keys import private_key, public_key
from tests.connectors.salesforce.soap import message, notification
from tests.connectors.salesforce.soql import Row
from tests.connectors.salesforce.wire import app
from tests.contract.desk import File, Opened, ServedDesk, Shown, Webhook
from tests.contract.records import Names, RecordDesk
from tests.contract.served import served


class SalesforceDesk(ServedDesk, RecordDesk):
    kind = "salesforce"
    note_write = ("POST", "*/sobjects/CaseComment")
    ticket_write = ("POST", "*/sobjects/Case")
    takes_notes_when_closed = True
    a_field = ("Priority", "High")

    def __init__(self, url: str, faults: Faults, client: httpx.Client, org: Organization) -> None:
        super().__init__(url, faults, client)
        self.org = org
        org.audience = url
        self.contact_id, self.account_id = str(org.customer), str(org.account)
        self.case = org.open_case("Printer stuck", ContactId=org.customer, ContactEmail="customer@example.com")
        self.ticket_id: str = self.case["Id"]
        self.missing_id = long_id("5005g00000ZzZzZ")
        self.sent = 0

    def staff(self) -> list[Person]:
        bridge = Person("Deskbridge", "bridge@example.com", self.org.us, username=USERNAME)
        agent = Person("Alex Agent", "agent@example.com", self.org.agent, username="alex@x", sso_id="S-7")
        return sorted([bridge, agent], key=lambda one: one.id)

    def keys(self) -> dict[str, object]:
        return {
            "client_id": CLIENT_ID,
            "username": USERNAME,
            "private_key": private_key(),
            "login_url": self.url,
            "user_id": self.org.us,
        }

    def wrong_keys(self) -> dict[str, object]:
        return {**self.keys(), "private_key": private_key("a stranger's")}

    def built(self, **keys: object) -> Salesforce:
        made = self.with_keys({**self.keys(), **keys}, self.hook_secret)
        assert isinstance(made, Salesforce)
        return made

    def ask(self, hook: str) -> Sequence[Webhook]:
        del hook
        self.case["Remote_session__c"] = True
        self.sent += 1
        fields = {"Id": self.ticket_id, "LastModifiedById": self.org.agent, "Status": "New"}
        body = message(notification(self.sent, "Case", fields))
        return [Webhook(body, {"content-type": "text/xml; charset=utf-8"}, f"key={self.hook_secret}")]

    names = Names(
        *("Remote_access__c", "Remote_access_status__c", "Remote_access_reason__c"),
        *("Computers__c", "RemotePC_allotted__c", "RemotePC_used__c", "FirstName", "LastName"),
    )
    missing_contact = long_id("0035g00000ZzZzZ")
    record_write = ("PATCH", "*/sobjects/Contact/*")

    def contact_value(self, name: str) -> object:
        return self.org.alive("Contact", self.contact_id)[name]

    def set_contact(self, **values: object) -> None:
        self.org.alive("Contact", self.contact_id).update(values)

    def tell_contact(self, hook: str, *, ours: bool = False) -> Webhook:
        del hook
        self.sent += 1
        who = self.org.us if ours else self.org.agent
        fields = {"Id": self.contact_id, "LastModifiedById": who, "LastModifiedDate": "2026-03-02T10:30:00.000Z"}
        body = message(notification(self.sent, "Contact", fields))
        return Webhook(body, {"content-type": "text/xml; charset=utf-8"}, f"key={self.hook_secret}")

    def when(self) -> str:
        return '{ field = { name = "Remote_session__c", value = "true" } }'

    def notes(self) -> list[Shown]:
        return [Shown(row["CommentBody"], row["IsPublished"]) for row in self._of("CaseComment", self.ticket_id)]

    def posts(self) -> list[Shown]:
        return [Shown(row["Body"], row["Visibility"] == "AllUsers") for row in self._of("CaseFeed", self.ticket_id)]

    def close_ticket(self) -> None:
        self.case["Status"], self.case["IsClosed"] = "Closed", True

    def files(self) -> list[File]:
        return [self._file(link) for link in self.org.links() if link["LinkedEntityId"] == self.ticket_id]

    def _file(self, link: Row) -> File:
        [version] = [
            row for row in self.org.tables["ContentVersion"] if row["ContentDocumentId"] == link["ContentDocumentId"]
        ]
        ending = f".{version['FileExtension']}" if version["FileExtension"] else ""
        content = self.org.contents[link["ContentDocumentId"]]
        return File(f"{version['Title']}{ending}", content, public=link["Visibility"] != "InternalUsers")

    def value_of(self, name: str) -> object:
        return self.case[name]

    def opened(self) -> list[Opened]:
        made = [row for row in self.org.tables["Case"] if row["CreatedById"] == self.org.us]
        return [Opened(row["Id"], row["Subject"], self._text(row["Id"])) for row in made]

    def _text(self, case_id: str) -> str:
        return "\n".join(row["CommentBody"] for row in self._of("CaseComment", case_id))

    def _of(self, kind: str, case_id: str) -> list[Row]:
        return [row for row in self.org.tables[kind] if row["ParentId"] == case_id and not row["IsDeleted"]]

    def is_open(self) -> bool:
        return not self.case["IsClosed"]

    def merge_ticket(self) -> str:
        master = self.org.open_case("Printer on fire")
        self.org.merge(self.case, master, keep=False)
        return str(master["Id"])


D = TypeVar("D", bound=SalesforceDesk)


@contextmanager
def serving(kind: type[D], client: httpx.Client) -> Iterator[D]:
    """A desk over a fake organization of its own, until the block ends."""
    org = Organization(public_key())
    with served(app(org)) as running:
        yield kind(running.url, running.faults, client, org)
