"""A fake of one Salesforce organization: its records, strict where the real one is strict, and with its traps.

It is ours, written from Salesforce's documentation; nothing of it was compared with a real organization.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.connectors.salesforce.soql import Query, Refused, Row, holds, parse, record

ORGANIZATION = "00D5g000004ABCdEAO"
CLIENT_ID = "3MVG9.made-up-consumer-key"
CLIENT_SECRET = "made-up-consumer-secret"
REFRESH_TOKEN = "5Aep.made-up-refresh-token"
USERNAME = "bridge@acme.example.com"
VERSION = "v62.0"

UNFILTERABLE = {"CommentBody", "Body", "Description", "Comments"}
READ_ONLY = {"Id", "CaseNumber", "IsClosed", "IsDeleted", "CreatedDate", "CreatedById", "SystemModstamp"}
RELATIONS = {"Contact": ("Contact", "ContactId"), "Owner": ("User", "OwnerId"), "Parent": ("Case", "ParentId")}
COLUMNS: Mapping[str, Sequence[str]] = {
    "Case": [
        "Id",
        "IsDeleted",
        "MasterRecordId",
        "CaseNumber",
        "ContactId",
        "ContactEmail",
        "SuppliedName",
        "SuppliedEmail",
        "ParentId",
        "Subject",
        "Status",
        "Priority",
        "Description",
        "IsClosed",
        "OwnerId",
        "Comments",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
        "Remote_session__c",
        "Asset__c",
    ],
    "CaseComment": ("Id", "ParentId", "CommentBody", "IsPublished", "CreatedDate", "CreatedById", "IsDeleted"),
    "CaseFeed": ("Id", "ParentId", "Body", "Type", "Visibility", "CreatedDate", "CreatedById", "IsDeleted"),
    "ContentVersion": [
        "Id",
        "ContentDocumentId",
        "Title",
        "PathOnClient",
        "Description",
        "Checksum",
        "IsLatest",
        "FileExtension",
        "CreatedDate",
        "IsDeleted",
    ],
    "ContentDocumentLink": ("Id", "ContentDocumentId", "LinkedEntityId", "ShareType", "Visibility", "IsDeleted"),
    "Contact": [
        *("Id", "Name", "FirstName", "LastName", "Email", "CreatedDate", "IsDeleted"),
        *("Computers__c", "Remote_access__c", "Remote_access_status__c", "Remote_access_reason__c"),
        *("RemotePC_allotted__c", "RemotePC_used__c"),
    ],
    "Account": ["Id", "Name", "Admin_email__c", "Remote_access__c", "CreatedDate", "IsDeleted"],
    "User": ("Id", "Name", "Email", "Username", "FederationIdentifier", "IsActive", "UserType", "IsDeleted"),
    "CaseStatus": ("Id", "ApiName", "IsDefault", "IsClosed", "SortOrder", "IsDeleted"),
}
PREFIXES = {
    "Case": "500",
    "CaseComment": "00a",
    "CaseFeed": "0D5",
    "ContentVersion": "068",
    "ContentDocument": "069",
    "ContentDocumentLink": "06A",
    "Contact": "003",
    "Account": "001",
    "User": "005",
    "CaseStatus": "0Zz",
}
SETTABLE = {
    "Case": {"Subject", "Status", "Priority", "Description", "Comments", "ParentId", "ContactId", "OwnerId"}
    | {"SuppliedName", "SuppliedEmail", "Remote_session__c", "Asset__c"},
    "CaseComment": {"ParentId", "CommentBody", "IsPublished"},
    "Contact": {"FirstName", "LastName", "Email", "Computers__c", "Remote_access__c", "Remote_access_status__c"}
    | {"Remote_access_reason__c", "RemotePC_allotted__c", "RemotePC_used__c"},
    "Account": {"Name", "Admin_email__c", "Remote_access__c"},
    "FeedItem": {"ParentId", "Body", "Type", "Visibility", "IsRichText"},
    "ContentDocumentLink": {"ContentDocumentId", "LinkedEntityId", "ShareType", "Visibility"},
    "ContentVersion": {"Title", "PathOnClient", "Description"},
}
LENGTHS = {"Subject": 255, "SuppliedName": 80, "Title": 255, "PathOnClient": 500, "Asset__c": 40}


@dataclass
class Organization:
    public_key: str
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    contents: dict[str, bytes] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    page_size: int = 3
    used: int = 18
    limit: int = 15_000
    hard_limit: int = 10**9
    merges: bool = True
    """Whether case merge is switched on; without it there is no MasterRecordId."""
    forced_visibility: str = ""
    """What every link of a file becomes, whatever was asked for."""
    refusal: tuple[str, int] | None = None
    """Code and status that the next change is refused with."""
    audience: str = ""
    asked: list[str] = field(default_factory=list)
    """Every query."""
    now: datetime = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    counter: int = 0
    pages: dict[str, tuple[list[Row], int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.us = self.add_user("Deskbridge", "bridge@example.com", USERNAME)
        self.agent = self.add_user("Alex Agent", "agent@example.com", "alex@x", FederationIdentifier="S-7")
        self.add_user("Former", "former@example.com", "former@x", IsActive=False)
        self.add_user("Portal", "portal@example.com", "portal@x", UserType="CspLitePortal")
        named = {"Name": "Chris Customer", "FirstName": "Chris", "LastName": "Customer"}
        self.customer = self.add("Contact", **named, Email="customer@example.com")["Id"]
        self.account = self.add("Account", Name="Example Company")["Id"]
        for order, (name, default, closed) in enumerate(
            [("Closed", False, True), ("Working", False, False), ("New", True, False)]
        ):
            self.add("CaseStatus", ApiName=name, IsDefault=default, IsClosed=closed, SortOrder=order)

    # records

    def new_id(self, kind: str) -> str:
        self.counter += 1
        return long_id(f"{PREFIXES[kind]}5g00000{self.counter:04d}AbC"[:15])

    def add(self, kind: str, **fields: Any) -> Row:
        self.now += timedelta(seconds=1)
        row: Row = dict.fromkeys(COLUMNS[kind])
        row |= {"Id": self.new_id(kind), "IsDeleted": False, "CreatedDate": self.now, **fields}
        self.tables[kind].append(row)
        return row

    def add_user(self, name: str, email: str, username: str, **more: Any) -> str:
        told = {"IsActive": True, "UserType": "Standard", **more}
        return str(self.add("User", Name=name, Email=email, Username=username, **told)["Id"])

    def open_case(self, subject: str, by: str = "", **fields: Any) -> Row:
        by = by or self.agent
        who = {"CreatedById": by, "LastModifiedById": by, "OwnerId": self.agent}
        base = {"Subject": subject, "Status": "New", "IsClosed": False, "Priority": "Low", "Remote_session__c": False}
        row = self.add("Case", **base, **who, **fields)
        row["CaseNumber"] = f"{len(self.tables['Case']) + 1025:08d}"
        row["LastModifiedDate"] = row["SystemModstamp"] = row["CreatedDate"]
        return row

    def find(self, kind: str, record_id: object) -> Row | None:
        return next((row for row in self.tables[kind] if row["Id"] == record_id), None)

    def alive(self, kind: str, record_id: object, code: str = "INVALID_CROSS_REFERENCE_KEY") -> Row:
        row = self.find(kind, record_id)
        if row is None:
            raise Refused(code, 404 if code == "NOT_FOUND" else 400)
        if row["IsDeleted"]:
            raise Refused("ENTITY_IS_DELETED", 400 if code != "NOT_FOUND" else 404)
        return row

    def merge(self, loser: Row, master: Row, *, keep: bool) -> None:
        loser["MasterRecordId"], loser["IsDeleted"] = master["Id"], not keep
        for row in (*self.tables["CaseComment"], *self.tables["CaseFeed"]):
            if row["ParentId"] == loser["Id"]:
                row["ParentId"] = master["Id"]

    # what people and programs ask

    def answer(self, text: str, *, deleted: bool) -> list[Row]:
        self.asked.append(text)
        query = parse(text)
        if query.source not in COLUMNS:
            raise Refused("INVALID_TYPE")
        columns = self._columns(query)
        for name in (*columns, *(c["field"] for c in query.conditions), *(o for o, _ in query.order)):
            self._known(query.source, name)
        if {c["field"] for c in query.conditions} & UNFILTERABLE:
            raise Refused("INVALID_FIELD")
        if query.source == "ContentDocumentLink" and not {c["field"] for c in query.conditions} & {
            "Id",
            "ContentDocumentId",
            "LinkedEntityId",
        }:
            raise Refused("MALFORMED_QUERY")
        rows = [
            row
            for row in self.tables[query.source]
            if (deleted or not row["IsDeleted"])
            and all(holds(c, row, lambda r, n: self._value(query.source, r, n), self.now) for c in query.conditions)
        ]
        for name, down in reversed(query.order):
            rows.sort(key=lambda row: str(self._value(query.source, row, name)), reverse=down)
        return [
            record(query.source, {name: self._value(query.source, row, name) for name in columns})
            for row in rows[: query.limit]
        ]

    def _columns(self, query: Query) -> list[str]:
        whole = [name for name in COLUMNS[query.source] if name != "MasterRecordId" or self.merges]
        kinds = {"FIELDS(ALL)": whole, "FIELDS(STANDARD)": [name for name in whole if not name.endswith("__c")]}
        return [name for column in query.columns for name in kinds.get(column, [column])]

    def _known(self, source: str, name: str) -> None:
        relation, dot, inside = name.partition(".")
        if dot:
            if relation not in RELATIONS or RELATIONS[relation][1] not in COLUMNS[source]:
                raise Refused("INVALID_FIELD")
            self._known(RELATIONS[relation][0], inside)
        elif name not in COLUMNS[source] or (name == "MasterRecordId" and not self.merges):
            raise Refused("INVALID_FIELD")

    def _value(self, source: str, row: Row, name: str) -> Any:
        relation, dot, inside = name.partition(".")
        if not dot:
            return row[name]
        kind, key = RELATIONS[relation]
        other = self.find(kind, row[key])
        return self._value(kind, other, inside) if other else None

    # what programs change

    def create(self, kind: str, fields: Mapping[str, Any]) -> str:
        self._check(kind, fields)
        makers: dict[str, Callable[[Mapping[str, Any]], Row]] = {
            "Case": self._make_case,
            "CaseComment": self._make_comment,
            "FeedItem": self._make_post,
            "ContentDocumentLink": self._make_link,
        }
        return str(makers[kind](fields)["Id"])

    def _make_case(self, fields: Mapping[str, Any]) -> Row:
        if fields.get("ParentId"):
            self.alive("Case", fields["ParentId"])
        if fields.get("ContactId"):
            self.alive("Contact", fields["ContactId"])
        if "@" not in fields.get("SuppliedEmail", "@"):
            raise Refused("INVALID_EMAIL_ADDRESS", 400, "SuppliedEmail")
        plain = {name: value for name, value in fields.items() if name != "Comments"}
        row = self.open_case(plain.pop("Subject", ""), by=self.us, **plain)
        if fields.get("Comments"):
            self._make_comment({"ParentId": row["Id"], "CommentBody": fields["Comments"]})
        return row

    def _make_comment(self, fields: Mapping[str, Any]) -> Row:
        self.alive("Case", fields.get("ParentId"))
        # As Salesforce's help says: HTML encoding counts.
        if len(html.escape(fields["CommentBody"]).encode()) > 4_000:
            raise Refused("STRING_TOO_LONG", 400, "CommentBody")
        return self.add("CaseComment", **{"IsPublished": False, **fields}, CreatedById=self.us)

    def _make_post(self, fields: Mapping[str, Any]) -> Row:
        self.alive("Case", fields.get("ParentId"))
        if len(fields["Body"].encode("utf-16-le")) > 20_000:
            raise Refused("STRING_TOO_LONG", 400, "Body")
        return self.add("CaseFeed", **{"Visibility": "AllUsers", **fields}, CreatedById=self.us)

    def _make_link(self, fields: Mapping[str, Any]) -> Row:
        self.alive("Case", fields["LinkedEntityId"])
        pair = fields["ContentDocumentId"], fields["LinkedEntityId"]
        if pair[0] not in {row["ContentDocumentId"] for row in self.tables["ContentVersion"]}:
            raise Refused("INVALID_CROSS_REFERENCE_KEY")
        if pair in {(row["ContentDocumentId"], row["LinkedEntityId"]) for row in self.links()}:
            raise Refused("DUPLICATE_VALUE")
        if fields.get("ShareType") not in ("V", "C", "I"):
            raise Refused("REQUIRED_FIELD_MISSING", 400, "ShareType")
        shown = {"Visibility": "AllUsers", **fields}
        if self.forced_visibility:
            shown["Visibility"] = self.forced_visibility
        return self.add("ContentDocumentLink", **shown)

    def links(self) -> list[Row]:
        return [row for row in self.tables["ContentDocumentLink"] if not row["IsDeleted"]]

    def upload(self, fields: Mapping[str, Any], content: bytes) -> str:
        self._check("ContentVersion", fields)
        if not fields.get("PathOnClient"):
            raise Refused("REQUIRED_FIELD_MISSING", 400, "PathOnClient")
        stem, _, ending = fields["PathOnClient"].rpartition(".")
        row = self.add(
            "ContentVersion",
            **{"Title": stem, **fields},
            ContentDocumentId=self.new_id("ContentDocument"),
            Checksum=hashlib.md5(content).hexdigest(),
            IsLatest=True,
            FileExtension=ending if stem else None,
        )
        self.contents[row["ContentDocumentId"]] = content
        return str(row["Id"])

    def update(self, kind: str, record_id: str, fields: Mapping[str, Any]) -> None:
        row = self.alive(kind, record_id, "NOT_FOUND")
        locked = READ_ONLY & fields.keys()
        if locked:
            raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE", 400, *sorted(locked))
        self._check(kind, fields)
        row.update(fields)
        if "Status" in fields:
            statuses = {status["ApiName"]: status["IsClosed"] for status in self.tables["CaseStatus"]}
            row["IsClosed"] = bool(statuses.get(fields["Status"], False))  # an unknown word is taken as an open one
        self.now += timedelta(seconds=1)
        row["LastModifiedById"], row["SystemModstamp"] = self.us, self.now

    def _check(self, kind: str, fields: Mapping[str, Any]) -> None:
        if self.refusal:
            (code, status), self.refusal = self.refusal, None
            raise Refused(code, status, message="what somebody typed")
        if fields.keys() - SETTABLE[kind]:
            raise Refused("INVALID_FIELD", message=f"No such column '{min(fields.keys() - SETTABLE[kind])}'")
        for name, value in fields.items():
            if name in LENGTHS and isinstance(value, str) and len(value) > LENGTHS[name]:
                raise Refused("STRING_TOO_LONG", 400, name, message=str(value))
            if name == "Remote_session__c" and not isinstance(value, bool):
                raise Refused("JSON_PARSER_ERROR")


def long_id(short: str) -> str:
    """The 18 characters of a 15-character id."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    groups = [short[0:5], short[5:10], short[10:15]]
    return short + "".join(digits[sum(2**i for i in range(5) if group[i].isupper())] for group in groups)
