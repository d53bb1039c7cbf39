"""People provisioned from a CRM: its own webhook in, one RemotePC user, the outcome on the record, once."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import cast

import httpx
import pytest
from sqlalchemy import inspect, select, text

from bridge.effects import EffectState, TicketKey
from connectors.http import new_client
from sandbox.serve import Sandbox
from store import inbox, ledger, story_views
from store.ledger import StoredEffect
from store.schema import journal
from tests.connectors.hubspot.desk import HubSpotDesk
from tests.connectors.remotepc.desk import RemotePcDesk
from tests.connectors.remotepc.desk import opened as open_remotepc
from tests.contract.desk import ServedDesk, Webhook
from tests.contract.records import RecordDesk
from tests.harness import ADMIN_TOKEN, RunningBridge, running_bridge, until
from tests.whole.systems import OPENINGS, as_toml
from workers import commands

CRMS = ("hubspot", "salesforce", "dynamics")
CUSTOMER = "customer@example.com"
INVITES = "/rpc-api/reseller/private/user/invite"
ADDS = "/rpc-api/reseller/private/user/add"
LISTS = "/rpc-api/reseller/private/user/list"


class Crm(ServedDesk, RecordDesk):
    """A desk that has both: what the CRMs' desks are."""


@dataclass(frozen=True)
class Provisioned:
    """A CRM, the bridge and RemotePC."""

    crm: Crm
    remotepc: RemotePcDesk
    bridge: RunningBridge

    @property
    def hook(self) -> str:
        return self.bridge.services.house.settings.public_url.rstrip("/") + "/hooks/desk"

    def send(self, *webhooks: Webhook) -> None:
        for hook in webhooks:
            address = f"{self.bridge.url}/hooks/desk?{hook.query}".rstrip("?")
            answer = httpx.post(address, content=hook.body, headers=dict(hook.headers), trust_env=False, timeout=30)
            assert answer.status_code == 200, answer.text

    def asked(self, **more: object) -> Webhook:
        """An employee wants remote access for the contact, and the CRM tells it. What it sent."""
        self.crm.set_contact(**{self.crm.names.asks: "requested", **more})
        hook = self.crm.tell_contact(self.hook)
        self.send(hook)
        return hook

    @property
    def status(self) -> object:
        return self.crm.contact_value(self.crm.names.status) or ""

    @property
    def reason(self) -> str:
        return str(self.crm.contact_value(self.crm.names.reason) or "")

    def told(self, status: str) -> None:
        """Wait for the outcome on the record."""
        until(lambda: self.status == status)

    def settle(self) -> None:
        """Wait until nothing is left to do."""
        until(lambda: self._quiet() and self._quiet())

    def _quiet(self) -> bool:
        with self.bridge.database.read() as connection:
            return inbox.oldest_due(connection) is None and ledger.next_due(connection) is None

    @property
    def lane(self) -> TicketKey:
        return TicketKey("desk", f"contact/{self.crm.contact_id}")

    def raw(self) -> list[StoredEffect]:
        with self.bridge.database.read() as connection:
            return ledger.of_ticket(connection, self.lane)

    def effects(self) -> list[tuple[str, EffectState]]:
        return [(one.kind, one.state) for one in self.raw()]

    def story(self) -> list[str]:
        with self.bridge.database.read() as connection:
            return [row.what for row in connection.execute(select(journal.c.what).order_by(journal.c.id))]

    def dump(self) -> str:
        """Everything that the database holds."""
        with self.bridge.database.read() as connection:
            tables = inspect(connection).get_table_names()
            rows = [row for table in tables for row in connection.execute(text(f'SELECT * FROM "{table}"'))]
        return "\n".join(str(tuple(value.decode() if isinstance(value, bytes) else value for value in r)) for r in rows)


Open = Callable[..., Provisioned]


