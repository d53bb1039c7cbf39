"""A bridge to the pretend appliance, just enough for its play to have somebody to judge."""

from __future__ import annotations

import json
from html import escape
from threading import Lock

import httpx

from sandbox.beyondtrust.state.model import (
    CUSTOMER_QUESTIONS,
    REPRESENTATIVE_QUESTIONS,
    ApplianceSession,
    Question,
    Survey,
)
from sandbox.serve import Sandbox
from tests.sandbox.receiver import Received, Receiver

END = "support_conference_end"
SURVEYS = {
    "support_conference_customer_exit_survey_completed": CUSTOMER_QUESTIONS,
    "support_conference_rep_exit_survey_completed": REPRESENTATIVE_QUESTIONS,
}


class ApplianceStandIn:
    """Invites on the tag, lets the asset follow, writes the card at the end and each survey after it."""

    def __init__(self, sandbox: Sandbox, receiver: Receiver) -> None:
        self.follows = True
        self.surveys_public = False
        self.names_everybody = True
        self._sandbox = sandbox
        self._appliance = sandbox.appliance
        self._invited: set[str] = set()
        self._lock = Lock()
        receiver.on_receive = self._take
        secret = "standin-secret"
        sandbox.connect(f"{receiver.url}/zendesk", secret)
        sandbox.connect(appliance_hook=f"{receiver.url}/appliance", appliance_secret=secret)

    def _take(self, received: Received) -> None:
        with self._lock:
            if received.path == "/zendesk":
                self._ticket_changed(json.loads(received.body))
            else:
                self._happened(received.form)

    def _ticket_changed(self, event: dict[str, str]) -> None:
        if event["actor"] == self._sandbox.settings.helpdesk.email:
            return
        ticket = self._sandbox.helpdesk.ticket(int(event["ticket_id"]))
        asset = str(next(iter(ticket.custom_fields.values())) or "")
        if event["ticket_id"] not in self._invited and "remote-support-appliance" in ticket.tags:
            self._invited.add(event["ticket_id"])
            key = self._appliance.request_key(attributes={"external_key": event["ticket_id"], "asset": asset})
            link = f'<a href="{escape(self._appliance.key_url(key))}">session key {key.short_key}</a>'
            until = f"{key.expires_at:%Y-%m-%d %H:%M} UTC"
            self._comment(event["ticket_id"], f"<p>Join with the {link} before {until}.</p>", public=True)
        for session in self._appliance.sessions.values():
            if self.follows and session.open and session.external_key == event["ticket_id"]:
                self._appliance.set_attributes(session.lsid, {"asset": asset})

    def _happened(self, event: dict[str, str]) -> None:
        session = self._appliance.session(event["lsid"])
        if event["event"] == END:
            self._comment(session.external_key, self._card(session), public=False)
        elif event["event"] in SURVEYS:
            questions = SURVEYS[event["event"]]
            survey = session.customer_survey if questions is CUSTOMER_QUESTIONS else session.representative_survey
            assert survey is not None
            self._comment(session.external_key, _answers(questions, survey), public=self.surveys_public)

    def _card(self, session: ApplianceSession) -> str:
        members = session.members if self.names_everybody else session.members[:1]
        rows = [f"{one.rep.private_name} {one.seconds_involved(session.started_at)} s" for one in members]
        rows += [f"{event.performed_by.name} {event.body} {event.filename}" for event in session.events]
        text = "\n".join([session.customer_name, *rows]).replace("4111 1111 1111 1111", "[card number]")
        text = text.replace("{{", "{\u2060{")
        link = f"{self._sandbox.appliance_url}/records/{session.lsid}/session/0"
        return f'<pre>{escape(text)}</pre><a href="{link}">Video</a>'

    def _comment(self, ticket_id: str, markup: str, *, public: bool) -> None:
        settings = self._sandbox.settings.helpdesk
        address = f"{self._sandbox.helpdesk_url}/api/v2/tickets/{ticket_id}.json"
        auth = (f"{settings.email}/token", settings.api_token)
        body = {"ticket": {"comment": {"html_body": markup, "public": public}}}
        httpx.put(address, auth=auth, json=body, trust_env=False).raise_for_status()


def _answers(questions: tuple[Question, ...], survey: Survey) -> str:
    pairs = zip(questions, survey.answers, strict=True)
    rows = (f"{question.label} {', '.join(answers)}".replace("{{", "{\u2060{") for question, answers in pairs)
    return "".join(f"<p>{escape(row)}</p>" for row in rows)
