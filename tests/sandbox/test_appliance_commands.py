"""Each command of the pretend appliance: what it answers, and what it refuses as the vendor does."""

from __future__ import annotations

import pytest

from sandbox.beyondtrust.api.commands import ACTIONS
from tests.sandbox.appliance import Account, House, error, helped, over, waiting

JUMP = {"name": "Server", "group": "servers", "jumpoint": "London"}
KEY = {"type": "support", "queue_id": "general"}
READING = (
    "get_logged_in_reps",
    "get_support_teams",
    "get_appliances",
    "get_connected_client_list",
    "get_connected_clients",
    "check_health",
    "get_api_info",
)


@pytest.mark.parametrize("action", READING)
def test_reading_needs_no_parameters(account: Account, action: str) -> None:
    assert account.command(action).tag == ACTIONS[action].root


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_refuses_what_it_does_not_know(account: Account, action: str) -> None:
    assert error(account.command(action, surprise="1"))


@pytest.mark.parametrize("action", [name for name, action in sorted(ACTIONS.items()) if action.needs])
def test_every_action_asks_for_what_it_needs(account: Account, action: str) -> None:
    assert "Missing required parameter" in error(account.command(action))


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_read_only_accounts_may_only_read(house: House, account: Account, action: str) -> None:
    house.settings.command_permission = "read_only"
    assert ("permission" in error(account.command(action))) == ACTIONS[action].full
    house.settings.command_permission = "deny"
    assert "permission" in error(account.command(action))


@pytest.mark.parametrize("name", ["", "get_logged_in_representatives"])
def test_unknown_actions(account: Account, name: str) -> None:
    assert "action" in error(account.command(name)).lower()


@pytest.mark.parametrize(
    ("queue", "kind", "number"),
    [
        ("general", "general", "1"),
        ("rep:2", "rep", "2"),
        ("rep_username:lead", "rep", "3"),
        ("team:2", "team", "2"),
        ("issue:network", "team", "2"),
    ],
)
def test_the_five_forms_of_a_queue(account: Account, queue: str, kind: str, number: str) -> None:
    key = account.command("generate_session_key", type="support", queue_id=queue, session_custom_external_key="7")
    assert (key.findtext("queue"), key.findtext("queue_id"), key.findtext("external_key")) == (kind, number, "7")
    assert len(key.findtext("short_key") or "") == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"queue_id": "team:9"},
        {"queue_id": "rep:x"},
        {"queue_id": "issue:none"},
        {"queue_id": "rep_username:nobody"},
        {"type": "presentation"},
        {"ttl": "0"},
        {"ttl": "an hour"},
        {"session_priority": "4"},
        {"session_skills": "cooking"},
        {"url_hostname": "https://support.example.com/"},
        {"session_custom_asset": "x" * 1_025},
        {"session_custom_unknown": "x"},
        {f"session_custom_{name}": "ä" * 1_024 for name in ("external_key", "asset", "department", "custom_field1")}
        | {"session_custom_custom_field2": "ä" * 1_024},
    ],
)
def test_keys_that_are_refused(house: House, account: Account, wrong: dict[str, str]) -> None:
    house.settings.custom_fields["custom_field2"] = "Custom field 2"
    assert error(account.command("generate_session_key", **KEY | wrong))
    assert house.appliance.keys == {}


def test_a_key_lives_for_its_ttl_and_no_longer_than_the_most(house: House, account: Account) -> None:
    asked = account.command("generate_session_key", **KEY, ttl="60", url_hostname="remote.example.com")
    now = house.clock.now().timestamp()
    assert abs(int(asked.findtext("expires") or 0) - now - 60) <= 2
    assert (asked.findtext("key_url") or "").startswith("http://remote.example.com/?ak=")
    assert account.command("generate_session_key", **KEY, ttl="9999999").findtext("ttl") == "86400"


