"""The typed calls and the simulated Rescue, over HTTP on loopback: they were written apart from the same sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bridge.errors import NobodyThere, NotFound, Rejected
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport, new_client
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.api import Api
from connectors.platforms.rescue.directory import GroupChange, NewUser, UserChange
from connectors.platforms.rescue.invitations import Invitations, PinRequest
from connectors.platforms.rescue.schema import KeysSchema
from connectors.platforms.rescue.sessions import Sessions
from connectors.platforms.rescue.words import NodeStatus, NodeType, SessionState
from sandbox.serve import Sandbox
from tests.contract.workshop import MemoryVault

GOOD = "Made-Up-Password-1"


@dataclass
class Place:
    sandbox: Sandbox
    administration: Administration
    sessions: Sessions
    invitations: Invitations

    def group(self) -> str:
        """The technicians' root."""
        return next(one.id for one in self.administration.hierarchy() if one.type is NodeType.TECHNICIANS)


@pytest.fixture
def place() -> Iterator[Place]:
    with Sandbox() as sandbox, new_client() as client:
        settings = sandbox.settings.rescue
        settings.pin_interval_seconds = 0
        keys = KeysSchema().load({"authcode": settings.authcode})
        config = ConnectionConfig("rescue", "rescue", sandbox.rescue_url, ("x",), keys)
        api = Api(config, Workshop(Transport("rescue", sandbox.rescue_url, client=client), MemoryVault()))
        yield Place(sandbox, Administration(api), Sessions(api), Invitations(api))


def test_the_account_and_its_hierarchy(place: Place) -> None:
    account = place.administration.account()
    nodes = place.administration.hierarchy()
    assert account.technician_id in {node.id for node in nodes}
    assert all(node.type.known and node.status.known for node in nodes)
    [one] = place.administration.hierarchy(account.technician_id, version=1)
    assert one.type is NodeType.TECHNICIAN
    assert len(place.administration.hierarchy(without_offline=True)) <= len(nodes)
    with pytest.raises(NotFound):
        place.administration.hierarchy("4711")


def test_a_user_from_creation_to_deletion(place: Place) -> None:
    people, group = place.administration, place.administration.create_group(place.group())
    user = people.create_user(group)
    change = UserChange("Técnico: 1\nsegundo", "new@example.com", enabled=True, mobile_addon=False, password=GOOD)
    people.set_user(user, change)
    assert people.user(user).name.startswith("Técnico: 1")
    assert people.user(email="new@example.com").id == people.user(user, version=2).id == user
    assert people.user(user, version=1).has_rpat_addon is None
    people.set_user_status(user, enabled=False)
    assert people.user(user).status is NodeStatus.DISABLED
    people.set_user(user, UserChange("Técnico 1", "new@example.com", enabled=True, mobile_addon=True), version=1)
    people.move(user, place.group())
    people.delete(user)
    with pytest.raises(NotFound):
        people.user(user)
    another, taken = people.create_user(group), next(node.email for node in people.hierarchy() if node.email)
    with pytest.raises(Rejected, match="e-mail address"):
        people.set_user(another, UserChange("Two", taken, enabled=True, mobile_addon=False))


def test_a_group_and_its_channel(place: Place) -> None:
    people = place.administration
    group = people.create_group(place.group())
    people.set_group(
        group, GroupChange("First: line", True, 1, 0, 0, "a\nb", ("RemoteView", "SendFile"), ("SendFile",))
    )
    found = people.group(group)
    assert (found.name, set(found.permissions)) == ("First: line", {"RemoteView", "SendFile"})
    assert (found.locked_permissions, found.standard_limit, found.rpat_limit) == (("SendFile",), 1, 0)
    assert people.group(group, version=1).rpat_limit is None
    channel = next(node.id for node in people.hierarchy() if node.type is NodeType.CHANNEL)
    people.assign_channel(group, channel)
    people.unassign_channel(group, channel)
    with pytest.raises(Rejected):
        people.set_group(group, GroupChange("First", True, 1, 0, 0, None, ("Dancing",)))


