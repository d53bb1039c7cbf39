"""What the pretend CRM knows: contacts with their properties, and who changed them last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock

from sandbox.clock import Clock
from sandbox.settings import CrmSettings

PROPERTIES: Mapping[str, str] = {
    "email": "E-mail",
    "firstname": "First name",
    "lastname": "Last name",
    "computers": "Computers wanted",
    "remote_access": "Remote access",
    "remote_access_status": "Status of remote access",
    "remote_access_reason": "Reason",
    "remotepc_allotted": "Computers allotted",
    "remotepc_used": "Computers used",
}
"""Every property of a contact, and what people call it."""
FIRST_ID = 5_000_000_101


class Refused(Exception):
    """A call that is refused with a category, and a code for what is wrong closest."""

    def __init__(self, status: int, category: str, code: str = "") -> None:
        super().__init__(category)
        self.status = status
        self.category = category
        self.code = code


@dataclass(slots=True)
class Contact:
    id: str
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.properties.get('firstname', '')} {self.properties.get('lastname', '')}".strip()


@dataclass(frozen=True, slots=True)
class Change:
    """One property that changed, or a new contact for an empty name."""

    contact: Contact
    property: str
    value: str
    source: str
    """`userId:…` for a person, the app's number for the API."""


class CrmState:
    """One account with one app and one person."""

    def __init__(self, settings: CrmSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.lock = RLock()
        self.base_url = ""
        self.contacts: dict[str, Contact] = {}
        self.on_change: Callable[[Change], None] = lambda change: None

    @property
    def person(self) -> str:
        return "userId:31"

    @property
    def app(self) -> str:
        return str(self.settings.app_id)

    def create(self, properties: Mapping[str, str]) -> Contact:
        """A new contact. Raises Refused for an address that another one has."""
        with self.lock:
            email = properties.get("email", "").strip().lower()
            if not email:
                raise Refused(400, "VALIDATION_ERROR", "REQUIRED_FIELD")
            if self.with_email(email) is not None:
                raise Refused(409, "CONFLICT", "CONTACT_EXISTS")
            contact = Contact(str(FIRST_ID + len(self.contacts)), {**properties, "email": email})
            self.contacts[contact.id] = contact
        self.on_change(Change(contact, "", "", self.person))
        return contact

    def change(self, contact_id: str, properties: Mapping[str, str], source: str) -> Contact:
        """Set properties; only what is new is a change. Raises Refused."""
        with self.lock:
            contact = self.contact(contact_id)
            for name in properties:
                if name not in PROPERTIES:
                    raise Refused(400, "VALIDATION_ERROR", "PROPERTY_DOESNT_EXIST")
            new = {name: value for name, value in properties.items() if contact.properties.get(name, "") != value}
            contact.properties |= new
        for name, value in new.items():
            self.on_change(Change(contact, name, value, source))
        return contact

    def contact(self, contact_id: str) -> Contact:
        found = self.contacts.get(contact_id)
        if found is None:
            raise Refused(404, "OBJECT_NOT_FOUND")
        return found

    def with_email(self, email: str) -> Contact | None:
        wanted = email.strip().lower()
        return next((one for one in self.contacts.values() if one.properties["email"] == wanted), None)
