"""Every command of the command API that concerns the appliance and its people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.errors import Rejected
from connectors.platforms.beyondtrust.commands import Commands
from connectors.platforms.beyondtrust.commands.clients import (
    ApplianceSummary,
    ClientConnection,
    ClientEvent,
    ClientRef,
    ConnectedClientList,
    ConnectedPresentationAttendee,
    ConnectedPushAgent,
    ConnectedRepresentative,
    ConnectedSupportCustomer,
)
from connectors.platforms.beyondtrust.commands.values import ApiInfo, Appliance, Health, Issue, LoggedInRep, TeamMember
from tests.connectors.beyondtrust.appliance import LSID, commands
from tests.connectors.beyondtrust.appliance import Appliance as StandIn
from tests.contract.workshop import MemoryVault

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TS = int(NOON.timestamp())
REPS = f"""<logged_in_reps>
 <rep id="5"><display_name>Jo</display_name><public_display_name>Jo</public_display_name>
  <private_display_name>Jo Doe</private_display_name><type>Normal</type>
  <direct_link>&lt;a href="https://support.example.com/?id=5&amp;amp;name=Jo"&gt;Jo&lt;/a&gt;</direct_link>
  <logged_in_since ts="{TS}">2026-03-01T12:00:00+00:00</logged_in_since><presentation_count>0</presentation_count>
  <support_session_count>2</support_session_count><showing_on_rep_list>1</showing_on_rep_list></rep>
 <rep id="6"><public_display_name></public_display_name></rep>
</logged_in_reps>"""
TEAMS = """<support_teams>
 <support_team id="1"><name>Desk</name><support_session_count>3</support_session_count>
  <issues><issue id="9"><title>Printer</title></issue></issues></support_team>
 <support_team id="2"><name/><issues/><members>
  <representative id="5"><username>jdoe</username><display_name>Jo</display_name>
   <public_display_name>Jo</public_display_name><private_display_name>Jo Doe</private_display_name></representative>
 </members></support_team>