def test_many_users_at_once(place: Place) -> None:
    group = place.group()
    wanted = [
        NewUser(1, group, "Technician <1> & co", "one@example.com", GOOD),
        NewUser(2, group, "Technician 2", "two@example.com", "short"),
    ]
    created = place.administration.create_users(wanted)
    assert created.state == "PARTIALLY_PROCESSED"
    first, second = created.users
    assert (first.unique_id, first.problem, second.id) == (1, None, "")
    assert "8 characters" in str(second.problem)
    assert place.administration.user(first.id).name == "Technician <1> & co"


def test_a_session_is_listed_and_acted_on(place: Place) -> None:
    rescue = place.sandbox.rescue
    technician = place.administration.account().technician_id
    pin = place.invitations.pin(PinRequest({"cfield0": "Customer 1"}, "DB1:desk:1", node=technician))
    session = rescue.join(pin)
    [waiting] = place.sessions.by_soap(technician).rows
    assert (waiting.session_id, waiting.state) == (str(session.id), SessionState.WAITING)
    place.sandbox.settings.rescue.language = "ja"
    place.sessions.start(waiting.session_id, technician)
    [active] = place.sessions.listed(technician).rows
    assert (active.key, active.is_lead, active.state) == ((waiting.session_id, technician), True, None)
    for version in (1, 2, 3):
        assert place.sessions.listed(technician, version=version).rows[0].session_id == waiting.session_id
        assert place.sessions.by_soap(technician, version=version).rows[0].state is SessionState.PICKED_UP
    place.sessions.hold(waiting.session_id)
    with pytest.raises(Rejected):
        place.sessions.hold(waiting.session_id)
    place.sessions.close(waiting.session_id)
    [closed] = place.sessions.by_soap(technician).rows
    assert closed.state is not None
    assert not closed.state.open
    with pytest.raises(NotFound):
        place.sessions.close("4711")


def test_nobody_there(place: Place) -> None:
    channel = next(node.id for node in place.administration.hierarchy() if node.type is NodeType.CHANNEL)
    assert place.sessions.anybody_on(channel) is place.sessions.anybody_by_soap(channel)
    for technician in place.sandbox.rescue.technicians.values():
        technician.console_open = False
    assert place.sessions.anybody_on(channel) is place.sessions.anybody_by_soap(channel) is False
    with pytest.raises(NobodyThere):
        place.invitations.pin(PinRequest(without_console=False))


def test_pins_for_lens_by_all_versions(place: Place) -> None:
    technician = place.administration.account().technician_id
    wanted = PinRequest({"cfield0": "Customer 1"})
    for version in (1, 2, 3):
        assert len(place.invitations.lens_pin(wanted, version=version).code) == 6
    sent = place.invitations.lens_pin(wanted, phone="+15550100", language="de")
    assert sent.sms_problem is None
    fourth = place.invitations.lens_pin(PinRequest(node=technician), phone="+15550100")
    assert (len(fourth.code), fourth.sms_problem) == (6, None)
    with pytest.raises(Rejected, match="phone number"):
        place.invitations.lens_pin(wanted, phone="none")


def test_the_integration_page(place: Place) -> None:
    settings = place.sandbox.settings.rescue
    wanted = PinRequest({"cfield0": "Customer 1", "cfield1": "a & b"}, "DB1:desk:1")
    pin = place.invitations.integration_pin(settings.company_id, settings.sso_id, wanted)
    assert pin in place.sandbox.rescue.pins
    with pytest.raises(Rejected):
        place.invitations.integration_pin("", settings.sso_id, wanted)


def test_tickets_that_sign_in(place: Place) -> None:
    settings = place.sandbox.settings.rescue
    for ticket in (place.administration.login_ticket, place.administration.console_ticket):
        link = ticket(settings.sso_id, settings.sso_password, settings.company_id)
        assert link.url.startswith(place.sandbox.rescue_url)
        assert "icket=" not in repr(link)
        with pytest.raises(Rejected, match="password is wrong"):
            ticket(settings.sso_id, "wrong", settings.company_id)
