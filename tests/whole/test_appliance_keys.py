"""What happens to the key and to the attributes of a session while the ticket changes, and keys that people type."""

from __future__ import annotations

import pytest

from sandbox.driver import Refusal
from tests.harness import until
from tests.whole.conftest import OpenAppliance
from tests.whole.office import ApplianceOffice

pytestmark = pytest.mark.usefixtures("short_pauses")

TRUSTING = (('platform = "appliance"', 'platform = "appliance"\ntrust_typed_keys = true'),)
CLOSING = (('visibility = "public"', 'visibility = "public"\nclose_on = "ticket_closed"'),)
BRIEF = (("ttl_seconds = 3600", "ttl_seconds = 1"),)


# -- attributes follow the ticket ------------------------------------------------------------------------------


def test_attributes_follow_the_ticket_while_the_session_runs(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited("Printer", "PRN-7")
    session = appliance.begun(invitation.key)
    until(lambda: appliance.linked(session))
    appliance.desk.change(ticket, "Printer & <scanner>", "PRN-8")
    wanted = {"external_key": str(ticket), "asset": "PRN-8", "custom_field1": "Printer & <scanner>"}
    until(lambda: session.attributes == wanted)
    appliance.desk.change(ticket, "Printer & <scanner>", "")
    until(lambda: "asset" not in session.attributes)
    assert session.attributes == {"external_key": str(ticket), "custom_field1": "Printer & <scanner>"}


def test_what_changed_before_the_customer_came_is_brought_when_they_come(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited("Printer", "PRN-7")
    appliance.desk.change(ticket, "Printer", "PRN-9")
    appliance.settle()
    session = appliance.begun(invitation.key)
    until(lambda: session.attributes["asset"] == "PRN-9")


def test_a_session_that_is_over_is_told_nothing_more(appliance: ApplianceOffice) -> None:
    ticket, invitation = appliance.invited("Printer", "PRN-7")
    session = appliance.begun(invitation.key)
    appliance.first.end()
    appliance.card(ticket)
    appliance.desk.change(ticket, "Printer", "PRN-9")
    appliance.settle()
    assert session.attributes["asset"] == "PRN-7"
    assert len(appliance.ours(ticket)) == 2


# -- an invitation ends ----------------------------------------------------------------------------------------


def test_an_expired_invitation_says_so(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=BRIEF, clock=True)
    ticket, invitation = office.invited()
    office.told(ticket, "This invitation has expired without being used.")
    # The appliance tells the end in whole seconds: its key may open for a part of one more.
    office.sandbox.clock.advance(1)
    with pytest.raises(Refusal):
        office.customer.join(invitation.key)
    office.settle()
    assert len(office.ours(ticket)) == 2


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_the_invitation_of_a_ticket_that_is_done_is_over(open_appliance: OpenAppliance, status: str) -> None:
    office = open_appliance(changes=CLOSING)
    ticket, invitation = office.invited()
    office.set_status(ticket, status)
    office.settle()
    over = [c for c in office.ours(ticket) if "so this invitation is over" in c.text]
    assert [c.internal for c in over] == ([False] if status == "solved" else []), "a closed ticket takes no comment"
    assert "Its code stops working at: " in "".join(c.text for c in over) or status == "closed"
    assert office.ours(ticket)[0] == invitation


# -- the external key is typed by hand -------------------------------------------------------------------------


def test_a_typed_key_is_believed_where_the_ticket_was_invited(appliance: ApplianceOffice) -> None:
    ticket, _ = appliance.invited()
    session = appliance.chosen(str(ticket))
    appliance.customer.say("found you")
    appliance.first.end()
    assert "found you" in appliance.card(ticket).text
    assert appliance.linked(session)


def test_a_typed_key_without_an_invitation_is_an_orphan_that_can_be_linked(
    open_appliance: OpenAppliance, database_url: str
) -> None:
    office = open_appliance(database_url)
    ticket = office.desk.open_ticket("Printer", "It blinks.")
    session = office.chosen(f" {ticket} ")
    office.customer.say("whose ticket is this")
    office.first.end()
    office.settle()
    assert not office.ours(ticket), "nothing of a stranger's session stands on the ticket"

    (orphan,) = office.api("/orphans").json()["items"]
    (suggestion,) = orphan["suggestions"]
    assert orphan["session"]["session_id"] == session.lsid
    assert suggestion["ticket"] == {"connection": "zendesk", "ticket_id": str(ticket)}
    answer = office.api(f"/sessions/{orphan['session']['id']}/link", suggestion["ticket"])
    assert answer.status_code == 202
    assert "whose ticket is this" in office.card(ticket).text
    office.settle()
    assert not office.api("/orphans").json()["items"]
    assert len(office.ours(ticket)) == 1


def test_a_typed_key_is_believed_where_the_route_trusts_it(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=TRUSTING)
    ticket = office.desk.open_ticket("Printer", "It blinks.")
    office.chosen(f" {ticket} ")
    office.first.end()
    assert office.card(ticket).internal
    office.settle()
    assert len(office.ours(ticket)) == 1


def test_a_key_of_no_ticket_leaves_everybody_alone(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=TRUSTING)
    ticket = office.desk.open_ticket("Printer", "It blinks.")
    office.chosen(f"{ticket}99")
    office.first.end()
    office.settle()
    assert not office.ours(ticket)
    assert office.invited()


def test_a_corrected_key_leads_to_the_right_ticket_alone(open_appliance: OpenAppliance) -> None:
    office = open_appliance(changes=TRUSTING)
    wrong = office.desk.open_ticket("Scanner", "It blinks.")
    right = office.desk.open_ticket("Printer", "It blinks.")
    session = office.chosen(str(wrong))
    office.first.transfer("rep:2")
    until(lambda: (found := office.linked(session)) and found.ticket_id == str(wrong))
    office.second.accept(session.lsid)
    office.second.edit_external_key(str(right))
    office.second.end()
    assert office.card(right)
    office.settle()
    assert not office.ours(wrong)
    assert len(office.ours(right)) == 1
