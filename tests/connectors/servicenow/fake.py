"""A fake of a ServiceNow instance: the parts of its Table, Attachment and OAuth API that a session needs, in memory.

It is ours, not the vendor's. It is strict where the vendor is known to be: fields that a user may not write are
ignored with a 200, parts of a query that a table does not know are left out, rows that a user may not read vanish
from pages that were cut before, journals show only in display values, and a sleeping instance answers 200 with a page.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

USERNAME, PASSWORD = "deskbridge.api", "made-up-password"
CLIENT_ID, CLIENT_SECRET = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "made-up-client-secret"
JOURNALS = ("work_notes", "comments")
JOURNAL_LENGTH = 32_000
STAMP = "%Y-%m-%d %H:%M:%S"
STATES = {"1": "New", "2": "In Progress", "3": "On Hold", "6": "Resolved", "7": "Closed", "8": "Canceled"}
SYSTEM = ("sys_id", "sys_created_on", "sys_updated_on", "sys_created_by")
COLUMNS = {
    "incident": (
        *SYSTEM,
        "number",
        "short_description",
        "description",
        "state",
        "active",
        "priority",
        "caller_id",
        "assigned_to",
        "parent",
        "correlation_id",
        "correlation_display",
        "u_remote_session",
        "u_approved",
        "work_notes",
        "comments",
    ),
    "sys_user": (*SYSTEM, "user_name", "name", "email", "active", "federated_id"),
    "sys_user_role": (*SYSTEM, "name"),
    "sys_user_has_role": (*SYSTEM, "user", "role", "state", "inherited"),
    "task_time_worked": (*SYSTEM, "task", "user", "comments", "time_in_seconds", "time_worked", "work_date"),
    "label": (*SYSTEM, "name"),
    "label_entry": (*SYSTEM, "label", "table", "table_key"),
    "sys_journal_field": (*SYSTEM, "element", "element_id", "value"),
}
REFERENCES = {
    "caller_id": "sys_user",
    "assigned_to": "sys_user",
    "user": "sys_user",
    "role": "sys_user_role",
    "label": "label",
}

Row = dict[str, str]


@dataclass
class Entry:
    """One entry of a journal."""

    field: str
    text: str
    by: str


@dataclass
class File:
    sys_id: str
    table: str
    record: str
    name: str
    media_type: str
    content: bytes


@dataclass
class ServiceNow:
    """One instance and its switches."""

    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: {name: {} for name in COLUMNS})
    journals: dict[str, list[Entry]] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    unwritable: set[str] = field(default_factory=set)
    """Fields of tickets that our user may not write: what is sent for them is ignored, without a word."""
    unreadable: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=lambda: {"sys_journal_field"})
    """Tables that our user may not touch: 403."""
    hidden: set[str] = field(default_factory=set)
    """sys_ids of records that our user may not read."""
    closed_refuses: bool = False
    """The instance says 403 for a closed ticket, instead of ignoring what is sent."""
    asleep: bool = False
    callers_see_our_files: bool = False
    """Whether callers can open what our user attached. An administrator has to see to it that they cannot."""
    minutes_from_utc: int = 0
    """The time zone of our user, in which queries are read."""
    now: datetime = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)

    def add(self, table: str, /, **values: str) -> Row:
        """A record, with its system fields."""
        stamp = self.now.strftime(STAMP)
        row = dict.fromkeys(COLUMNS[table], "")
        row |= {"sys_id": uuid.uuid4().hex, "sys_created_on": stamp, "sys_updated_on": stamp, **values}
        self.tables[table][row["sys_id"]] = row
        return row

    def incident(self, subject: str, **values: str) -> Row:
        number = f"INC{10_001 + len(self.tables['incident']):07}"
        defaults = {"number": number, "state": "1", "active": "true", "priority": "3"}
        return self.add("incident", short_description=subject, **{**defaults, **values})

    def label(self, record: Row, name: str) -> None:
        known = [row for row in self.tables["label"].values() if row["name"] == name]
        label = known[0] if known else self.add("label", name=name)
        self.add("label_entry", label=label["sys_id"], table="incident", table_key=record["sys_id"])

    def close(self, record: Row) -> None:
        record |= {"state": "7", "active": "false"}

    # -- reading -------------------------------------------------------------------------------------------------

    def select(self, table: str, query: str) -> list[Row]:
        """Rows by an encoded query. A part that names no field of the table is left out, as the vendor does."""
        rows = list(self.tables[table].values())
        for part in filter(None, query.split("^")):
            if part.startswith("ORDERBY"):
                order = part.removeprefix("ORDERBYDESC").removeprefix("ORDERBY")
                rows.sort(key=lambda row: row.get(order, ""), reverse=part.startswith("ORDERBYDESC"))
                continue
            found = re.fullmatch(r"([a-z_.]+)(>=|=|IN)(.*)", part)
            if not found or not self._knows(table, found[1]):
                continue
            name, operator, wanted = found.groups()
            rows = [row for row in rows if self._fits(self._walked(row, name), operator, wanted)]
        return rows

    def _knows(self, table: str, name: str) -> bool:
        base, _, rest = name.partition(".")
        return base in COLUMNS[table] and (not rest or rest in COLUMNS[REFERENCES[base]])

    def _walked(self, row: Row, name: str) -> str:
        base, _, rest = name.partition(".")
        return self.tables[REFERENCES[base]].get(row[base], {}).get(rest, "") if rest else row[base]

    def _fits(self, content: str, operator: str, wanted: str) -> bool:
        if wanted == "javascript:gs.getUserID()":
            wanted = self.me["sys_id"]
        assert "javascript:" not in wanted, "a value of ours would run as a script"
        if operator == "IN":
            return content in wanted.split(",")
        if operator == ">=":
            local = datetime.strptime(wanted, STAMP).replace(tzinfo=UTC) - timedelta(minutes=self.minutes_from_utc)
            return content >= local.strftime(STAMP)
        return content.casefold() == wanted.casefold()

    @property
    def me(self) -> Row:
        return next(row for row in self.tables["sys_user"].values() if row["user_name"] == USERNAME)

    def told(self, table: str, row: Row, names: Iterable[str], *, both: bool) -> dict[str, Any]:
        """A record as it is answered: unknown fields and those that may not be read are not there."""
        found: dict[str, Any] = {}
        for name in names:
            base, _, rest = name.partition(".")
            if base not in COLUMNS[table] or (table == "incident" and base in self.unreadable):
                continue
            stored = "" if base in JOURNALS and table == "incident" else row[base]
            if rest:
                target = self.tables[REFERENCES[base]].get(stored, {})
                stored = target.get(rest, "")
            shown = stored if rest else self._shown(table, row, base)
            found[name] = {"display_value": shown, "value": stored} if both else stored
        return found

    def _shown(self, table: str, row: Row, name: str) -> str:
        if table == "incident" and name in JOURNALS:
            head = {"work_notes": "Work notes", "comments": "Additional comments"}[name]
            entries = [entry for entry in self.journals.get(row["sys_id"], []) if entry.field == name]
            return "".join(f"2026-03-02 10:30:00 - {one.by} ({head})\n{one.text}\n\n" for one in reversed(entries))
        if table == "incident" and name == "state":
            return STATES.get(row[name], row[name])
        if name in REFERENCES:
            target = self.tables[REFERENCES[name]].get(row[name], {})
            return target.get("name", "")
        return row[name]

    # -- writing -------------------------------------------------------------------------------------------------

    def set(self, table: str, row: Row, values: dict[str, Any]) -> None:
        """Set what may be set, and ignore the rest."""
        closed = table == "incident" and row["state"] == "7"
        for name, content in values.items():
            readonly = name in SYSTEM or name in self.unwritable or (closed and name != "state")
            if name not in COLUMNS[table] or readonly:
                continue
            if table == "incident" and name in JOURNALS:
                text = content.encode("utf-16-le")[: 2 * JOURNAL_LENGTH].decode("utf-16-le", "ignore")
                self.journals.setdefault(row["sys_id"], []).append(Entry(name, text, "Deskbridge"))
            else:
                row[name] = str(content)
        if "state" in values and "state" not in self.unwritable:
            row["active"] = "false" if row["state"] in ("7", "8") else "true"
        row["sys_updated_on"] = self.now.strftime(STAMP)


def fake() -> ServiceNow:
    """An instance with our user, an agent and a customer."""
    state = ServiceNow()
    people = ((USERNAME, "Deskbridge", "bridge@example.com"), ("alex", "Alex Agent", "agent@example.com"))
    for username, name, email in (*people, ("chris", "Chris Customer", "customer@example.com")):
        state.add("sys_user", user_name=username, name=name, email=email, active="true")
    _give_roles(state)
    return state


def _give_roles(state: ServiceNow) -> None:
    """Our user and the agent are agents, the agent twice; somebody who left was one; the customer approves."""
    agent, approver = (state.add("sys_user_role", name=name) for name in ("itil", "approver_user"))
    state.add("sys_user", user_name="former", name="Former Agent", email="former@example.com", active="false")
    users = {row["user_name"]: row for row in state.tables["sys_user"].values()}
    users["alex"]["federated_id"] = "S-7"
    for username in (USERNAME, "alex", "alex", "former"):
        state.add("sys_user_has_role", user=users[username]["sys_id"], role=agent["sys_id"], state="active")
    state.add("sys_user_has_role", user=users["chris"]["sys_id"], role=approver["sys_id"], state="active")