def test_nobody_is_available_where_nobody_is_logged_in(house: House, account: Account) -> None:
    def available() -> object:
        return account.command("generate_session_key", type="support", queue_id="rep:1").xpath("queue/@available")

    assert available() == ["1"]
    house.appliance.log_out(1)
    assert available() == ["0"]


def test_joining_and_transferring(house: House, account: Account) -> None:
    session = helped(house.appliance)
    assert account.command("join_session", lsid=session.lsid, rep_id="2").text == "Representative successfully added"
    assert error(account.command("join_session", lsid=session.lsid, rep_id="2"))
    assert error(account.command("join_session", lsid=session.lsid, rep_id="2", rep_username="lead"))
    answer = account.command("transfer_session", lsid=session.lsid, queue_id="team:2")
    assert answer.text == "Successfully transferred"
    assert (str(session.queue), session.owner) == ("team:2", None)
    for queue in ("general", "issue:network", "team:9"):
        assert error(account.command("transfer_session", lsid=session.lsid, queue_id=queue))


def test_joining_needs_a_representative_who_is_logged_in(house: House, account: Account) -> None:
    house.appliance.log_out(2)
    assert "logged in" in error(account.command("join_session", lsid=helped(house.appliance).lsid, rep_id="2"))


@pytest.mark.parametrize(
    "action",
    ["join_session", "transfer_session", "set_session_attributes", "get_session_attributes", "terminate_session"],
)
def test_sessions_that_are_over_or_unknown(house: House, account: Account, action: str) -> None:
    needed = {"join_session": {"rep_id": "2"}, "transfer_session": {"queue_id": "team:1"}}.get(action, {})
    assert "not active" in error(account.command(action, lsid=over(house.appliance).lsid, **needed))
    assert "does not exist" in error(account.command(action, lsid="0" * 32, **needed))


def test_attributes_are_set_kept_and_cleared(house: House, account: Account) -> None:
    session = helped(house.appliance, external_key="1", asset="A", department="D")
    account.command(
        "set_session_attributes", lsid=session.lsid, session_custom_external_key="2", session_custom_asset=""
    )
    found = account.command("get_session_attributes", lsid=session.lsid)
    assert {one.get("code_name"): one.text for one in found} == {"external_key": "2", "department": "D"}
    assert found[0].get("display_name") == "External Key"


def test_attributes_beyond_their_limits_change_nothing(house: House, account: Account) -> None:
    session = helped(house.appliance, external_key="1")
    assert "1024" in error(
        account.command("set_session_attributes", lsid=session.lsid, session_custom_asset="x" * 1_025)
    )
    assert session.attributes == {"external_key": "1"}


def test_chat_by_the_api_is_marked(house: House, account: Account) -> None:
    lsid = helped(house.appliance).lsid
    for impersonate in (
        {},
        {"impersonate": "customer"},
        {"impersonate": "rep:1"},
        {"impersonate": "rep_username:technician1"},
    ):
        assert account.command("send_chat_message", lsid=lsid, body="hello", **impersonate).tag == "success"
    report = account.report("SupportSession", lsid=lsid)
    chat = report.xpath("//event[@event_type='Chat Message']")
    kinds = [one.find("performed_by").get("type") for one in chat]
    assert kinds == ["system", "customer", "representative", "representative"]
    assert all(one.xpath("data/value[@name='api_account']") for one in chat)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lsid": "", "team_id": ""},
        {"team_id": "1"},
        {"to_rep": "2"},
        {"impersonate": "rep:2"},
        {"impersonate": "somebody"},
        {"timestamp": "99999999999"},
        {"timestamp": "yesterday"},
    ],
)
def test_chat_that_is_refused(house: House, account: Account, wrong: dict[str, str]) -> None:
    params = {"lsid": helped(house.appliance).lsid, "body": "hello"} | wrong
    assert error(account.command("send_chat_message", **params))


