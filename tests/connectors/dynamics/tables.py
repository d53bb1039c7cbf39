"""The tables of a fake Dataverse: which columns there are, what they take, and the rows in them.

A fake: written after the vendor's documentation, to be strict where that is.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]

USER = "11111111-1111-4111-8111-111111111111"
ORGANIZATION = "99999999-9999-4999-8999-999999999999"
MAX_UPLOAD = 5_242_880

KEYS = {
    "incidents": "incidentid",
    "annotations": "annotationid",
    "tasks": "activityid",
    "contacts": "contactid",
    "accounts": "accountid",
    "systemusers": "systemuserid",
}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "incidents": {
        "incidentid": "guid",
        "ticketnumber": "read-only",
        "title": "text:200",
        "description": "text:2000",
        "prioritycode": "choice:1,2,3",
        "isescalated": "bool",
        "new_remotesession": "text:100",
        "new_minutes": "int",
        "followupby": "moment",
        "statecode": "state",
        "statuscode": "status",
        "merged": "read-only",
        "createdon": "read-only",
        "modifiedon": "read-only",
        "_masterid_value": "lookup",
        "_parentcaseid_value": "lookup",
        "_customerid_value": "lookup",
        "_primarycontactid_value": "lookup",
        "_ownerid_value": "lookup",
    },
    "annotations": {
        "annotationid": "guid",
        "subject": "text:500",
        "notetext": "text:100000",
        "isdocument": "bool",
        "filename": "text:255",
        "mimetype": "text:256",
        "documentbody": "file",
        "createdon": "read-only",
        "_objectid_value": "lookup",
    },
    "tasks": {
        "activityid": "guid",
        "subject": "text:200",
        "actualdurationminutes": "int",
        "actualstart": "moment",
        "statecode": "state",
        "statuscode": "status",
        "createdon": "read-only",
        "_regardingobjectid_value": "lookup",
    },
    "contacts": {
        "contactid": "guid",
        "fullname": "text:160",
        "firstname": "text:50",
        "lastname": "text:50",
        "emailaddress1": "text:100",
        "new_computers": "int",
        "new_remoteaccess": "text:100",
        "new_remoteaccessstatus": "text:100",
        "new_remoteaccessreason": "text:500",
        "new_remotepcallotted": "int",
        "new_remotepcused": "int",
        "statecode": "state",
        "createdon": "read-only",
    },
    "accounts": {
        "accountid": "guid",
        "name": "text:160",
        "emailaddress1": "text:100",
        "new_remoteaccess": "text:100",
        "statecode": "state",
        "createdon": "read-only",
    },
    "systemusers": {
        "systemuserid": "guid",
        "fullname": "text:200",
        "internalemailaddress": "text:100",
        "domainname": "text:1024",
        "azureactivedirectoryobjectid": "guid",
        "isdisabled": "bool",
        "accessmode": "choice:0,1,2,3,4,5",
    },
}
BINDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "incidents": {
        "customerid_contact": ("_customerid_value", "contacts"),
        "customerid_account": ("_customerid_value", "accounts"),
        "primarycontactid": ("_primarycontactid_value", "contacts"),
        "parentcaseid": ("_parentcaseid_value", "incidents"),
    },
    "annotations": {"objectid_incident": ("_objectid_value", "incidents")},
    "tasks": {"regardingobjectid_incident_task": ("_regardingobjectid_value", "incidents")},
}
"""Navigation property to the lookup's column and the table that it points to; names are case-sensitive."""
STATES = {"incidents": {0: (1, 2, 3, 4), 1: (5, 1000), 2: (6, 2000)}, "tasks": {0: (2, 3, 4, 7), 1: (5,), 2: (6,)}}
LABELS: Mapping[str, Mapping[int, str]] = {
    "prioritycode": {1: "High", 2: "Normal", 3: "Low"},
    "statecode": {0: "Active", 1: "Resolved", 2: "Canceled"},
    "statuscode": {1: "In Progress", 5: "Problem Solved", 6: "Canceled", 2000: "Merged"},
    "isescalated": {True: "Yes", False: "No"},
}


