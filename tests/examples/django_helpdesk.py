"""The real django-helpdesk as a desk: a server process of its own, spoken to through a proxy that can fail."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from connectors.http import new_client
from tests.contract.desk import Entry, File, Shown, Webhook
from tests.contract.served import served
from tests.examples.example import VARIABLES, ExampleDesk, seen

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-helpdesk/bin/python"
READY = ROOT / ".venv-helpdesk/ready"
SITE = Path(__file__).with_name("helpdesk_site.py")
PASSED_ON = ("authorization", "content-type", "accept")


@contextmanager
def running() -> Iterator[str]:
    """The address of a django-helpdesk with an empty database, until the block ends."""
    process = subprocess.Popen([PYTHON, "-P", SITE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://"), "django-helpdesk did not start"
        yield address
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


def proxy(address: str, client: httpx.Client) -> Flask:
    """Hands everything on: the real server behind the fault switches."""
    app = Flask("proxy")

    @app.route("/<path:path>", methods=["GET", "POST", "PATCH", "PUT"])
    def hand_on(path: str) -> ResponseReturnValue:
        answer = client.request(
            request.method,
            f"{address}/{path}",
            params=request.args.to_dict(flat=False),
            headers={**{name: request.headers[name] for name in PASSED_ON if name in request.headers}, "Host": "desk"},
            content=request.get_data(),
        )
        return Response(answer.content, answer.status_code, content_type=answer.headers.get("content-type"))

    return app


class HelpdeskDesk(ExampleDesk):
    example = "django-helpdesk"
    connection = "helpdesk"
    wrong = (VARIABLES["HELPDESK_AUTHORIZATION"], "ZGVza2JyaWRnZTpub3QtdGhlLXBhc3N3b3Jk")
    note_write = time_write = ("POST", "*/followups/")
    takes_notes_when_closed = True
    a_field = ("custom_remote_session", "done")
    missing_id = "99999"
    address: str
    people: httpx.Client

    def opened_at(self, address: str, people: httpx.Client) -> HelpdeskDesk:
        self.address, self.people = address, people
        made = self._said(self.people.post(f"{address}/test/open"))
        self.ticket_id, self.own_actor = str(made["id"]), str(made["ours"])
        return self

    def text(self) -> str:
        own = 'own_actors = ["2"]'
        assert own in super().text()
        return super().text().replace(own, f'own_actors = ["{self.own_actor}"]')

    def look(self) -> dict[str, Any]:
        return self._said(self.people.get(f"{self.address}/test/{self.ticket_id}/look"))

    def change(self, **about: object) -> None:
        self._said(self.people.post(f"{self.address}/test/{self.ticket_id}/change", json=about))

    @staticmethod
    def _said(answer: httpx.Response) -> dict[str, Any]:
        answer.raise_for_status()
        found = answer.json()
        assert isinstance(found, dict)
        return found

    def ask(self, hook: str) -> Sequence[Webhook]:
        with self.catching(f"key={self.hook_secret}") as caught:
            self.change(remote_session="requested")
        return caught

    @contextmanager
    def catching(self, query: str = "") -> Iterator[list[Webhook]]:
        """What the real thing sends to such an address until the block ends."""
        found: list[Webhook] = []
        app = Flask("hooks")

        @app.post("/hooks/helpdesk")
        def hear() -> ResponseReturnValue:
            heads = {name.lower(): value for name, value in request.headers.items()}
            found.append(Webhook(request.get_data(), heads, request.query_string.decode()))
            return {"delivery": "1"}

        with served(app) as bridge:
            self.send_webhooks_to(f"{bridge.url}/hooks/helpdesk?{query}")
            try:
                yield found
            finally:
                self.send_webhooks_to()

    def send_webhooks_to(self, *urls: str) -> None:
        self._said(self.people.post(f"{self.address}/test/webhooks", json=urls))

    def notes(self) -> list[Shown]:
        return [Shown(seen(one["seen"]), one["public"]) for one in self.look()["followups"] if not one["seconds"]]

    def files(self) -> list[File]:
        return [
            File(file["name"], bytes.fromhex(file["content"]), public=one["public"])
            for one in self.look()["followups"]
            for file in one["files"]
        ]

    def times(self) -> list[Entry]:
        return [Entry(int(one["seconds"]) // 60) for one in self.look()["followups"] if one["seconds"]]

    def value_of(self, name: str) -> object:
        return self.look()[name]

    def is_open(self) -> bool:
        return self.look()["status"] in (1, 2)

    def close_ticket(self) -> None:
        self.change(status=4)


@contextmanager
def desk_at(address: str, client: httpx.Client) -> Iterator[HelpdeskDesk]:
    """A desk with a ticket of its own in the one server."""
    with new_client() as people, served(proxy(address, people)) as vendor:
        yield HelpdeskDesk(vendor.url, vendor.faults, client).opened_at(address, people)
