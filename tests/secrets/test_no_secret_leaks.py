"""A whole run with every kind of failure, at the most talkative log level: no secret and no PIN is seen anywhere."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text

from demo import CONFIG
from sandbox.play.stage import CARD_NUMBER
from store import health
from tests.faultkit.household import Credentials
from tests.faultkit.inside import generous
from tests.faultkit.outside import Outside, bridge_outside
from tests.faultkit.sentry import SentryServer
from tests.harness import until

PINS = ["048151", "062342", "071828", "031415", "027182", "016180"]
PASSWORD = "made-up rescue-password/ü-4c"
SIGNING_IN = """
[connections.rescue2]
kind = "rescue"
base_url = "{rescue}"
join_url = "{rescue}"
auth = "login"
email = "technician@example.com"
password = "${{RESCUE_PASSWORD}}"
hook_secret = "${{RESCUE_HOOK_SECRET}}"

[[routes]]
name = "help by somebody who signs in"
ticket = "zendesk"
platform = "rescue2"
when = {{ tag = "sign-in" }}
invitation = {{ visibility = "public", fields = {{ cfield0 = "{{requester.name}}" }} }}
"""


@dataclass(frozen=True)
class Seen:
    """Everything that the run said, by where it was said."""

    places: Mapping[str, str]
    secrets: Mapping[str, str]

    def leaks(self) -> list[str]:
        """Names of the secrets and where they were seen; never the secrets themselves."""
        return [
            f"{name} in {place}"
            for place, said in self.places.items()
            for name, secret in self.secrets.items()
            if is_in(secret, said)
        ]


def is_in(secret: str, said: str) -> bool:
    """Whether a text holds a secret, in any form in which it travels. Digits must stand alone: times have six, too."""
    if secret.isdigit() and len(secret) == 6:
        return re.search(rf"(?<![\d.]){secret}(?!\d)", said) is not None
    forms = {secret, quote(secret), quote(secret, safe=""), secret.replace(" ", ""), secret.replace(" ", "+")}
    forms |= {secret.encode("unicode_escape").decode(), base64.b64encode(secret.encode()).decode()}
    return any(form in said for form in forms)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("secrets")
    settings = generous()
    settings.rescue.next_pins = list(PINS)
    settings.rescue.password = PASSWORD
    with SentryServer() as sentry:
        with bridge_outside(
            folder,
            f"sqlite:///{folder}/deskbridge.sqlite3",
            redis=True,
            settings=settings,
            config=CONFIG + SIGNING_IN,
            LOG_LEVEL="DEBUG",
            SENTRY_DSN=sentry.dsn,
            RESCUE_PASSWORD=PASSWORD,
        ) as outside:
            pages = _go_through_everything(outside)
            until(lambda: any("unexpected error" in one for one in sentry.envelopes), 30)
            kept = " ".join(_redis_values(outside))
        logs = {path.name: path.read_text(errors="replace") for path in Path(folder).glob("*.log")}
        places = {**logs, **pages, "Redis": kept, "Sentry": "\n".join(sentry.envelopes)}
        yield Seen(places, _secrets_of(outside.secrets, sentry))


def _secrets_of(known: Credentials, sentry: SentryServer) -> dict[str, str]:
    basic = base64.b64encode(f"{known.email}/token:{known.api_token}".encode()).decode()
    return {
        "authcode": known.authcode,
        "API token": known.api_token,
        "Basic header": basic,
        "signing secret": known.signing_secret,
        "hook secret": known.hook_secret,
        "administrator token": known.admin_token,
        "secret key": known.secret_key,
        "Rescue password": PASSWORD,
        "Sentry key": sentry.key,
        "card number": CARD_NUMBER,
        **{f"PIN {number}": pin for number, pin in enumerate(PINS)},
    }


def _go_through_everything(outside: Outside) -> dict[str, str]:
    """Good days and bad days. Returns the pages that were seen on the way."""
    people = outside.people
    case = people.open_ticket("good day")
    until(lambda: people.pin(case), 30)
    pages = _bad_requests(outside)
    outside.sandbox.rescue.customer_says(_join(outside, people.pin(case)), f"My card is {CARD_NUMBER}.")
    _end_sessions(outside)
    until(lambda: people.cards(case), 30)
    _sign_in_case(outside)
    _denied(outside)
    _unexpected(outside)
    until(lambda: outside.sandbox.drain(10))
    pages["metrics"] = httpx.get(f"{outside.household.url}/metrics", trust_env=False).text
    pages["ready"] = httpx.get(f"{outside.household.url}/readyz", trust_env=False).text
    return pages


def _join(outside: Outside, pin: str) -> int:
    session = outside.sandbox.rescue.join(pin)
    outside.sandbox.rescue.pick_up(session.id, outside.sandbox.rescue.owner.id)
    return session.id


def _end_sessions(outside: Outside) -> None:
    for session in outside.sandbox.rescue.sessions.values():
        if session.open:
            outside.sandbox.rescue.end(session.id, ["solved"])


def _bad_requests(outside: Outside) -> dict[str, str]:
    """What strangers, and friends with a mistake, send, and what they are answered."""
    base, secrets = outside.household.url, outside.secrets
    right, wrong = {"key": secrets.hook_secret}, {"key": secrets.hook_secret[:-1]}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with httpx.Client(base_url=base, trust_env=False, timeout=30) as client:
        answers = {
            "wrong key": client.post("/hooks/rescue", params=wrong, data={"SessionID": "1"}),
            "wrong signature": client.post("/hooks/zendesk", json={"ticket_id": "1"}, headers={"Authorization": "x"}),
            "wrong media type": client.post("/hooks/rescue", params=right, json={"pin": PINS[0]}),
            "wrong shape": client.post("/hooks/rescue", params=right, content=b"nothing=here", headers=form),
            "too large": client.post("/hooks/rescue", params=right, content=b"x" * 9_000_000, headers=form),
            "basic": client.post("/hooks/rescue", auth=("x", secrets.hook_secret), content=b"a=b", headers=form),
            "unknown hook": client.post("/hooks/nobody", params=right, content=b"a=b", headers=form),
            "unknown page": client.get("/nowhere", params=right),
            "sign-in": client.post("/sign-in", data={"token": secrets.admin_token[:-1]}),
            "API without token": client.get("/api/v1/deliveries"),
            "API": client.get("/api/v1/nothing", headers={"Authorization": f"Bearer {secrets.admin_token}"}),
        }
        assert all(answer.status_code >= 400 for answer in answers.values())
        return {f"the answer to {name}": f"{answer.headers}\n{answer.text}" for name, answer in answers.items()}


def _sign_in_case(outside: Outside) -> None:
    """A PIN from the connection that signs in with a password, after the password was refused once."""
    # What polls the connection has signed in already.
    outside.sandbox.rescue.accounts.log_everybody_out()
    outside.sandbox.rescue.force("logIn", "INVALID")
    case = outside.people.open_ticket("signs in", ask=False)
    desk = outside.sandbox.helpdesk
    desk.update_ticket(desk.agent, case.ticket_id, {"tags": ["sign-in"]})
    until(lambda: _state(outside, "rescue2") == "stopped", 30)
    _resume(outside, "rescue2")
    until(lambda: outside.people.pin(case), 30)


def _denied(outside: Outside) -> None:
    """401 by both vendors, garbage, a cut connection and a code that nobody knows."""
    outside.rescue.answer(200, "/API/requestPINCode*")
    outside.zendesk.cut_after("/api/v2/tickets/*.json", method="PUT")
    outside.sandbox.rescue.force("requestPINCode_v3", "SOMETHING_NEW")
    garbled = outside.people.open_tickets("garbled", 2)
    until(lambda: sum(bool(outside.people.ours(case)) for case in garbled) == 2, 30)
    for name, proxy in (("zendesk", outside.zendesk), ("rescue", outside.rescue)):
        proxy.answer(401, times=3)
        case = outside.people.open_ticket(f"denied by {name}")
        until(lambda name=name: _state(outside, name) == "stopped", 30)  # type: ignore[misc]  # a default is no parameter
        proxy.clear()
        _resume(outside, name)
        until(lambda case=case: outside.people.ours(case), 30)  # type: ignore[misc]  # the same


def _unexpected(outside: Outside) -> None:
    """An error that nobody foresaw, just when the PIN is written to the store."""
    with outside.database.write() as connection:
        refuse = "SELECT RAISE(ABORT, 'nobody foresaw this')"
        when = "BEFORE UPDATE ON invitations WHEN NEW.code <> ''"
        connection.exec_driver_sql(f"CREATE TRIGGER nasty {when} BEGIN {refuse}; END")
    case = outside.people.open_ticket("unexpected")
    until(lambda: "unexpected error" in outside.household.log(), 30)
    with outside.database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER nasty")
    until(lambda: outside.people.pin(case), 30)


def _state(outside: Outside, name: str) -> str:
    with outside.database.read() as connection:
        query = text("SELECT state FROM connections WHERE name = :name")
        return str(connection.execute(query, {"name": name}).scalar_one())


def _resume(outside: Outside, name: str) -> None:
    with outside.database.write() as connection:
        assert health.resume(connection, name, time.time())


def _redis_values(outside: Outside) -> Iterator[str]:
    assert outside.redis
    client = outside.redis.client
    for key in client.scan_iter():
        yield f"{key!r} {client.dump(key)!r}"


def test_no_secret_is_seen_anywhere(seen: Seen) -> None:
    assert seen.leaks() == []


def test_the_run_said_a_lot(seen: Seen) -> None:
    said = " ".join(seen.places.values())
    for expected in (
        "delivery refused",
        "connection stopped",
        "unexpected error",
        "effect done",
        "deskbridge_effects_open",
    ):
        assert expected in said
    assert len(seen.places["Sentry"]) > 1000


@pytest.mark.parametrize("form", ["{}", "Authorization: {}", "?pin={}&x", '{{"code": "{}"}}'])
def test_what_is_looked_for_would_be_found(seen: Seen, form: str) -> None:
    for name, secret in seen.secrets.items():
        planted = Seen({"somewhere": form.format(secret)}, {name: secret})
        assert planted.leaks() == [f"{name} in somewhere"]
