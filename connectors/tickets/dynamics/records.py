"""Dataverse's contacts and accounts: read, found by e-mail address, changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from bridge.errors import NotFound, Rejected
from bridge.model import CrmRecord, Record
from connectors.answers import object_in, told
from connectors.tickets.dynamics import mapping
from connectors.tickets.dynamics.wire import ANNOTATED, Dataverse

EMAIL = "emailaddress1"


class _Table(NamedTuple):
    name: str
    key: str
    shown: str
    """The column that people call a row by."""
    usual: tuple[str, ...]


TABLES: Mapping[CrmRecord, _Table] = {
    CrmRecord.CONTACT: _Table("contacts", "contactid", "fullname", ("firstname", "lastname", EMAIL)),
    CrmRecord.ACCOUNT: _Table("accounts", "accountid", "name", (EMAIL,)),
}

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


class Records:
    """The records of one organisation."""

    def __init__(self, api: Dataverse) -> None:
        self._api = api

    def fetch(self, kind: CrmRecord, record_id: str, fields: Collection[str]) -> Record:
        table = TABLES[kind]
        path = f"{table.name}({_id(kind, record_id)})"
        reply = self._api.get(path, params={"$select": _columns(table, fields)}, prefer=ANNOTATED)
        told(reply, table.key)
        return self._record(kind, object_in(reply))

    def update(self, kind: CrmRecord, record_id: str, fields: Mapping[str, object]) -> None:
        """Set columns. Raises Rejected for what was refused or ignored, NotFound where there is no such record."""
        if not fields:
            return
        table, columns, record = TABLES[kind], mapping.columns(fields), _id(kind, record_id)
        select = ",".join([table.key, *columns])
        before = object_in(self._api.get(f"{table.name}({record})", params={"$select": select}))
        after = self._api.update(table.name, record, fields, select)
        ignored = list(mapping.not_set(fields, before, after))
        if ignored:
            raise Rejected(f"Dataverse ignored {', '.join(ignored)}", code="ignored-field")

    def find(self, kind: CrmRecord, email: str, fields: Collection[str]) -> Sequence[Record]:
        """All active contacts or accounts with that address."""
        if not email:
            return ()
        table = TABLES[kind]
        query = {
            "$select": _columns(table, fields),
            "$filter": f"{EMAIL} eq {mapping.quoted(email)} and statecode eq {mapping.ACTIVE}",
            "$orderby": "createdon asc",
        }
        return [self._record(kind, row) for row in self._api.rows(table.name, query)]

    def _record(self, kind: CrmRecord, row: Mapping[str, Any]) -> Record:
        table = TABLES[kind]
        fields = mapping.fields(row)
        record_id = str(row[table.key]).lower()
        page = f"main.aspx?pagetype=entityrecord&etn={kind.value}&id={record_id}"
        return Record(
            kind=kind,
            id=record_id,
            name=fields.get(table.shown, ""),
            email=fields.get(EMAIL, ""),
            first_name=fields.get("firstname", ""),
            last_name=fields.get("lastname", ""),
            fields=fields,
            url=f"{self._api.base_url.rstrip('/')}/{page}",
        )


def _columns(table: _Table, fields: Collection[str]) -> str:
    for name in fields:
        if not _COLUMN.fullmatch(name):
            raise Rejected("a column in Dataverse is named by its logical name", code="field-name")
    return ",".join(dict.fromkeys([table.key, table.shown, *table.usual, *fields]))


def _id(kind: CrmRecord, record_id: str) -> str:
    if not re.fullmatch(mapping.GUID, record_id):
        raise NotFound(f"this is no id of a {kind.value} in Dataverse", code="record-id")
    return record_id.lower()