def test_team_chat_and_its_private_messages(house: House, account: Account) -> None:
    assert account.command("send_chat_message", team_id="1", body="all").tag == "success"
    private = {"team_id": "1", "body": "you", "impersonate": "rep:1", "to_rep_username": "technician2"}
    assert account.command("send_chat_message", **private).tag == "success"
    del private["impersonate"]
    assert error(account.command("send_chat_message", **private))
    team = account.report("SupportTeam", start_time="0", duration="0", team_id="1")
    assert team.xpath("//event[body]/destinations/destination/text()") == ["Technician Two"]


def test_a_virtual_customer_begins_a_session_and_leaves_it(house: House, account: Account) -> None:
    key = house.appliance.request_key("general")
    who = {"name": "Bot", "ip_address": "192.0.2.7", "operating_system": "Web", "computer_name": "chat"}
    answer = account.command("create_virtual_customer", short_key=key.short_key, **who)
    session = next(iter(house.appliance.sessions.values()))
    assert session.lsid in (answer.findtext("download_url") or "")
    assert "not valid" in error(account.command("create_virtual_customer", short_key=key.short_key, **who))
    assert "given" in error(account.command("leave_session", lsid=session.lsid))
    assert error(account.command("leave_session", lsid=session.lsid, customer="2"))
    assert account.command("leave_session", lsid=session.lsid, customer="1").tag == "success"
    assert not session.open


def test_a_representative_leaves_and_the_next_one_owns_it(house: House, account: Account) -> None:
    session = helped(house.appliance)
    house.appliance.join_rep(session.lsid, 2)
    account.command("leave_session", lsid=session.lsid, rep_username="technician1")
    assert (str(session.queue), [one.rep.id for one in session.present]) == ("rep:2", [2])
    account.command("leave_session", lsid=session.lsid, rep_id="2")
    assert (str(session.queue), session.present) == ("team:1", [])


def test_ending_a_session(house: House, account: Account) -> None:
    session = waiting(house.appliance)
    assert account.command("terminate_session", lsid=session.lsid).text == "Successfully terminated"
    assert session.ended_at is not None


def test_teams_name_their_members_only_when_asked(house: House, account: Account) -> None:
    waiting(house.appliance)
    plain, whole = account.command("get_support_teams"), account.command("get_support_teams", showmembers="1")
    assert plain.xpath("//members") == []
    assert whole.xpath("support_team[@id='2']/members/representative/username/text()") == ["technician2", "lead"]
    assert plain.xpath("support_team/support_session_count/text()") == ["1", "0"]


def test_only_those_who_are_logged_in(house: House, account: Account) -> None:
    house.appliance.log_out(1)
    assert account.command("get_logged_in_reps").xpath("rep/@id") == ["2", "3"]


def test_a_status_is_one_of_those_there_are(house: House, account: Account) -> None:
    assert account.command("set_rep_status", rep_id="2", code_name="busy").tag == "success"
    assert error(account.command("set_rep_status", rep_id="2", code_name="asleep"))
    assert error(account.command("set_rep_status", rep_id="9", code_name="busy"))
    assert account.command("get_connected_clients", type="representative").xpath("//routing_busy/text()") == [
        "0",
        "1",
        "0",
    ]


def test_clients_by_type_and_id(house: House, account: Account) -> None:
    session = helped(house.appliance)
    customers = account.command("get_connected_client_list", type="support_customer")
    assert customers.xpath("connected_client/@type") == ["support_customer"]
    assert account.command("get_connected_client_list", summary_only="1").xpath("connected_client") == []
    one = account.command("get_connected_clients", id=str(session.customer_gsnumber), include_connections="1")
    assert one.xpath("connected_support_customer/lsid/text()") == [session.lsid]
    assert one.xpath("//client_connection/purpose/text()") == ["primary"]
    assert error(account.command("get_connected_clients", type="robots"))
    assert "100" in error(account.command("get_connected_clients", id=",".join(str(n) for n in range(101))))


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"role": "primary"}, "Successfully changed role"),
        ({"role": "backup", "data_sync_first": "1", "force": "1"}, "Successfully started data sync"),
    ],
)
def test_failover(account: Account, params: dict[str, str], words: str) -> None:
    assert (account.command("set_failover_role", **params).text or "").startswith(words)
    assert account.command("check_health").findtext("failover_role") == params["role"]