</support_teams>"""


def sent(appliance: StandIn) -> dict[str, str]:
    return {name: value for name, value in appliance.form().items() if name != "action"}


def test_logged_in_representatives() -> None:
    with commands(StandIn({"get_logged_in_reps": REPS})) as given:
        jo, nameless = given.get_logged_in_reps()
    assert (jo.id, jo.public_display_name, jo.private_display_name, jo.display_name) == ("5", "Jo", "Jo Doe", "Jo")
    assert (jo.type, jo.logged_in_since, jo.showing_on_rep_list) == ("Normal", NOON, True)
    assert (jo.presentation_count, jo.support_session_count) == (0, 2)
    assert jo.start_url == "https://support.example.com/?id=5&name=Jo"
    assert nameless == LoggedInRep("6")
    assert nameless.start_url == ""


def test_a_direct_link_that_is_an_element() -> None:
    answer = (
        '<logged_in_reps><rep id="1"><direct_link><a href="https://x/1">Jo</a></direct_link></rep></logged_in_reps>'
    )
    with commands(StandIn({"get_logged_in_reps": answer})) as given:
        assert given.get_logged_in_reps()[0].start_url == "https://x/1"


def test_nobody_is_logged_in() -> None:
    with commands(StandIn({"get_logged_in_reps": "<logged_in_reps/>"})) as given:
        assert given.get_logged_in_reps() == ()


def test_lists_are_kept_for_all_workers_and_asked_freshly_on_demand() -> None:
    appliance, vault = StandIn({"get_logged_in_reps": REPS, "get_support_teams": TEAMS}), MemoryVault()
    with commands(appliance, vault) as one, commands(appliance, vault) as other:
        assert one.get_logged_in_reps() == other.get_logged_in_reps()
        assert one.get_support_teams() == other.get_support_teams()
        assert appliance.calls == ["get_logged_in_reps", "get_support_teams"]
        other.get_logged_in_reps(fresh=True)
        other.get_support_teams(show_members=True)
    assert appliance.calls[2:] == ["get_logged_in_reps", "get_support_teams"]
    assert vault.seconds["logged_in_reps"] == vault.seconds["support_teams"] == 60.0


def test_a_refusal_is_not_kept() -> None:
    appliance, vault = StandIn({"get_logged_in_reps": ["<error>no</error>", REPS]}), MemoryVault()
    with commands(appliance, vault) as given:
        with pytest.raises(Rejected):
            given.get_logged_in_reps()
        assert len(given.get_logged_in_reps()) == 2


def test_teams_with_and_without_members() -> None:
    appliance = StandIn({"get_support_teams": TEAMS})
    with commands(appliance) as given:
        desk, other = given.get_support_teams()
        assert sent(appliance) == {}
        given.get_support_teams(show_members=True)
        assert sent(appliance) == {"showmembers": "1"}
    assert (desk.id, desk.name, desk.issues, desk.support_session_count) == ("1", "Desk", (Issue("9", "Printer"),), 3)
    assert desk.members is None
    assert (other.name, other.issues) == ("", ())
    assert other.members == (TeamMember("5", "jdoe", "Jo", "Jo Doe", "Jo"),)


def test_a_representatives_status() -> None:
    appliance = StandIn({"set_rep_status": "<success/>"})
    with commands(appliance) as given:
        given.set_rep_status(5, "busy")
    assert sent(appliance) == {"rep_id": "5", "code_name": "busy"}


def test_appliances() -> None:
    answer = """<appliances><appliance id="guid-1"><name>Node 1</name><public_hostname>a.example.com</public_hostname>
      <cluster_role>single</cluster_role><failover_role>backup</failover_role>
      <accepting_connections>1</accepting_connections><timezone_offset>-18000</timezone_offset></appliance>
      <appliance id="guid-2"/></appliances>"""
    with commands(StandIn({"get_appliances": answer})) as given:
        assert given.get_appliances() == (
            Appliance("guid-1", "Node 1", "a.example.com", "single", "backup", True, -18_000),
            Appliance("guid-2"),
        )


def test_the_list_of_connected_clients() -> None:
    answer = """<connected_client_list><connected_client_summary>
      <appliance_summary id="guid-1"><count type="representative">2</count><count type="pinned_client">40</count>
      </appliance_summary><appliance_summary id="guid-2"/></connected_client_summary>
      <connected_client type="representative" id="101"/><connected_client type="push_agent" id="102"/>
      </connected_client_list>"""
    appliance = StandIn({"get_connected_client_list": answer})
    with commands(appliance) as given:
        found = given.get_connected_client_list()
        assert sent(appliance) == {}
        given.get_connected_client_list(["representative", "support_customer"], summary_only=True)
    assert sent(appliance) == {"type": "representative,support_customer", "summary_only": "1"}
    assert found == ConnectedClientList(
        (ApplianceSummary("guid-1", {"representative": 2, "pinned_client": 40}), ApplianceSummary("guid-2", {})),
        (ClientRef("representative", "101"), ClientRef("push_agent", "102")),
    )


CONNECTION = f"""<client_connections><client_connection><appliance_id>guid-1</appliance_id><purpose>primary</purpose>
  <receive_traffic_node>0</receive_traffic_node><connected_since ts="{TS}">2026-03-01T12:00:00Z</connected_since>
  <private_ip>192.0.2.7</private_ip></client_connection>
  <event_log><event ts="{TS}">Connected</event><event>Left</event></event_log></client_connections>"""
HARDWARE = f"""<hostname>pc-7</hostname><platform id="win">Windows</platform><timezone_offset>3600</timezone_offset>
  <connected_since ts="{TS}">2026-03-01T12:00:00Z</connected_since>"""


def test_connected_clients() -> None:
    answer = f"""<connected_clients>
      <connected_representative id="101">{CONNECTION}{HARDWARE}<user_id>5</user_id><type>Normal</type>
       <username>jdoe</username><public_display_name>Jo</public_display_name>
       <private_display_name>Jo Doe</private_display_name><start_session_url>https://x/5</start_session_url>
       <presentation_count>0</presentation_count><support_session_count>1</support_session_count>
       <showing_on_rep_list>1</showing_on_rep_list><routing_idle>0</routing_idle><routing_busy>1</routing_busy>
       <routing_enabled>1</routing_enabled><routing_available>0</routing_available>
       <support_license>full</support_license><support_session_lsids><lsid>{LSID}</lsid></support_session_lsids>
      </connected_representative>
      <connected_support_customer id="102">{HARDWARE}<name>Ann</name><non_interactive>rdp</non_interactive>
       <lsid>{LSID}</lsid></connected_support_customer>
      <connected_presentation_attendee id="103"><name>Bob</name></connected_presentation_attendee>
      <connected_push_agent id="104"><name>London</name></connected_push_agent>
      <connected_web_console id="105"/>
    </connected_clients>"""
    appliance = StandIn({"get_connected_clients": answer})
    with commands(appliance) as given:
        rep, customer, attendee, agent = given.get_connected_clients(include_connections=True)
    assert sent(appliance) == {"include_connections": "1"}
    hardware: dict[str, Any] = {
        "hostname": "pc-7",
        "platform": "Windows",
        "platform_id": "win",
        "timezone_offset": 3600,
        "connected_since": NOON,
    }
    assert rep == ConnectedRepresentative(
        "101",
        **hardware,
        connections=(ClientConnection("guid-1", "primary", False, NOON, "192.0.2.7"),),
        events=(ClientEvent("Connected", NOON), ClientEvent("Left")),
        user_id="5",
        type="Normal",
        username="jdoe",
        public_display_name="Jo",
        private_display_name="Jo Doe",
        start_session_url="https://x/5",
        presentation_count=0,
        support_session_count=1,
        showing_on_rep_list=True,
        routing_idle=False,
        routing_busy=True,
        routing_enabled=True,
        routing_available=False,
        support_license="full",
        lsids=(LSID,),
    )
    assert customer == ConnectedSupportCustomer("102", **hardware, name="Ann", non_interactive="rdp", lsid=LSID)
    assert attendee == ConnectedPresentationAttendee("103", name="Bob")
    assert agent == ConnectedPushAgent("104", name="London")


def test_some_connected_clients() -> None:
    appliance = StandIn({"get_connected_clients": "<connected_clients/>"})
    with commands(appliance) as given:
        assert given.get_connected_clients(["push_agent"], ids=[str(number) for number in range(100)]) == ()
    assert sent(appliance)["type"] == "push_agent"
    assert sent(appliance)["id"].count(",") == 99


def test_a_healthy_appliance() -> None:
    answer = f"""<check_health><appliance id="guid-1">support.example.com</appliance><version>23.2.1 (1)</version>
      <success>1</success><failover_role>primary</failover_role>
      <enabled_shared_ips><ip>192.0.2.1</ip><ip>192.0.2.2</ip></enabled_shared_ips>
      <last_data_sync_time ts="{TS}">2026-03-01T12:00:00Z</last_data_sync_time>
      <last_data_sync_status>OK</last_data_sync_status></check_health>"""
    with commands(StandIn({"check_health": answer})) as given:
        assert given.check_health() == Health(
            True, "support.example.com", "guid-1", "23.2.1 (1)", "", "primary", ("192.0.2.1", "192.0.2.2"), NOON, "OK"
        )


def test_a_sick_appliance() -> None:
    answer = "<check_health><success>0</success><error_message>Disk full</error_message></check_health>"
    with commands(StandIn({"check_health": answer})) as given:
        assert given.check_health() == Health(False, error_message="Disk full")


def test_failover() -> None:
    said = "Successfully started data sync. Role change will occur upon successful completion"
    appliance = StandIn({"set_failover_role": f"<success>{said}</success>"})
    with commands(appliance) as given:
        assert given.set_failover_role("primary", data_sync_first=True) == said
        assert sent(appliance) == {"role": "primary", "data_sync_first": "1"}
        given.set_failover_role("backup", data_sync_first=False, force=True)
        assert sent(appliance) == {"role": "backup", "data_sync_first": "0", "force": "1"}


@pytest.mark.parametrize(
    "permissions",
    [
        '<permission name="perm_command">full_access</permission><permission name="perm_backup">0</permission>',
        "<permission><perm_command>full_access</perm_command><perm_backup>0</perm_backup></permission>",
        "<perm_command>full_access</perm_command><perm_backup>0</perm_backup>",
    ],
)
def test_what_our_account_may_do(permissions: str) -> None:
    answer = f"""<get_api_info><api_version>1.22.2</api_version><company_name>Acme</company_name>
      <timestamp>{TS}</timestamp><permissions>{permissions}</permissions></get_api_info>"""
    with commands(StandIn({"get_api_info": answer})) as given:
        info = given.get_api_info()
    assert info == ApiInfo("1.22.2", "Acme", NOON, {"perm_command": "full_access", "perm_backup": "0"})
    assert (info.may("perm_command"), info.may("perm_backup"), info.may("perm_ecm")) == (True, False, False)


PERMISSIONS: dict[str, str] = {
    "perm_backup": "1",
    "perm_command": "read_only",
    "perm_configuration": "1",
    "perm_configuration_vault_account": "0",
    "perm_ecm": "0",
    "perm_real_time_state": "1",
    "perm_reporting_archive": "1",
    "perm_reporting_license": "0",
    "perm_reporting_presentation": "1",
    "perm_reporting_support": "1",
    "perm_reporting_vault": "0",
    "perm_vault_backup": "0",
}


def test_every_permission_is_told() -> None:
    permissions = "".join(f'<permission name="{name}">{value}</permission>' for name, value in PERMISSIONS.items())
    answer = f"<get_api_info><api_version>1.22.2</api_version><permissions>{permissions}</permissions></get_api_info>"
    with commands(StandIn({"get_api_info": answer})) as given:
        info = given.get_api_info()
    assert info.permissions == PERMISSIONS
    assert {name for name in PERMISSIONS if info.may(name)} == {
        name for name, value in PERMISSIONS.items() if value != "0"
    }


WRONG: list[tuple[str, Callable[[Commands], object]]] = [
    ("rep_id", lambda c: c.set_rep_status("x", "busy")),
    ("code_name", lambda c: c.set_rep_status(5, "very busy")),
    ("type", lambda c: c.get_connected_client_list(["pinned_client"])),
    ("type", lambda c: c.get_connected_clients(["robots"])),
    ("at most 100", lambda c: c.get_connected_clients(ids=["1"] * 101)),
    ("id", lambda c: c.get_connected_clients(ids=["1,2"])),
    ("role", lambda c: c.set_failover_role("leader")),
    ("force", lambda c: c.set_failover_role("primary", force=True)),
]


@pytest.mark.parametrize(("names", "ask"), WRONG)
def test_what_does_not_fit_is_rejected_before_anything_is_sent(names: str, ask: Callable[[Commands], object]) -> None:
    appliance = StandIn()
    with commands(appliance) as given, pytest.raises(Rejected, match=names):
        ask(given)
    assert appliance.asked == []
