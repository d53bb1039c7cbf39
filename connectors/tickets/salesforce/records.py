"""Salesforce's contacts and accounts: read, found by e-mail address, changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from bridge.errors import NotFound, Rejected
from bridge.model import CrmRecord, Record
from connectors.bodies import as_text, field_text
from connectors.tickets.salesforce import ids, soql
from connectors.tickets.salesforce.api import SalesforceApi

MOST_FOUND = 50


class _Object(NamedTuple):
    name: str
    prefix: str
    """How its ids begin."""
    usual: tuple[str, ...]


OBJECTS: Mapping[CrmRecord, _Object] = {
    CrmRecord.CONTACT: _Object("Contact", ids.CONTACT, ("Name", "Email", "FirstName", "LastName")),
    CrmRecord.ACCOUNT: _Object("Account", ids.ACCOUNT, ("Name",)),
}
"""An account has no e-mail address unless the organization gave it a field for that."""

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


class Records:
    """The records of one organization, asked for by its API."""

    def __init__(self, api: SalesforceApi) -> None:
        self._api = api

    def fetch(self, kind: CrmRecord, record_id: str, fields: Collection[str]) -> Record:
        asked = soql.equals("Id", _id(kind, record_id))
        rows = list(self._api.query(soql.select(_columns(kind, fields), OBJECTS[kind].name, asked, limit=2)))
        if len(rows) != 1:
            raise NotFound(f"there is no such {kind.value} in Salesforce", code=kind.value)
        return self._record(kind, rows[0])

    def update(self, kind: CrmRecord, record_id: str, fields: Mapping[str, object]) -> None:
        """Set fields by their API name. Salesforce sets all of them or none."""
        if fields:
            for name in fields:
                _checked(name)
            self._api.update(OBJECTS[kind].name, _id(kind, record_id), fields)

    def find(self, kind: CrmRecord, email: str, fields: Collection[str]) -> Sequence[Record]:
        """All contacts with that address: Salesforce keeps no address once."""
        if kind is not CrmRecord.CONTACT:
            raise Rejected("an account in Salesforce has no e-mail address to be found by", code="capability")
        if not email:
            return ()
        asked = soql.select(
            _columns(kind, fields), "Contact", soql.equals("Email", email), order="CreatedDate", limit=MOST_FOUND
        )
        return [self._record(kind, row) for row in self._api.query(asked)]

    def _record(self, kind: CrmRecord, row: Mapping[str, Any]) -> Record:
        fields = {name: field_text(value) for name, value in row.items() if not isinstance(value, dict)}
        record_id = ids.full_id(as_text(row.get("Id")), OBJECTS[kind].prefix)
        return Record(
            kind=kind,
            id=record_id,
            name=fields.get("Name", ""),
            email=fields.get("Email", ""),
            first_name=fields.get("FirstName", ""),
            last_name=fields.get("LastName", ""),
            fields=fields,
            url=f"{self._api.base_url}/{record_id}",
        )


def _columns(kind: CrmRecord, fields: Collection[str]) -> str:
    return ", ".join(dict.fromkeys(["Id", *OBJECTS[kind].usual, *map(_checked, fields)]))


def _checked(name: str) -> str:
    if not _FIELD.fullmatch(name):
        raise Rejected("a field in Salesforce is named by its API name, such as Remote_access__c", code="field-name")
    return name


def _id(kind: CrmRecord, record_id: str) -> str:
    found = ids.full_id(record_id, OBJECTS[kind].prefix)
    if not found:
        raise NotFound(f"this is no id of a Salesforce {kind.value}", code="record-id")
    return found
