"""The bridge's own client at the pretend appliance: every command and report, read as the guide is read there."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest

from bridge.errors import AccessDenied, ConnectorError, NotFound, RateLimited, Rejected
from connectors.contract import ConnectionConfig
from connectors.platforms.beyondtrust.commands import Commands
from connectors.platforms.beyondtrust.commands.jump import KINDS
from connectors.platforms.beyondtrust.commands.values import queue
from connectors.platforms.beyondtrust.configuration.config_api import ConfigApi
from connectors.platforms.beyondtrust.configuration.people import people
from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.reports.archive import replay
from connectors.platforms.beyondtrust.reports.selection import Limit, Period
from connectors.platforms.beyondtrust.schema import KeysSchema
from connectors.platforms.beyondtrust.wire.api import Api
from sandbox.beyondtrust.reports.presentations import LSID
from tests.contract.workshop import workshop
from tests.sandbox.appliance import House, helped, over, waiting

EVER = Period(start_time=datetime(2000, 1, 1, tzinfo=UTC))
UNKNOWN = "0" * 32


@contextmanager
def client_of(house: House, **keys: str) -> Iterator[Api]:
    """The client with the house's account, unless told otherwise."""
    settings = house.settings
    settings.strict_close = True
    known = {"username": settings.username, "password": settings.password}
    if not settings.old:
        known = {"client_id": settings.client_id, "client_secret": settings.client_secret}
    loaded = KeysSchema().load({**known, "api": "2008" if settings.old else "current", **keys})
    base_url = "http://appliance.example.com"
    config = ConnectionConfig("appliance", "beyondtrust", base_url, ("made-up",), loaded)
    with (
        httpx.WSGITransport(house.app) as inside,
        workshop(base_url, partial(_asked, inside)) as given,
    ):
        yield Api(config, given)


def _asked(inside: httpx.WSGITransport, request: httpx.Request) -> httpx.Response:
    answer = inside.handle_request(request)
    answer.read()
    return answer


@pytest.fixture
def api(house: House) -> Iterator[Api]:
    with client_of(house) as client:
        yield client


@pytest.fixture(params=["beyondtrust", "bomgar", "sra", "none"])
def any_namespace(request: pytest.FixtureRequest, house: House) -> None:
    house.settings.namespace = request.param
    house.settings.error_as = "child" if request.param in ("bomgar", "none") else "root"
    house.settings.blank_lines = 3


@pytest.mark.usefixtures("any_namespace")
def test_every_command_that_reads(house: House, api: Api) -> None:
    commands = Commands(api)
    session = helped(house.appliance, external_key="7")
    assert [one.username for one in _members(commands)] == ["technician1", "technician2", "lead"]
    assert len(commands.get_logged_in_reps()) == 3
    assert [one.id for one in commands.get_appliances()] == [house.settings.appliance_id]
    assert commands.check_health().success
    assert commands.get_api_info().company_name == "Example Company"
    assert commands.get_connected_client_list()
    assert commands.get_connected_clients(include_connections=True)
    assert [one.value for one in commands.get_session_attributes(session.lsid)] == ["7"]
    assert api.health_page()


def _members(commands: Commands) -> Any:
    return commands.get_support_teams(show_members=True)[0].members