class Refused(Exception):
    """A request that Dataverse answers with an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message}}


@dataclass
class Organisation:
    """All rows by table and id, and what the administrator set."""

    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: {name: {} for name in KEYS})
    notes_when_inactive: bool = True
    parents_when_inactive: bool = True
    duplicate_rule: bool = False
    """A rule of the organisation takes every new case for a duplicate."""
    locked: set[str] = field(default_factory=set)
    """Ids of records that our user may not touch."""
    keep_duration: bool = True
    now: datetime = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

    def tick(self) -> str:
        """Another second, as Dataverse writes moments."""
        self.now += timedelta(seconds=1)
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def row(self, table: str, identity: str) -> Row:
        try:
            return self.tables[table][identity.lower()]
        except KeyError:
            raise Refused(404, "0x80040217", f"{table} With Id = {identity} Does Not Exist") from None

    def add(self, table: str, **values: Any) -> str:
        """A row as if an employee had made it; its id."""
        identity = str(values.pop("id", uuid.uuid4()))
        self.tables[table][identity] = {**self._fresh(table, identity), **values}
        return identity

    def upsert(self, table: str, identity: str, asked: Mapping[str, Any], *, match: str, none_match: str) -> Row:
        """What a PATCH does: without conditions it makes what is not there."""
        there = identity in self.tables[table]
        if there and none_match == "*":
            raise Refused(412, "0x80040237", "A record with matching key values already exists.")
        if not there and match == "*":
            raise Refused(404, "", f"{table} With Id = {identity} Does Not Exist")
        if identity in self.locked or any(
            identity in str(value) for value in asked.values() if identity in self.locked
        ):
            raise Refused(403, "0x80040220", "SecLib::AccessCheckEx failed.")
        values = dict(self._checked(table, asked))
        self._guard(table, self.tables[table].get(identity), values)
        if there:
            self._update(table, self.tables[table][identity], values)
        else:
            self._create(table, identity, values)
        return self.tables[table][identity]

    def merge(self, subordinate: str, target: str) -> None:
        """Deactivate one case into another; its notes move there."""
        values = {"merged": True, "_masterid_value": target, "statecode": 2, "statuscode": 2000}
        self.row("incidents", subordinate).update(values, modifiedon=self.tick())
        for note in self.tables["annotations"].values():
            if note["_objectid_value"] == subordinate:
                note["_objectid_value"] = target

    # parts

    def _fresh(self, table: str, identity: str) -> Row:
        row: Row = dict.fromkeys(COLUMNS[table])
        row |= {KEYS[table]: identity, "createdon": self.tick(), "modifiedon": self.now.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if table in STATES:
            row |= {"statecode": 0, "statuscode": STATES[table][0][0]}
        if table in ("contacts", "accounts"):
            row["statecode"] = 0
        if table == "incidents":
            number = f"CAS-{len(self.tables[table]) + 1001:05}-X1Y2Z3"
            row |= {"merged": False, "prioritycode": 2, "isescalated": False, "ticketnumber": number}
        return row if "modifiedon" in COLUMNS[table] else {k: v for k, v in row.items() if k != "modifiedon"}

    def _create(self, table: str, identity: str, values: Row) -> None:
        if table == "incidents":
            if not values.get("_customerid_value"):
                raise Refused(400, "0x80040333", "You should specify a parent contact or account.")
            if self.duplicate_rule:
                raise Refused(412, "0x80040333", "A record was not created because a duplicate was detected.")
        # A new row is always in its first state, whatever is asked.
        values = {name: value for name, value in values.items() if name not in ("statecode", "statuscode")}
        self.tables[table][identity] = {**self._fresh(table, identity), **values}

    def _update(self, table: str, row: Row, values: Row) -> None:
        if "statecode" in values and values.get("statuscode") not in STATES[table][values["statecode"]]:
            raise Refused(400, "0x80048408", "The status code is not valid for the state.")
        row |= values
        if table == "tasks" and values.get("statecode") == 1 and not self.keep_duration:
            row["actualdurationminutes"] = 0
        if "modifiedon" in row:
            row["modifiedon"] = self.tick()

    def _guard(self, table: str, row: Row | None, values: Row) -> None:
        """Inactive rows are read-only until they are activated again."""
        if row and row.get("statecode") and values.get("statecode") != 0:
            raise Refused(400, "0x80040203", "The record is read-only.")
        case = values.get("_objectid_value")
        if case and not self.notes_when_inactive and self.row("incidents", case)["statecode"]:
            raise Refused(400, "0x80040203", "The case is read-only.")
        parent = values.get("_parentcaseid_value")
        if parent:
            above = self.row("incidents", parent)
            if above["_parentcaseid_value"] or (above["statecode"] and not self.parents_when_inactive):
                raise Refused(400, "0x80060001", "This case cannot be the parent of another one.")

    def _checked(self, table: str, asked: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, value in asked.items():
            if name.endswith("@odata.bind"):
                yield self._bound(table, name.removesuffix("@odata.bind"), value)
                continue
            kind = COLUMNS[table].get(name)
            if kind is None or kind == "lookup":
                raise Refused(400, "0x80048d19", f"The property '{name}' does not exist on type.")
            if kind in ("read-only", "guid"):
                continue  # ignored without a word
            yield name, _typed(name, kind, value)

    def _bound(self, table: str, name: str, value: object) -> tuple[str, str]:
        found = BINDS.get(table, {}).get(name)
        target = re.fullmatch(r"/?(\w+)\(([0-9a-f-]{36})\)", str(value))
        if found is None or target is None or target[1] != found[1]:
            raise Refused(400, "0x80048d19", f"An undeclared property '{name}' was found.")
        self.row(target[1], target[2])
        return found[0], target[2]


def _typed(name: str, kind: str, value: Any) -> Any:
    """The value, if the column takes it."""
    word, _, detail = kind.partition(":")
    number = isinstance(value, int) and not isinstance(value, bool)
    fits = {
        "text": isinstance(value, str),
        "file": isinstance(value, str),
        "bool": isinstance(value, bool),
        "moment": isinstance(value, str) and bool(re.match(r"\d{4}-\d\d-\d\dT", value)),
    }.get(word, number)
    if value is not None and not fits:
        raise Refused(400, "0x80048d19", f"Cannot convert the literal '{value}' to the expected type of {name}.")
    if word == "text" and value is not None and len(value.encode("utf-16-le")) // 2 > int(detail):
        raise Refused(400, "0x80044331", f"A validation error occurred. The length of '{name}' exceeds the maximum.")
    if word == "choice" and value is not None and str(value) not in detail.split(","):
        raise Refused(400, "0x8004431a", f"The value {value} of '{name}' is outside the valid range.")
    if word == "file" and value is not None and len(value) > MAX_UPLOAD:
        raise Refused(400, "0x80044a02", "Attachment file size is too big.")
    return value