@pytest.fixture
def opened(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Joins a CRM with RemotePC; `changes` are lines of the route instead of the usual ones."""
    monkeypatch.setattr("workers.perform.BACKOFF_SECONDS", (0.1, 0.2, 0.3))
    with ExitStack() as stack:

        def open_all(
            kind: str = "hubspot", *, database_url: str = "", clock: bool = False, **changes: str
        ) -> Provisioned:
            client = stack.enter_context(new_client())
            crm = cast(Crm, stack.enter_context(OPENINGS[kind](client)))
            remotepc = stack.enter_context(open_remotepc(client))
            sandbox = stack.enter_context(Sandbox())
            config = configured(kind, crm, remotepc, changes).replace("{", "{{").replace("}", "}}")
            bridge = stack.enter_context(running_bridge(sandbox, database_url or sqlite_url, config, clock=clock))
            return Provisioned(crm, remotepc, bridge)

        yield open_all


def configured(kind: str, crm: Crm, remotepc: RemotePcDesk, changes: dict[str, str]) -> str:
    keys = "".join(f"{name} = {as_toml(value)}\n" for name, value in crm.keys().items())
    names = crm.names
    lines = {
        "when": f'{{ record = "contact", field = {{ name = "{names.asks}", value = "requested" }} }}',
        "action": '"invite"',
        "email": '"{contact.email}"',
        "first_name": '"{contact.first_name}"',
        "last_name": f'"{{contact.field.{names.last_name}}}"',
        "computers": f'"{{contact.field.{names.computers}}}"',
        "outcome": f'{{ field = "{names.status}", reason_field = "{names.reason}", exists = "active" }}',
        **changes,
    }
    return f"""
[connections.desk]
kind = "{kind}"
base_url = "{crm.url}"
hook_secret = "{crm.hook_secret}"
{keys}
[connections.remotepc]
kind = "remotepc"
base_url = "{remotepc.url}"
api_key = "{remotepc.settings.api_key}"
requests_per_second = 1000

[[provisioning]]
name = "accounts"
source = "desk"
accounts = "remotepc"
""" + "".join(f"{name} = {value}\n" for name, value in lines.items())


@pytest.mark.parametrize("kind", CRMS)
def test_a_contact_is_invited_once_and_its_record_says_so(opened: Open, kind: str, database_url: str) -> None:
    office = opened(kind, database_url=database_url)
    office.asked(**{office.crm.names.computers: 3})
    office.told("invited")
    office.settle()
    assert office.remotepc.state.invited == {CUSTOMER: 3}
    assert office.effects() == [
        ("read_record", EffectState.DONE),
        ("provision_user", EffectState.DONE),
        ("update_record", EffectState.DONE),
    ]
    # told again, by our own write and by another person: nothing follows
    office.send(office.crm.tell_contact(office.hook, ours=True), office.crm.tell_contact(office.hook))
    office.settle()
    assert office.remotepc.letters(CUSTOMER) == 1
    assert len(office.remotepc.faults.requests(INVITES)) == 1


@pytest.mark.parametrize("kind", CRMS)
def test_a_contact_is_added_with_a_password_that_is_nowhere(
    opened: Open, kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    office = opened(kind, action='"add"')
    office.asked(**{office.crm.names.computers: 1})
    office.told("added")
    office.settle()
    user = office.remotepc.state.users[CUSTOMER]
    assert (user.first_name, user.last_name, user.allotted) == ("Chris", "Customer", 1)
    assert office.remotepc.letters(CUSTOMER) == 1
    [password] = office.remotepc.state.passwords
    link = office.remotepc.built().sign_in_link(CUSTOMER, password).url
    out, err = capfd.readouterr()
    story = "\n".join(office.story())
    written = f"{office.dump()}\n{caplog.text}\n{out}\n{err}\n{story}"
    assert CUSTOMER in written  # else nothing was looked at
    assert password not in written
    assert link not in written
    assert link.rpartition("/")[2] not in written
    assert CUSTOMER not in story


def test_a_company_asks_for_the_address_in_a_field_of_its_own(opened: Open) -> None:
    office = opened(
        when='{ record = "account", field = { name = "remote_access", value = "requested" } }',
        email='"{account.field.admin_email}"',
        first_name='""',
        last_name='""',
        computers="25",
        outcome='{ field = "remote_access_status" }',
    )
    assert isinstance(office.crm, HubSpotDesk)
    company = office.crm.hubspot.companies[office.crm.account_id]
    company |= {"remote_access": "requested", "admin_email": "admin@example.com"}
    office.send(office.crm.tell_record(office.hook, "company", office.crm.account_id))
    until(lambda: company.get("remote_access_status") == "invited")
    office.settle()
    assert office.remotepc.state.invited == {"admin@example.com": 25}
    # a contact that changes is nobody's matter here
    office.asked()
    office.settle()
    assert len(office.remotepc.state.invited) == 1
    assert "understood: contact.propertyChange of contact 901; no route asks for it" in office.story()


def test_the_same_webhook_again_and_a_replay_change_nothing(opened: Open) -> None:
    office = opened()
    hook = office.asked(computers=1)
    office.told("invited")
    office.settle()
    changed = len(office.crm.faults.requests(method="PATCH"))
    office.send(hook, hook)
    with office.bridge.database.write() as connection:
        assert inbox.replay(connection, 1, 0.0)
    office.bridge.drain.wake()
    office.settle()
    assert len(office.remotepc.faults.requests(INVITES)) == 1
    assert len(office.crm.faults.requests(method="PATCH")) == changed


def test_many_webhooks_at_once_are_one_invitation(opened: Open, database_url: str) -> None:
    office = opened(database_url=database_url)
    office.crm.set_contact(remote_access="requested", computers=1)
    office.send(*(office.crm.tell_contact(office.hook) for _ in range(12)))
    office.told("invited")
    office.settle()
    assert len(office.remotepc.faults.requests(INVITES)) == 1
    assert office.remotepc.letters(CUSTOMER) == 1


@pytest.mark.parametrize("action", ["invite", "add"])
def test_a_cut_answer_is_looked_at_before_it_is_asked_again(opened: Open, action: str) -> None:
    office = opened(action=f'"{action}"')
    office.remotepc.faults.cut_after(f"*/{action}")
    office.asked(computers=1)
    office.told("invited" if action == "invite" else "added")
    office.settle()
    assert office.remotepc.letters(CUSTOMER) == 1
    if action == "add":
        assert len(office.remotepc.faults.requests(ADDS)) == 1
        assert len(office.remotepc.faults.requests(LISTS)) == 1
        assert len(office.remotepc.state.passwords) == 1


def test_a_cut_before_anything_was_done_is_tried_again(opened: Open) -> None:
    office = opened(action='"add"')
    office.remotepc.faults.cut(ADDS)
    office.asked(computers=1)
    office.told("added")
    office.settle()
    assert len(office.remotepc.faults.requests(ADDS)) == 2
    assert office.remotepc.letters(CUSTOMER) == 1


def test_a_user_who_is_there_is_active(opened: Open) -> None:
    office = opened()
    office.remotepc.state.add(
        {"firstName": "C", "lastName": "C", "invitedUserEmailId": CUSTOMER, "password": "Made-up-pass-1"}
    )
    office.asked(computers=1)
    office.told("active")
    assert office.remotepc.letters(CUSTOMER) == 0


def test_a_refusal_stands_on_the_record_with_its_reason_and_may_be_asked_again(opened: Open) -> None:
    office = opened()
    office.remotepc.settings.forced_words = ["ENTER_VALID_EMAIL"]
    office.asked(computers=1)
    office.told("failed")
    assert office.reason == "RemotePC takes the e-mail address for no valid one (ENTER_VALID_EMAIL)"
    office.settle()
    assert ("provision_user", EffectState.PARKED) in office.effects()
    # somebody puts it right and asks again
    office.crm.set_contact(remote_access="")
    office.send(office.crm.tell_contact(office.hook))
    office.settle()
    office.asked()
    office.told("invited")
    office.settle()
    assert office.reason == ""
    assert office.remotepc.letters(CUSTOMER) == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"email": ""}, "there is no e-mail address"),
        ({"email": "nobody"}, "the e-mail address is none"),
        ({"computers": "many"}, "the number of computers is none"),
    ],
)
def test_what_cannot_be_asked_for_is_told_without_asking(opened: Open, values: dict[str, str], reason: str) -> None:
    office = opened()
    office.asked(**{"computers": 1, **values})
    office.told("failed")
    office.settle()
    assert office.reason == reason
    assert not office.remotepc.faults.requests()


def test_a_parked_one_is_tried_again_by_an_operator(opened: Open) -> None:
    office = opened()
    office.remotepc.settings.forced_words = ["QUOTA_IS_USED_UP"]
    office.asked(computers=1)
    office.told("failed")
    office.settle()
    with office.bridge.database.write() as connection:
        [parked] = ledger.of_kind(connection, office.lane, "provision_user")
        assert ledger.retry(connection, parked.id, office.bridge.services.house.clock())
    office.bridge.drain.wake()
    office.told("invited")


def test_a_refused_key_stops_the_connection_and_nothing_else(opened: Open) -> None:
    office = opened()
    key, office.remotepc.settings.api_key = office.remotepc.settings.api_key, "another-key-of-today"
    office.asked(computers=1)
    until(lambda: any("connection remotepc stopped" in line for line in office.story()))
    assert office.status == ""
    office.remotepc.settings.api_key = key
    commands.resume(office.bridge.services.house, "remotepc", "a test")
    with office.bridge.database.write() as connection:
        connection.execute(text("UPDATE effects SET due_at = 0 WHERE state = 'pending'"))
    office.bridge.drain.wake()
    office.told("invited")


def test_a_provider_that_stays_away_is_told_and_can_be_tried_again(opened: Open) -> None:
    office = opened()
    office.remotepc.faults.cut(times=10_000)
    office.asked(computers=1)
    until(lambda: office.remotepc.faults.requests())
    with office.bridge.database.write() as connection:
        connection.execute(text("UPDATE effects SET give_up_at = 0, due_at = 0 WHERE kind = 'provision_user'"))
    office.bridge.drain.wake()
    office.told("failed")
    assert "could not be reached" in office.reason
    office.settle()
    assert ("provision_user", EffectState.FAILED) in office.effects()
    office.remotepc.faults.clear()
    [failed] = [one for one in office.raw() if one.kind == "provision_user"]
    commands.retry(office.bridge.services.house, failed.id, "a test")
    commands.resume(office.bridge.services.house, "remotepc", "a test")
    office.bridge.drain.wake()
    office.told("invited")


def test_the_console_tells_the_story_of_a_contact(opened: Open) -> None:
    office = opened()
    office.asked(computers=1)
    office.told("invited")
    office.settle()
    with office.bridge.database.read() as connection:
        told = str(story_views.ticket_story(connection, office.lane))
    for part in ("understood: contact.propertyChange of contact 901", "an account is asked for", "invited"):
        assert part in told
    with httpx.Client(base_url=office.bridge.url, trust_env=False, timeout=30) as console:
        csrf = re.findall(r'name="csrf" value="([^"]+)"', console.get("/sign-in").text)
        console.post("/sign-in", data={"csrf": csrf[0], "token": ADMIN_TOKEN, "next": "/"})
        page = console.get("/tickets/desk/contact/901")
        assert (page.status_code, "an account is asked for" in page.text) == (200, True)
        # It is laid out as what it is.
        assert [title in page.text for title in (">contact 901<", "<h2>What the CRM sent")] == [True, True]
        assert "No deliveries" not in page.text
        assert [title in page.text for title in ("<h2>Sessions", "<h2>Invitations", "#contact")] == [False] * 3
        assert ">contact 901<" in console.get("/tickets").text
        assert ">contact 901<" in console.get("/search?q=901").text
        page = console.get("/connections")
        assert (page.status_code, "contact of desk asks remotepc" in page.text) == (200, True)
        assert office.remotepc.settings.api_key not in page.text


def test_two_processes_make_one_user(opened: Open, database_url: str) -> None:
    office = opened(database_url=database_url, clock=True, action='"add"')
    office.crm.set_contact(remote_access="requested", computers=1)
    office.send(*(office.crm.tell_contact(office.hook) for _ in range(12)))
    office.told("added")
    office.settle()
    assert len(office.remotepc.faults.requests(ADDS)) == 1
    assert office.remotepc.letters(CUSTOMER) == 1


def test_the_doctor_asks_it_too(opened: Open) -> None:
    said = opened().bridge.services.house.probes()["remotepc"]()
    assert said == "the API key opens a reseller account: 0 users, 0 of 0 computers used"


def test_a_hook_to_remotepc_is_not_found(opened: Open) -> None:
    office = opened()
    answer = httpx.post(f"{office.bridge.url}/hooks/remotepc", json={}, trust_env=False, timeout=30)
    assert answer.status_code == 404