def test_every_command_that_changes_something(house: House, api: Api) -> None:
    commands = Commands(api)
    key = commands.generate_session_key(
        queue("issue:printing"), external_key="7", attributes={"asset": "A"}, priority=1, skills=["printers"], ttl=60
    )
    who = {"ip_address": "192.0.2.7", "operating_system": "Web", "computer_name": "chat"}
    commands.create_virtual_customer(key.short_key, name="Bot", locale="de", **who)
    session = next(iter(house.appliance.sessions.values()))
    assert (session.attributes, session.priority) == ({"external_key": "7", "asset": "A"}, 1)
    commands.join_session(session.lsid, rep_id=1)
    commands.send_chat_message("[b]hello[/b]", lsid=session.lsid, impersonate="rep:1")
    commands.send_chat_message("psst", team_id=1, to_rep=2, impersonate="rep:1")
    commands.set_session_attributes(session.lsid, {"external_key": "8", "asset": ""})
    assert session.attributes == {"external_key": "8"}
    commands.transfer_session(session.lsid, queue("team:2"))
    commands.leave_session(session.lsid, rep_username="technician1")
    commands.set_rep_status(2, "busy")
    commands.terminate_session(session.lsid)
    commands.set_failover_role("backup", data_sync_first=True, force=True)
    assert not session.open


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_jump_shortcut(house: House, api: Api, kind: str) -> None:
    shortcut = KINDS[kind]
    more = {"jumpoint": "London", "protocol": "ssh"}
    known = {name: value for name, value in more.items() if name in shortcut.__dataclass_fields__}
    Commands(api).import_jump_shortcut(shortcut(name="n", hostname="h", group="g", tag="t", **known))
    assert house.appliance.jump_shortcuts[0]["tag"] == "t"


@pytest.mark.usefixtures("any_namespace")
def test_every_report(house: House, api: Api) -> None:
    reports, state = Reports(api), house.appliance
    session = helped(state, external_key="7", asset="A")
    state.customer_says(session.lsid, "a\x01b")
    state.system_information(session.lsid)
    for do in (state.share_screen, state.show_screen, state.open_shell, state.end):
        do(session.lsid)
    state.answer_customer_survey(session.lsid, ["Very", ["Printer", "Network"], "one\ntwo"])
    state.answer_representative_survey(session.lsid, ["Yes"])
    (found,) = reports.support_sessions(EVER, limit=Limit("team:1"))
    assert (found.id, found.reference, found.technician.name) == (session.lsid, "7", "Technician One")
    assert [one.id for one in found.recordings] == ["session", "screen:0", "shell:0", ""]
    assert len(found.surveys) == 2
    assert found.ended
    assert [one.lsid for one in reports.session_listing(EVER)] == [session.lsid]
    assert [len(list(reports.session_summary(EVER, kind))) for kind in ("rep", "team", "site")] == [1, 1, 1]
    assert [one.lsid for one in reports.customer_surveys(EVER)] == [session.lsid]
    assert [one.lsid for one in reports.representative_surveys(lsids=[session.lsid])] == [session.lsid]
    assert list(reports.team_activity(EVER, 1))
    assert [one.lsid for one in reports.presentation_listing(EVER)] == [LSID]
    assert [one.lsid for one in reports.presentation_sessions(lsids=[LSID])] == [LSID]
    assert list(reports.license_usage(EVER, "hour"))
    assert list(reports.vault_account_activity(EVER))


def test_every_file(house: House, api: Api) -> None:
    reports, state = Reports(api), house.appliance
    session = helped(state)
    for do in (state.share_screen, state.show_screen, state.open_shell, state.end):
        do(session.lsid)
    into = io.BytesIO()
    saved = [
        reports.session_recording(session.lsid, into),
        reports.screen_recording(session.lsid, 0, into),
        reports.shell_recording(session.lsid, 0, into),
        reports.presentation_recording(LSID, into),
        reports.endpoint_license_usage(into),
        reports.backup(into),
    ]
    assert len(saved) == 6
    assert into.tell() > 100_000
    with pytest.raises(NotFound):
        reports.shell_recording(session.lsid, 1, into)


def test_an_event_archive_leads_from_one_state_to_the_next(house: House, api: Api) -> None:
    reports, state = Reports(api), house.appliance
    helped(state, external_key="7")
    state.end(helped(state).lsid)
    house.clock.advance(2_400)
    listing = reports.archive_listing(state.started_at.date())
    first = listing.states[0]
    tables = reports.state_archive(state.started_at.date(), first.index)
    for event in listing.events:
        replay(tables, reports.event_archive(state.started_at.date(), event.index))
    assert [row["value"] for row in tables.table("support_session_attribute").values()] == ["7"]
    assert len(tables.table("support_session")) == 1


