"""The state of a pretend Jira Cloud site, and the rules by which it changes. A fake: no part of it is Atlassian's."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
LENGTH = 32_767
NOT_ON_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
MAY_NOT_COMMENT = "You do not have the permission to comment on this issue."

AGENT = "712020:5d1f0c1a-0000-4000-8000-00000000a9e7"
CUSTOMER = "qm:9b1de000-0000-4000-8000-00000000c057"
COLLEAGUE = "5b10a2844c20165700ede21g"

BLOCKS = {
    "doc": ("paragraph", "heading", "bulletList", "codeBlock", "mediaGroup"),
    "paragraph": ("text", "hardBreak"),
    "heading": ("text", "hardBreak"),
    "bulletList": ("listItem",),
    "listItem": ("paragraph",),
    "codeBlock": ("text",),
    "mediaGroup": ("media",),
    "text": (),
    "hardBreak": (),
    "media": (),
}


class Refused(Exception):
    """An answer of Jira's that is no success."""

    def __init__(self, status: int, messages: list[str] | None = None, errors: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = {"errorMessages": messages or [], "errors": errors or {}}


@dataclass
class Upload:
    id: str
    name: str
    content: bytes
    author: str = AGENT


@dataclass
class Comment:
    id: str
    author: str
    body: dict[str, Any]
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def public(self) -> bool:
        told = self.properties.get("sd.public.comment") or {}
        return not told.get("internal", False)

    def media(self) -> set[str]:
        """Names of the files that it shows."""
        return {part["attrs"]["alt"] for block in self.body["content"] for part in block.get("content", [])
                if part["type"] == "media"}  # fmt: skip


@dataclass
class Worklog:
    id: str
    seconds: int
    comment: dict[str, Any]
    properties: dict[str, Any]


@dataclass
class Issue:
    id: str
    key: str
    fields: dict[str, Any]
    properties: dict[str, Any] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    worklogs: list[Worklog] = field(default_factory=list)
    files: list[Upload] = field(default_factory=list)
    status: str = "Waiting for support"
    archived: bool = False
    commentable: bool = True
    is_request: bool = True
    creator: str = AGENT
    links: list[tuple[str, str]] = field(default_factory=list)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def project(self) -> str:
        return self.key.rpartition("-")[0]


def option(name: str, *values: str) -> dict[str, Any]:
    custom = "com.atlassian.jira.plugin.system.customfieldtypes:select"
    return {"name": name, "schema": {"type": "option", "custom": custom}, "allowed": values}


def custom(name: str, kind: str, plugin: str, **more: Any) -> dict[str, Any]:
    schema = {"type": kind, "custom": f"com.atlassian.jira.plugin.system.customfieldtypes:{plugin}", **more}
    return {"name": name, "schema": schema}


def system(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "schema": {"type": kind, "system": name.lower(), **more}}


SCREEN: dict[str, dict[str, Any]] = {
    "summary": system("Summary", "string"),
    "description": system("Description", "string"),
    "priority": {**system("Priority", "priority"), "allowed": ("High", "Medium", "Low")},
    "assignee": system("Assignee", "user"),
    "labels": system("Labels", "array", items="string"),
    "components": {**system("Components", "array", items="component"), "allowed": ("Printers", "Laptops")},
    "duedate": system("Due date", "date"),
    "customfield_10050": option("Remote session", "requested", "running", "done"),
    "customfield_10051": custom("Asset", "string", "textfield"),
    "customfield_10052": custom("Report", "string", "textarea"),
    "customfield_10053": custom("Minutes", "number", "float"),
    "customfield_10054": custom("Technician", "user", "userpicker"),
    "customfield_10055": custom("Done at", "datetime", "datetime"),
    "customfield_10056": custom("Kinds", "array", "multiselect", items="option"),
    "customfield_10057": custom("Twin", "string", "textfield"),
    "customfield_10058": custom("Twin", "string", "textfield"),
    "customfield_10099": custom("Ignored by Jira", "string", "textfield"),
}
STATUSES = {
    "Waiting for support": "indeterminate",
    "In progress": "indeterminate",
    "Resolved": "done",
    "Closed": "done",
}
LOCKED = "Closed"
"""In the pretend workflow this status has `jira.issue.editable` = false."""


class Site:
    """One site with a service project DESK and a software project OPS."""

    def __init__(self) -> None:
        self.issues: dict[str, Issue] = {}
        self.keys: dict[str, str] = {}
        self.numbers = {"DESK": 16, "OPS": 0}
        self.counter = 10_000
        self.temporary: dict[str, Upload] = {}
        self.users = {
            AGENT: {"accountId": AGENT, "displayName": "Deskbridge", "emailAddress": "bridge@example.com"},
            CUSTOMER: {"accountId": CUSTOMER, "displayName": "Chris Customer", "emailAddress": "customer@example.com"},
            COLLEAGUE: {"accountId": COLLEAGUE, "displayName": "Alex Agent", "emailAddress": "alex@example.com"},
        }
        self.account_type = "atlassian"
        self.lagging = False
        """While true, what is made or changed does not get into the search."""
        self.index: dict[str, dict[str, Any]] = {}
        self.transitions = {
            "Waiting for support": [("11", "Start", "In progress"), ("21", "Resolve", "Resolved")],
            "In progress": [("21", "Resolve", "Resolved"), ("41", "Pause", "Waiting for support")],
            "Resolved": [("31", "Reopen", "Waiting for support"), ("22", "Close", "Closed")],
            "Closed": [("32", "Back to support", "Waiting for support")],
        }
        self.create_screen = {"project", "issuetype", "summary", "description", "reporter", "labels", "issuelinks"}
        self.may_comment_in_project = True
        self.lists_properties = True
        """Whether the list of comments tells their properties, which Atlassian's documentation does not promise."""

    # -- issues

    def new_id(self) -> str:
        self.counter += 1
        return str(self.counter)

    def open(self, project: str, fields: dict[str, Any], **more: Any) -> Issue:
        self.numbers[project] += 1
        issue = Issue(self.new_id(), f"{project}-{self.numbers[project]}", fields, **more)
        self.issues[issue.id] = issue
        self.keys[issue.key] = issue.id
        self.touch(issue)
        return issue

    def find(self, named: str) -> Issue:
        """By number, by key in any case, or by a key that it had before it moved."""
        issue = self.issues.get(self.keys.get(named.upper(), named))
        if issue is None:
            raise Refused(404, ["Issue does not exist or you do not have permission to see it."])
        return issue

    def move(self, issue: Issue, project: str) -> None:
        self.numbers[project] += 1
        issue.key = f"{project}-{self.numbers[project]}"
        self.keys[issue.key] = issue.id
        self.touch(issue)

    def delete(self, issue: Issue) -> None:
        del self.issues[issue.id]
        self.index.pop(issue.id, None)

    def touch(self, issue: Issue) -> None:
        issue.updated = datetime.now(UTC)
        if not self.lagging:
            self.index[issue.id] = self.indexed(issue)

    def reindex(self) -> None:
        self.index = {issue.id: self.indexed(issue) for issue in self.issues.values()}

    def indexed(self, issue: Issue) -> dict[str, Any]:
        labels = list(issue.fields.get("labels", []))
        return {"key": issue.key, "updated": issue.updated, "created": issue.created, "labels": labels,
                "creator": issue.creator, "properties": dict(issue.properties)}  # fmt: skip

    # -- rules

    def editable(self, issue: Issue) -> dict[str, dict[str, Any]]:
        return {} if issue.archived or issue.status == LOCKED else SCREEN

    def check_comment(self, issue: Issue) -> None:
        if not issue.commentable or not self.editable(issue):
            raise Refused(400, [MAY_NOT_COMMENT])

    def set_field(self, issue: Issue, name: str, value: object) -> None:
        screen = self.editable(issue)
        if name not in screen:
            raise Refused(400, errors={name: NOT_ON_SCREEN.format(name)})
        if name == "customfield_10099":
            return  # answered as if it had been done
        issue.fields[name] = self.checked(name, screen[name], value)

    def checked(self, name: str, about: dict[str, Any], value: Any) -> Any:
        """The value as Jira keeps it. Raises Refused for another shape than the field's."""
        schema = about["schema"]
        kind = schema["type"]
        if value is None:
            return None
        if kind == "array":
            if not isinstance(value, list):
                raise Refused(400, errors={name: "data was not an array"})
            one = {**about, "schema": {"type": schema["items"]}}
            return [self.checked(name, one, part) for part in value]
        if name == "description" or schema.get("custom", "").endswith(":textarea"):
            return document(name, value)
        return self.checked_one(name, kind, value, about.get("allowed"))

    def checked_one(self, name: str, kind: str, value: Any, allowed: tuple[str, ...] | None) -> Any:
        key = {"option": "value", "priority": "name", "component": "name", "user": "accountId"}.get(kind)
        if key is None:
            wanted = (int, float) if kind == "number" else (str,)
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise Refused(400, errors={name: f"Operation value must be a {kind}"})
            return value
        if not isinstance(value, dict) or key not in value:
            raise Refused(400, errors={name: f"Specify a valid '{key}' for {name}"})
        if allowed is not None and value[key] not in allowed:
            raise Refused(400, errors={name: "Option is not valid"})
        if kind == "user":
            if value[key] not in self.users:
                raise Refused(400, errors={name: "User does not exist"})
            return self.users[value[key]]
        return {key: value[key], "id": "1"}


def document(name: str, value: Any) -> dict[str, Any]:
    """The value, if it is an Atlassian document that is not too long. Raises Refused."""
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        raise Refused(400, errors={name: "Operation value must be an Atlassian Document (see the ADF)"})
    if not _is_valid(value) or not text_of(value).strip():
        raise Refused(400, ["INVALID_INPUT"])
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le")) // 2
    if size > LENGTH:
        raise Refused(400, errors={name: TOO_LONG})
    return value


def _is_valid(node: Any) -> bool:
    if not isinstance(node, dict) or node.get("type") not in BLOCKS:
        return False
    kind, parts = node["type"], node.get("content", [])
    if kind == "text" and not (isinstance(node.get("text"), str) and node["text"]):
        return False
    if kind in ("text", "hardBreak", "media") and "content" in node:
        return False
    if kind == "heading" and node.get("attrs", {}).get("level") not in range(1, 7):
        return False
    if kind in ("bulletList", "listItem") and not parts:
        return False
    return all(part.get("type") in BLOCKS[kind] and _is_valid(part) for part in parts)


def text_of(node: dict[str, Any]) -> str:
    """What a reader sees of a document."""
    if node["type"] == "text":
        return str(node["text"])
    if node["type"] == "hardBreak":
        return "\n"
    inside = "".join(text_of(part) for part in node.get("content", []))
    return inside if node["type"] in ("doc", "mediaGroup") else f"{inside}\n"


def paragraph(text: str, *more: dict[str, Any]) -> dict[str, Any]:
    """A document of one paragraph, and what comes after it."""
    first = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [first, *more]}