@pytest.mark.parametrize(
    "wrong", [{"role": "none"}, {"role": "primary", "force": "1"}, {"role": "backup", "force": "yes"}]
)
def test_failover_that_is_refused(account: Account, wrong: dict[str, str]) -> None:
    assert error(account.command("set_failover_role", **wrong))


@pytest.mark.parametrize(
    "params",
    [
        {"local_jump_hostname": "H", "name": "n", "group": "g"},
        {"remote_jump_hostname": "H", **JUMP, "session_policy": "p"},
        {"remote_vnc_hostname": "H", **JUMP, "port": "5900"},
        {"local_vnc_hostname": "H", "name": "n", "group": "g"},
        {"remote_rdp_hostname": "H", **JUMP, "quality": "video_opt", "console": "1"},
        {"rdp_hostname": "H", "name": "n", "group": "g", "display_size": "1280x720"},
        {"shelljump_hostname": "H", **JUMP, "protocol": "ssh", "terminal": "VT100", "keep_alive": "300"},
        {"vpro_hostname": "H", **JUMP, "tag": "t", "comments": "c"},
    ],
)
def test_the_eight_kinds_of_jump_shortcuts(house: House, account: Account, params: dict[str, str]) -> None:
    assert account.command("import_jump_shortcut", **params).text == "Successfully imported Jump Item shortcut"
    assert house.appliance.jump_shortcuts == [params]


@pytest.mark.parametrize(
    "wrong",
    [
        {**JUMP},
        {"local_jump_hostname": "H", "vpro_hostname": "H", **JUMP},
        {"local_jump_hostname": "H", **JUMP},
        {"remote_jump_hostname": "H", "name": "n", "group": "g"},
        {"remote_vnc_hostname": "H", **JUMP, "port": "99"},
        {"shelljump_hostname": "H", **JUMP, "protocol": "ssh", "port": "65536"},
        {"shelljump_hostname": "H", **JUMP, "protocol": "rsh"},
        {"shelljump_hostname": "H", **JUMP},
        {"shelljump_hostname": "H", **JUMP, "protocol": "ssh", "keep_alive": "301"},
        {"remote_rdp_hostname": "H", **JUMP, "quality": "best"},
        {"vpro_hostname": "H", **JUMP, "name": "x" * 129},
        {"vpro_hostname": "H", **JUMP, "comments": "x" * 1_025},
        {"local_vnc_hostname": "H", "name": "n", "group": "g", "session_policy": "p"},
    ],
)
def test_jump_shortcuts_that_are_refused(house: House, account: Account, wrong: dict[str, str]) -> None:
    assert error(account.command("import_jump_shortcut", **wrong))
    assert house.appliance.jump_shortcuts == []


@pytest.mark.parametrize("namespace", ["beyondtrust", "bomgar", "sra", "none"])
def test_errors_stand_at_the_root_or_below_in_any_namespace(house: House, account: Account, namespace: str) -> None:
    settings = house.settings
    settings.namespace, settings.error_as, settings.blank_lines = namespace, "child", 3  # type: ignore[assignment]  # one of the parameters
    answer = account.client.post("/api/command", data={"action": "generate_session_key"})
    assert answer.text.endswith("\n\n\n\n")
    assert ("xmlns" in answer.text) == (namespace != "none")
    assert account.command("generate_session_key").find("error") is not None


def test_an_answer_can_be_forced(house: House, account: Account) -> None:
    house.appliance.force("get_api_info", "Try again later.")
    assert error(account.command("get_api_info")) == "Try again later."
    assert error(account.command("get_api_info")) == ""
