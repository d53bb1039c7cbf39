"""Help desks without a connector of their own: a made-up one with two calls, and the three of docs/examples."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from connectors.http import new_client
from connectors.signatures import STANDARD_WEBHOOKS, sign
from demo import CONFIG
from tests.contract.served import served
from tests.examples.django_helpdesk import READY, desk_at, running
from tests.examples.example import ExampleDesk
from tests.examples.glpi import Glpi, GlpiDesk
from tests.examples.redmine import Redmine, RedmineDesk
from tests.harness import until
from tests.needs import lacking
from tests.whole.conftest import OpenOffice
from tests.whole.office import Office

SECRET = "whsec_bWFkZS11cC1zZWNyZXQtb2YtYS1oZWxwLWRlc2s="

DESK = """
[connections.desk]
kind = "generic"
base_url = "DESK_URL"
hook_secret = "SECRET"
headers = {{ Authorization = "Bearer made-up-desk-token" }}
fields = {{ ticket_id = "request.number", event = "kind", subject = "request.title", requester_name = "request.from" }}
events = {{ "help.wanted" = "requested" }}

[connections.desk.calls.add_note]
path = "/remarks/{{ticket_id}}"
json = {{ text = "{{body}}", hidden = "{{internal}}", key = "{{mark}}" }}
note_id = "id"

[connections.desk.calls.find_note]
path = "/remarks/{{ticket_id}}"
items = "remarks"
text = "key"
id = "id"

[[routes]]
name = "desk help"
ticket = "desk"
platform = "rescue"
when = {{ event = "help.wanted" }}
invitation = {{ visibility = "public", fields = {{ cfield0 = "{{requester.name}}", cfield1 = "{{ticket.subject}}" }} }}
"""


class Desk:
    """Keeps remarks; loses the answer of the next one when told to."""

    def __init__(self) -> None:
        self.remarks: list[dict[str, object]] = []
        self.lose_an_answer = False
        app = Flask("desk")
        app.add_url_rule("/remarks/<ticket>", "remarks", self._remarks, methods=["GET", "POST"])
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _remarks(self, ticket: str) -> ResponseReturnValue:
        if request.headers.get("Authorization") != "Bearer made-up-desk-token":
            return jsonify(error="who are you"), 401
        if request.method == "GET":
            return jsonify(remarks=[one for one in self.remarks if one["ticket"] == ticket])
        self.remarks.append({**request.get_json(), "ticket": ticket, "id": len(self.remarks) + 1})
        if self.lose_an_answer:
            self.lose_an_answer = False
            return jsonify(error="lost"), 502
        return jsonify(id=len(self.remarks))


@pytest.fixture
def desk() -> Iterator[Desk]:
    found = Desk()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def test_a_generic_help_desk_gets_its_pin_and_its_card_once(open_office: OpenOffice, desk: Desk) -> None:
    office = open_office(config=CONFIG + DESK.replace("DESK_URL", desk.url).replace("SECRET", SECRET))
    asked = {"kind": "help.wanted", "request": {"number": 4711, "title": "Printer", "from": "Customer 9"}}
    body = json.dumps(asked).encode()
    signed = sign(STANDARD_WEBHOOKS, SECRET, body, moment=datetime.now(UTC), delivery_id="msg_1")
    desk.lose_an_answer = True
    for _ in range(2):
        headers = {"content-type": "application/json", **signed}
        answer = httpx.post(f"{office.bridge.url}/hooks/desk", content=body, headers=headers)
        assert answer.status_code == 200
    invitation = until(lambda: desk.remarks[0] if desk.remarks else None)
    assert not invitation["hidden"]
    pin = str(invitation["text"]).split("PIN code: ")[1][:6]
    office.help(pin, ("my name is in the card",))
    until(lambda: len(desk.remarks) > 1)
    office.settle()
    assert [one["hidden"] for one in desk.remarks] == [False, True], "the lost answer was looked for, not written again"
    assert "Customer: Customer 9" in str(desk.remarks[1]["text"])
    assert "my name is in the card" in str(desk.remarks[1]["text"])


@contextmanager
def glpi(client: httpx.Client) -> Iterator[ExampleDesk]:
    vendor = Glpi()
    with served(vendor.app) as place:
        yield GlpiDesk(place.url, place.faults, client).standing_on(vendor)


@contextmanager
def redmine(client: httpx.Client) -> Iterator[ExampleDesk]:
    vendor = Redmine()
    with served(vendor.app) as place:
        yield RedmineDesk(place.url, place.faults, client).standing_on(vendor)


@contextmanager
def django_helpdesk(client: httpx.Client) -> Iterator[ExampleDesk]:
    if not READY.exists():
        lacking("django-helpdesk is not installed: run scripts/need-django-helpdesk")
    with running() as address, desk_at(address, client) as desk:
        yield desk


@pytest.mark.parametrize("vendor", [glpi, redmine, django_helpdesk])
def test_an_example_invites_and_tells_of_the_session_once(
    open_office: OpenOffice, vendor: Callable[[httpx.Client], AbstractContextManager[ExampleDesk]]
) -> None:
    with new_client() as client, vendor(client) as desk:
        office = open_office(config=CONFIG + desk.excerpt())
        deliver(office, desk)
        [invitation] = until(desk.notes)
        assert invitation.public
        pin = re.search(r"PIN code:\s*([0-9]{6})", invitation.text)
        assert pin
        desk.cut_after_write()
        office.help(pin[1], ("my name is in the card",))
        until(lambda: len(desk.notes()) > 1)
        office.settle()
        [_, card] = desk.notes()
        assert not card.public
        assert "my name is in the card" in card.text


def test_a_ticket_that_glpi_tells_of_again_is_not_invited_again(open_office: OpenOffice) -> None:
    """GLPI does not say who changed a ticket, so what we write comes back as anybody's change."""
    with new_client() as client, glpi(client) as desk:
        office = open_office(config=CONFIG + desk.excerpt())
        deliver(office, desk)
        [invitation] = until(desk.notes)
        deliver(office, desk)
        office.settle()
        assert desk.notes() == [invitation]
        pin = re.search(r"PIN code:\s*([0-9]{6})", invitation.text)
        assert pin
        office.help(pin[1])
        until(lambda: len(desk.notes()) > 1)
        deliver(office, desk)
        office.settle()
        assert len(desk.notes()) == 2


def deliver(office: Office, desk: ExampleDesk) -> None:
    """The ticket asks for a session, and what the vendor sends then arrives twice."""
    for sent in desk.ask(f"{office.bridge.url}/hooks/{desk.connection}"):
        for _ in range(2):
            url = f"{office.bridge.url}/hooks/{desk.connection}?{sent.query}"
            head = {name: value for name, value in sent.headers.items() if name not in ("host", "content-length")}
            assert httpx.post(url, content=sent.body, headers=head).status_code == 200


def test_glpis_test_of_our_address_is_answered_in_plain_text(open_office: OpenOffice) -> None:
    with new_client() as client, glpi(client) as desk:
        office = open_office(config=CONFIG + desk.excerpt())
        url = f"{office.bridge.url}/hooks/glpi"
        token = hexed(desk.hook_secret, "validate_cra_challenge")
        answer = client.get(url, params={"crc_token": token})
        assert (answer.status_code, answer.text) == (200, hexed(desk.hook_secret, token))
        assert client.get(url, params={"crc_token": "0" * 64}).status_code == 401


def hexed(secret: str, message: str) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
