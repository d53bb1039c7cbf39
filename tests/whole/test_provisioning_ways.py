"""A ticket asks for an account, and the demo's own CRM does: the ways beside a CRM's own webhook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from bridge.effects import TicketKey
from demo import ACCOUNTS_CONFIG, CONFIG
from sandbox.driver import CrmUser, Customer, HelpdeskUser, Technician
from sandbox.serve import Sandbox
from store import records
from tests.harness import running_bridge, until
from tests.whole.office import Office
from workers.reconcile import reconcile

OF_TICKETS = """
[connections.remotepc]
kind = "remotepc"
base_url = "{remotepc}"
api_key = "${{REMOTEPC_API_KEY}}"

[[provisioning]]
name = "accounts for requesters"
source = "zendesk"
accounts = "remotepc"
when = {{ tag = "remote-support" }}
action = "ACTION"
email = "{{requester.email}}"
first_name = "Customer"
last_name = "One"
computers = 3
outcome = {{ field = "custom_field_360000000001" }}
"""
CUSTOMER = "customer@example.com"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def office(stack: ExitStack, url: str, config: str) -> Office:
    sandbox = stack.enter_context(Sandbox())
    sandbox.settings.rescue.pin_interval_seconds = 0.0
    bridge = stack.enter_context(running_bridge(sandbox, url, config))
    return Office(
        bridge,
        stack.enter_context(HelpdeskUser(sandbox.helpdesk_url)),
        stack.enter_context(Customer(sandbox.rescue_url)),
        stack.enter_context(Technician(sandbox.rescue_url)),
    )


@pytest.mark.parametrize(("action", "words"), [("invite", "is invited"), ("add", "has an account now")])
def test_a_ticket_asks_for_a_session_and_for_an_account(
    stack: ExitStack, sqlite_url: str, action: str, words: str
) -> None:
    found = office(stack, sqlite_url, CONFIG + OF_TICKETS.replace("ACTION", action))
    ticket, _ = found.invited()
    note = until(lambda: next((one for one in found.ours(ticket) if words in one.text), None))
    assert note.internal
    found.settle()
    assert len([one for one in found.ours(ticket) if "Remote access" in one.text]) == 1
    assert len(found.invitations(ticket)) == 1
    fields = found.sandbox.helpdesk.ticket(ticket).custom_fields
    assert fields[360000000001] == {"invite": "invited", "add": "added"}[action]
    [letter] = found.sandbox.remotepc.letters
    assert letter.to == CUSTOMER
    before = found.ours(ticket)
    found.replay_all(20)
    assert found.ours(ticket) == before
    assert len(found.sandbox.remotepc.letters) == 1


def test_a_ticket_whose_webhook_was_lost_is_found(stack: ExitStack, sqlite_url: str) -> None:
    found = office(stack, sqlite_url, CONFIG + OF_TICKETS.replace("ACTION", "invite"))
    hook, found.sandbox.settings.helpdesk.hook_url = found.sandbox.settings.helpdesk.hook_url, ""
    ticket = found.desk.open_ticket("Printer", "It blinks.")
    found.desk.ask_for_session(ticket)
    found.sandbox.settings.helpdesk.hook_url = hook
    house = found.bridge.services.house
    # asked for a session before, but nothing was heard of the account
    with found.bridge.database.write() as connection:
        key = TicketKey("zendesk", str(ticket))
        known = records.lock_ticket(connection, key, house.clock())
        records.save_ticket(connection, replace(known, asking=frozenset({"remote help"})), house.clock())
    assert reconcile(house, house.clock() - 3600).tickets == 1
    found.bridge.drain.wake()
    until(lambda: found.sandbox.remotepc.letters)
    found.settle()
    assert reconcile(house, house.clock() - 3600).tickets == 0


def test_a_refusal_is_told_on_the_ticket(stack: ExitStack, sqlite_url: str) -> None:
    found = office(stack, sqlite_url, CONFIG + OF_TICKETS.replace("ACTION", "invite"))
    found.sandbox.settings.remotepc.forced_words = ["QUOTA_IS_USED_UP"]
    ticket, _ = found.invited()
    note = until(lambda: next((one for one in found.ours(ticket) if "No account could be had" in one.text), None))
    assert note.internal
    assert "QUOTA_IS_USED_UP" in note.text


def test_the_button_of_the_demos_crm(stack: ExitStack, sqlite_url: str) -> None:
    found = office(stack, sqlite_url, CONFIG + ACCOUNTS_CONFIG)
    person = stack.enter_context(CrmUser(found.sandbox.crm_url))
    contact = person.add_contact(CUSTOMER, "Customer", "One", 2)
    person.ask_for_remote_access(contact)
    until(lambda: person.property(contact, "remote_access_status") == "invited")
    found.settle()
    assert found.sandbox.remotepc.invited == {CUSTOMER: 2}
    assert len(found.sandbox.faults.remotepc.requests("*/invite")) == 1
