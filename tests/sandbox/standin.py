"""A bridge of thirty lines, just enough for the play to have somebody to judge."""

from __future__ import annotations

import json
from html import escape

import httpx

from sandbox.serve import Sandbox
from tests.sandbox.receiver import Received, Receiver


class StandIn:
    """Invites on the tag, writes the card at the end. Its faults can be chosen."""

    def __init__(self, sandbox: Sandbox, receiver: Receiver) -> None:
        self.card_public = False
        self.cards = 1
        self.hide_card_number = True
        self.defuse = True
        self._sandbox = sandbox
        self._chats: dict[str, str] = {}
        self._invited: set[str] = set()
        receiver.on_receive = self._take
        secret = "standin-secret"
        sandbox.connect(f"{receiver.url}/zendesk", secret, f"{receiver.url}/rescue", secret)

    def _take(self, received: Received) -> None:
        if received.path == "/zendesk":
            self._ticket_changed(json.loads(received.body))
        else:
            self._session_posted(received.form)

    def _ticket_changed(self, event: dict[str, str]) -> None:
        ticket_id = event["ticket_id"]
        if event["actor"] == self._sandbox.settings.helpdesk.email or ticket_id in self._invited:
            return
        ticket = self._call("GET", ticket_id)["ticket"]
        if "remote-support" in ticket["tags"]:
            self._invited.add(ticket_id)
            rescue = self._sandbox.rescue
            pin = rescue.request_pin(rescue.owner, {"cfield0": "Customer 1", "tracking0": ticket_id}).code
            link = f"{self._sandbox.rescue_url}/R?i=2&Code={pin}"
            self._comment(ticket_id, f'<p>Join with <a href="{escape(link)}">PIN {pin}</a>.</p>', public=True)

    def _session_posted(self, form: dict[str, str]) -> None:
        chat = self._chats.setdefault(form["SessionID"], "") + form["ChatLog"] + "\n"
        self._chats[form["SessionID"]] = chat
        if form["ClosingTime"]:
            surveys = [form[f"TSurvey{number}"] for number in range(10)]
            text = "\n".join((form["TechName"], form["CField0"], form["Note"], *surveys, chat))
            if self.hide_card_number:
                text = text.replace("4111 1111 1111 1111", "[card number]")
            if self.defuse:
                text = text.replace("{{", "{\u2060{")
            for _ in range(self.cards):
                self._comment(form["Tracking0"], f"<pre>{escape(text)}</pre>", public=self.card_public)

    def _comment(self, ticket_id: str, markup: str, *, public: bool) -> None:
        self._call("PUT", ticket_id, {"ticket": {"comment": {"html_body": markup, "public": public}}})

    def _call(self, method: str, ticket_id: str, body: object = None) -> dict[str, dict[str, str]]:
        settings = self._sandbox.settings.helpdesk
        address = f"{self._sandbox.helpdesk_url}/api/v2/tickets/{ticket_id}.json"
        auth = (f"{settings.email}/token", settings.api_token)
        answer = httpx.request(method, address, auth=auth, json=body, trust_env=False)
        answer.raise_for_status()
        result: dict[str, dict[str, str]] = answer.json()
        return result