def test_the_configuration_by_its_own_description(api: Api) -> None:
    config = ConfigApi(api)
    assert [one["id"] for one in config.list("jump-group")] == [1, 2, 3]
    made = config.create("jump-group", {"name": "Shops", "code_name": "shops"})
    assert config.patch("jump-group", str(made["id"]), {"comments": "new"})["comments"] == "new"
    config.delete("jump-group", str(made["id"]))
    with pytest.raises(NotFound):
        config.get("jump-group", str(made["id"]))
    assert config.get("user", "3")["username"] == "lead"


Do = Callable[[House, Commands], object]
REFUSALS: list[tuple[type[ConnectorError], Do]] = [
    (NotFound, lambda house, commands: commands.terminate_session(UNKNOWN)),
    (NotFound, lambda house, commands: commands.terminate_session(over(house.appliance).lsid)),
    (NotFound, lambda house, commands: commands.get_session_attributes(UNKNOWN)),
    (Rejected, lambda house, commands: commands.generate_session_key(queue("team:9"))),
    (Rejected, lambda house, commands: commands.generate_session_key(queue("rep_username:nobody"))),
    (Rejected, lambda house, commands: commands.generate_session_key(queue("issue:none"))),
    (Rejected, lambda house, commands: commands.generate_session_key(queue("general"), skills=["cooking"])),
    (Rejected, lambda house, commands: commands.generate_session_key(queue("general"), attributes={"none": "x"})),
    (Rejected, lambda house, commands: commands.join_session(waiting(house.appliance).lsid, rep_id=9)),
    (Rejected, lambda house, commands: commands.set_rep_status(1, "asleep")),
]


@pytest.mark.parametrize("number", range(len(REFUSALS)))
@pytest.mark.parametrize("error_as", ["root", "child"])
def test_what_is_refused_is_understood(house: House, api: Api, number: int, error_as: str) -> None:
    house.settings.error_as = "child" if error_as == "child" else "root"
    error, do = REFUSALS[number]
    with pytest.raises(ConnectorError) as refused:
        do(house, Commands(api))
    assert type(refused.value) is error


def test_a_permission_that_is_missing(house: House, api: Api) -> None:
    house.settings.command_permission = "read_only"
    house.settings.denied = frozenset({"reporting_support"})
    with pytest.raises(AccessDenied):
        Commands(api).generate_session_key(queue("general"))
    with pytest.raises(AccessDenied):
        list(Reports(api).session_listing(EVER))


def test_a_token_that_ends_is_renewed_once_for_all(house: House, api: Api) -> None:
    commands = Commands(api)
    commands.get_api_info()
    house.gate.revoke()
    for _ in range(5):
        commands.get_api_info()
    assert house.gate.tokens == 1


def test_a_wrong_secret_is_the_operators_business(house: House) -> None:
    with client_of(house, client_secret="wrong") as api, pytest.raises(AccessDenied):
        Commands(api).get_api_info()


def test_too_many_requests_are_for_later(house: House, api: Api) -> None:
    house.settings.requests_per_second = 1
    Commands(api).get_api_info()
    with pytest.raises(RateLimited):
        Commands(api).get_api_info()


def test_the_old_dialect(house: House) -> None:
    house.settings.old = True
    with client_of(house) as api:
        key = Commands(api).generate_session_key(queue("team:1"), external_key="7")
        session = house.appliance.join(key.short_key)
        house.appliance.end(session.lsid)
        (found,) = Reports(api).support_sessions(EVER)
        assert (found.id, found.reference) == (session.lsid, "7")
        assert Reports(api).backup(io.BytesIO())


def test_the_people_are_the_users_who_are_enabled(api: Api, house: House) -> None:
    config = ConfigApi(api)
    config.patch("user", "2", {"enabled": False})
    told = [(one.id, one.name, one.email, one.username) for one in people(config)]
    assert told == [
        ("1", "Technician One", "technician@example.com", "technician1"),
        ("3", "Team Lead", "lead@example.com", "lead"),
    ]
