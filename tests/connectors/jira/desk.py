"""The pretend Jira site as a desk for the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import ClassVar

import httpx

from bridge.model import Person
from connectors.signatures import JIRA, sign
from connectors.tickets.jira.client import JiraClient
from sandbox.faults import Faults
from tests.connectors.jira.fake import API_TOKEN, EMAIL, app
from tests.connectors.jira.site import AGENT, COLLEAGUE, CUSTOMER, LOCKED, Issue, Site, text_of
from tests.contract.desk import Entry, File, Opened, ServedDesk, Shown, Webhook
from tests.contract.served import served
from tests.contract.workshop import MemoryVault


class JiraDesk(ServedDesk):
    kind = "jira"
    note_write = ("POST", "*/issue/*/comment")
    time_write = ("POST", "*/worklog")
    ticket_write = ("POST", "/rest/api/3/issue")
    a_field: ClassVar[tuple[str, object]] = ("customfield_10050", "requested")

    def __init__(self, url: str, faults: Faults, client: httpx.Client, site: Site) -> None:
        super().__init__(url, faults, client)
        self.site = site
        self.issue = self.open_issue("Printer stuck")
        self.ticket_id = self.issue.key
        self.missing_id = "DESK-9999"
        self.before = set(site.issues)

    def open_issue(self, summary: str, *labels: str, project: str = "DESK") -> Issue:
        reporter = self.site.users[CUSTOMER]
        return self.site.open(project, {"summary": summary, "reporter": reporter, "labels": list(labels)})

    def staff(self) -> list[Person]:
        hidden = self.site.users[COLLEAGUE].pop("emailAddress", None)
        assert hidden is None or hidden == "alex@example.com"
        return [Person("Alex Agent", "", COLLEAGUE), Person("Deskbridge", "bridge@example.com", AGENT)]

    def keys(self) -> dict[str, object]:
        return {"email": EMAIL, "api_token": API_TOKEN, "project": "DESK", "issue_type": "[System] Service request"}

    def wrong_keys(self) -> dict[str, object]:
        return {**self.keys(), "api_token": "not-the-token"}

    def jira(self, **more: object) -> JiraClient:
        """A connector with more keys."""
        built = self.with_keys({**self.keys(), **more}, vault=MemoryVault())
        assert isinstance(built, JiraClient)
        return built

    def ask(self, hook: str) -> Sequence[Webhook]:
        self.issue.fields["labels"].append("remote-support")
        self.site.touch(self.issue)
        item = {"field": "labels", "fieldId": "labels", "fromString": "", "toString": "remote-support"}
        body = json.dumps(
            {
                "timestamp": int(datetime.now(UTC).timestamp() * 1000),
                "webhookEvent": "jira:issue_updated",
                "issue_event_type_name": "issue_updated",
                "user": {"accountId": "5b10a2844c20165700ede21g"},
                "issue": {"id": self.issue.id, "key": self.issue.key, "fields": {"summary": "Printer stuck"}},
                "changelog": {"id": "10001", "items": [item]},
            }
        ).encode()
        headers = {
            "content-type": "application/json; charset=UTF-8",
            "x-atlassian-webhook-identifier": f"made-up-{self.issue.id}-{len(self.issue.fields['labels'])}",
            **sign(JIRA, self.hook_secret, body, moment=datetime.now(UTC)),
        }
        return [Webhook(body, headers)]

    def notes(self) -> list[Shown]:
        return [Shown(text_of(comment.body), comment.public) for comment in self.issue.comments]

    def files(self) -> list[File]:
        """A customer may open what a public comment shows; what only hangs on the issue is the agents'."""
        shown = {name for comment in self.issue.comments if comment.public for name in comment.media()}
        return [File(file.name, file.content, public=file.name in shown) for file in self.issue.files]

    def times(self) -> list[Entry]:
        return [Entry(worklog.seconds // 60) for worklog in self.issue.worklogs]

    def tags(self) -> set[str]:
        return set(self.issue.fields["labels"])

    def value_of(self, name: str) -> object:
        return self.issue.fields[name]["value"]

    def opened(self) -> list[Opened]:
        made = [issue for issue in self.site.issues.values() if issue.id not in self.before]
        return [Opened(one.key, one.fields["summary"], text_of(one.fields["description"])) for one in made]

    def is_open(self) -> bool:
        return self.issue.status == "Waiting for support"

    def close_ticket(self) -> None:
        self.issue.status = LOCKED
        self.site.touch(self.issue)

    def merge_ticket(self) -> str:
        """Jira merges nothing; an issue that moves to another project lives on under another key."""
        self.site.move(self.issue, "OPS")
        return self.issue.key


@contextmanager
def opened(client: httpx.Client) -> Iterator[JiraDesk]:
    """The desk of a fake of its own with an issue in it, until the block ends."""
    site = Site()
    with served(app(site)) as running:
        yield JiraDesk(running.url, running.faults, client, site)
