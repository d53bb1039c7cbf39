"""The connector and the simulated Rescue, over HTTP on loopback: they were written apart from the same sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import pytest

from bridge.errors import (
    AccessDenied,
    NobodyThere,
    NotFound,
    RateLimited,
    Unavailable,
    UnknownOutcome,
)
from bridge.model import Delivery, InvitationRequest, Person, SessionEvent, SessionEventKind
from bridge.sessions import merge, transcript
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport, new_client
from connectors.platforms.rescue import Rescue
from connectors.platforms.rescue.schema import KeysSchema
from sandbox.rescue import posts
from sandbox.rescue.model import RescueSession
from sandbox.rescue.tree import CHANNEL_ID
from sandbox.sender import Hook
from sandbox.serve import Sandbox
from tests.contract.workshop import MemoryVault

SECRET = "made-up-hook-secret"
REQUEST = InvitationRequest("4711", "DB1:zendesk:4711:1:mac", {"cfield0": "Zoë <b>", "cfield1": "a\nb"})


@dataclass
class Place:
    """The pretend account, the connector in front of it, and what it posted."""

    sandbox: Sandbox
    connector: Rescue
    vault: MemoryVault
    posted: list[Hook] = field(default_factory=list)

    def __post_init__(self) -> None:
        rescue = self.sandbox.rescue
        rescue.settings.hook_url = f"https://bridge.example.com/hooks/rescue?key={SECRET}"
        rescue.settings.pin_interval_seconds = rescue.settings.authcode_interval_seconds = 0
        rescue.on_start = lambda session: self._keep(session, ended=False)
        rescue.on_end = lambda session: self._keep(session, ended=True)

    def _keep(self, session: RescueSession, *, ended: bool) -> None:
        hook = posts.prepared(self.sandbox.rescue, session, ended=ended)
        assert hook is not None
        self.posted.append(hook)

    def events(self) -> list[SessionEvent]:
        found: list[SessionEvent] = []
        for hook in self.posted:
            headers = {name.lower(): value for name, value in hook.headers.items()}
            query = dict(parse_qsl(urlsplit(hook.url).query))
            delivery = Delivery("rescue", "POST", hook.url, headers, query, hook.body, datetime.now(UTC))
            self.connector.verify(delivery)
            found += self.connector.parse(delivery)
        return found

    def play(self) -> int:
        """An invitation, used by the customer, up to the end of the session."""
        rescue = self.sandbox.rescue
        session = rescue.join(self.connector.invite(REQUEST).code)
        rescue.pick_up(session.id, rescue.owner.id)
        rescue.customer_says(session.id, "My drive is gone: E:")
        rescue.technician_says(session.id, "It is back.")
        rescue.write_note(session.id, "Letter changed.\nDone.")
        rescue.end(session.id, ["Hardware", "", "Yes"])
        return session.id


@contextmanager
def connected(sandbox: Sandbox, **keys: Any) -> Iterator[Place]:
    vault = MemoryVault()
    base_url = sandbox.rescue_url
    keys = keys or {"authcode": sandbox.settings.rescue.authcode}
    config = ConnectionConfig("rescue", "rescue", base_url, (SECRET,), KeysSchema().load(keys))
    with new_client() as client:
        transport = Transport("rescue", base_url, client=client)
        yield Place(sandbox, Rescue(config, Workshop(transport, vault)), vault)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def place(sandbox: Sandbox) -> Iterator[Place]:
    with connected(sandbox) as found:
        yield found


@pytest.mark.parametrize("form", ["form", "xml"])
@pytest.mark.parametrize("separator", ["\n", ""])
@pytest.mark.parametrize("note", ["Note", "Notes"])
def test_a_session_from_the_invitation_to_the_end(
    place: Place, form: Literal["form", "xml"], separator: Literal["\n", ""], note: Literal["Note", "Notes"]
) -> None:
    settings = place.sandbox.settings.rescue
    settings.post_format, settings.post_chat_separator, settings.post_note_field = form, separator, note
    session_id = place.play()
    start, end = place.events()
    assert (start.kind, end.kind) == (SessionEventKind.STARTED, SessionEventKind.ENDED)
    session = merge(start.session, end.session)
    assert (session.id, session.reference) == (str(session_id), REQUEST.reference)
    assert (session.customer.name, session.fields["cfield1"]) == ("Zoë <b>", "a b")
    assert session.notes == "Letter changed.\nDone."
    assert [answer.question for answer in session.surveys[0].answers] == ["Question 1", "Question 3"]
    assert transcript(session) == transcript(place.connector.fetch_session(session.id))


@pytest.mark.parametrize("charset", ["windows-1252", "utf-16-le", "utf-8"])
def test_a_form_in_any_charset(place: Place, charset: str) -> None:
    place.sandbox.settings.rescue.post_charset = charset
    place.play()
    assert [event.session.customer.name for event in place.events()] == ["Zoë <b>", "Zoë <b>"]


def test_a_pin_may_start_with_zeros(place: Place) -> None:
    place.sandbox.settings.rescue.next_pins[:] = ["000042"]
    assert place.connector.invite(REQUEST).code == "000042"


@pytest.mark.parametrize("versions", [{1}, {1, 2}, {1, 2, 3}])
def test_older_sites(place: Place, versions: set[int]) -> None:
    place.sandbox.settings.rescue.pin_versions = frozenset(versions)
    assert place.connector.invite(REQUEST).code in place.sandbox.rescue.pins


def test_the_longest_fields_are_taken(place: Place) -> None:
    fields = dict.fromkeys(place.connector.field_limits, "🎉" * 600)
    invitation = place.connector.invite(InvitationRequest("1", "r" * 64, fields))
    assert set(invitation.cut) == set(fields)


def test_a_second_pin_within_a_second_must_wait(place: Place) -> None:
    place.sandbox.settings.rescue.pin_interval_seconds = 60
    place.connector.invite(REQUEST)
    with pytest.raises(RateLimited):
        place.connector.invite(REQUEST)


def test_nobody_has_the_console_open(sandbox: Sandbox) -> None:
    sandbox.rescue.owner.console_open = False
    with connected(sandbox) as patient:
        assert patient.connector.invite(REQUEST).code
    code = sandbox.settings.rescue.authcode
    with connected(sandbox, authcode=code, no_technician_console=False) as strict, pytest.raises(NobodyThere):
        strict.connector.invite(REQUEST)


def test_no_pin_is_left(place: Place) -> None:
    place.sandbox.settings.rescue.pin_pool = 1
    place.connector.invite(REQUEST)
    with pytest.raises(Unavailable) as empty:
        place.connector.invite(REQUEST)
    assert empty.value.retry_after == 300.0


@pytest.mark.parametrize("fault", ["cut_after", "fail_after", "garbage"])
def test_a_pin_that_nobody_heard_of(place: Place, fault: str) -> None:
    getattr(place.sandbox.faults.rescue, fault)("/API/requestPINCode_v3.aspx")
    with pytest.raises(UnknownOutcome):
        place.connector.invite(REQUEST)


def test_an_unknown_session(place: Place) -> None:
    with pytest.raises(NotFound):
        place.connector.fetch_session("99")


def test_the_technicians_of_one_session_have_a_row_each(place: Place) -> None:
    rescue = place.sandbox.rescue
    rescue.settings.yes = "sim"
    session = rescue.join(place.connector.invite(REQUEST).code)
    rescue.pick_up(session.id, rescue.owner.id)
    second = next(one for one in rescue.technicians if one != rescue.owner.id)
    rescue.collaborate(session.id, second)
    rows = {
        row.technician_id: row
        for node in rescue.technicians
        for row in place.connector._sessions.listed(str(node)).rows
    }
    assert set(rows) == {str(one) for one in rescue.technicians}
    assert [rows[str(one)].is_lead for one in (rescue.owner.id, second)] == [True, False]


def test_the_invitation_text(place: Place) -> None:
    invitation = place.connector.invite(replace(REQUEST, options={"words": "platform"}))
    assert invitation.words
    assert invitation.url == f"{place.sandbox.rescue_url}/R?i=2&Code={invitation.code}"


def test_nobody_on_the_channel_is_told_and_somebody_gets_a_pin(place: Place) -> None:
    wanted = replace(REQUEST, options={"channel": str(CHANNEL_ID), "if_nobody": "tell"})
    for technician in place.sandbox.rescue.technicians.values():
        technician.console_open = False
    with pytest.raises(NobodyThere, match="nobody is available on channel"):
        place.connector.invite(wanted)
    for technician in place.sandbox.rescue.technicians.values():
        technician.console_open = True
    assert place.connector.invite(wanted).code


def test_a_pin_for_the_technician_with_that_address(place: Place) -> None:
    second = place.sandbox.rescue.technicians[337367]
    invitation = place.connector.invite(replace(REQUEST, technician=Person(email=second.email)))
    assert place.sandbox.rescue.join(invitation.code).technician is second
    assert not invitation.trouble


def ways(sandbox: Sandbox) -> dict[str, dict[str, object]]:
    account = sandbox.settings.rescue
    person: dict[str, object] = {"email": account.email, "password": account.password}
    return {
        "authcode": {"authcode": account.authcode},
        "authcode that died": {"authcode": "an-older-authcode", **person},
        "login": {"auth": "login", **person},
        "sso": {
            "auth": "sso",
            "sso_id": account.sso_id,
            "sso_password": account.sso_password,
            "company_id": account.company_id,
        },
        "oauth": {"auth": "oauth", "client_id": account.client_id, "client_secret": account.client_secret},
    }


@pytest.mark.parametrize("way", ["authcode", "authcode that died", "login", "sso", "oauth"])
def test_every_way_to_sign_in(sandbox: Sandbox, way: str) -> None:
    with connected(sandbox, **ways(sandbox)[way]) as place:
        for _ in range(3):
            assert place.connector.probe() == "account 560961, Example Company"
    assert len(sandbox.faults.rescue.requests()) == 3 + {"authcode": 0, "authcode that died": 2, "oauth": 2}.get(way, 1)


@pytest.mark.parametrize("way", ["login", "oauth"])
def test_logged_out_over_night(sandbox: Sandbox, way: str) -> None:
    with connected(sandbox, **ways(sandbox)[way]) as place:
        place.connector.probe()
        sandbox.rescue.accounts.log_everybody_out()
        place.connector.probe()


def test_a_user_who_left(place: Place) -> None:
    place.sandbox.rescue.owner.deleted = True
    with pytest.raises(AccessDenied) as denied:
        place.connector.probe()
    assert denied.value.code == "USER_IS_DELETED"


def test_the_people_are_the_technicians_who_are_not_disabled(place: Place) -> None:
    rescue = place.sandbox.rescue
    owner, *others = [one for one in rescue.technicians.values() if one.type == "Technician"]
    assert others
    others[0].sso_id = "S-2"
    told = {one.id: (one.name, one.email, one.sso_id) for one in place.connector.people()}
    assert told == {str(one.id): (one.name, one.email, one.sso_id) for one in (owner, *others)}
    others[0].disabled = True
    assert str(others[0].id) not in {one.id for one in place.connector.people()}
