"""HubSpot's contacts and companies: read, found by e-mail address, changed.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from bridge.errors import AccessDenied, NotFound, Rejected
from bridge.model import CrmRecord, Record
from connectors.answers import object_in, told
from connectors.bodies import as_text, field_text
from connectors.http import Reply
from connectors.ids import checked_number
from connectors.tickets.hubspot import mapping
from connectors.tickets.hubspot.errors import MISSING_SCOPES

OBJECTS: Mapping[CrmRecord, str] = {CrmRecord.CONTACT: "contacts", CrmRecord.ACCOUNT: "companies"}
USUAL: Mapping[CrmRecord, tuple[str, ...]] = {
    CrmRecord.CONTACT: ("email", "firstname", "lastname"),
    CrmRecord.ACCOUNT: ("name", "domain"),
}
"""Properties that are read in any case. A company has no e-mail address of its own."""

Call = Callable[..., Reply]


class Records:
    """The records of one account, asked for with the client's own calls."""

    def __init__(self, read: Call, write: Call) -> None:
        self._read = read
        self._write = write

    def fetch(self, kind: CrmRecord, record_id: str, fields: Collection[str]) -> Record:
        """The record; of a merged one, the one that it lives on in."""
        path = f"{_path(kind)}/{checked_number(record_id, 'HubSpot')}"
        with _scopes_of(kind):
            return _record(kind, self._read("GET", path, params=_asked(kind, fields)))

    def update(self, kind: CrmRecord, record_id: str, fields: Mapping[str, object]) -> None:
        """Set properties. Raises Rejected for one that HubSpot does not have, or whose value it refuses."""
        if not fields:
            return
        path = f"{_path(kind)}/{checked_number(record_id, 'HubSpot')}"
        with _scopes_of(kind):
            self._write("PATCH", path, json={"properties": dict(fields)})

    def find(self, kind: CrmRecord, email: str, fields: Collection[str]) -> Sequence[Record]:
        """The contact with that address, its first one or a further one: HubSpot keeps an address once."""
        if kind is not CrmRecord.CONTACT:
            raise Rejected("a company in HubSpot has no e-mail address to be found by", code="capability")
        if not re.fullmatch(r"[^@\s/]+@[^@\s/]+", email):
            return ()
        path = f"{_path(kind)}/{quote(email, safe='@')}"
        try:
            found = self._read("GET", path, params={**_asked(kind, fields), "idProperty": "email"})
        except NotFound:
            return ()
        return (_record(kind, found),)


def _path(kind: CrmRecord) -> str:
    return f"crm/v3/objects/{OBJECTS[kind]}"


def _asked(kind: CrmRecord, fields: Collection[str]) -> dict[str, str]:
    return {"properties": ",".join(dict.fromkeys([*USUAL[kind], *fields]))}


def _record(kind: CrmRecord, reply: Reply) -> Record:
    record_id, body = told(reply, "id"), object_in(reply)
    fields = {name: field_text(value) for name, value in mapping.properties(body).items()}
    url = as_text(body.get("url"))
    return Record(
        kind=kind,
        id=record_id,
        name=fields.get("name", "") or f"{fields.get('firstname', '')} {fields.get('lastname', '')}".strip(),
        email=fields.get("email", ""),
        first_name=fields.get("firstname", ""),
        last_name=fields.get("lastname", ""),
        fields=fields,
        url=url if url.startswith("https://") else "",
    )


@contextmanager
def _scopes_of(kind: CrmRecord) -> Iterator[None]:
    """Companies have scopes of their own: without them the rest of the connection works on."""
    try:
        yield
    except AccessDenied as denied:
        if kind is CrmRecord.CONTACT or denied.code != MISSING_SCOPES:
            raise
        scopes = "crm.objects.companies.read and crm.objects.companies.write"
        raise Rejected(f"the app in HubSpot lacks the scopes {scopes}", code=MISSING_SCOPES) from None
