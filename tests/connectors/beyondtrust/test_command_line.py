"""`deskbridge beyondtrust …`: every command sends what it should and prints what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
import httpx
import pytest

from connectors.command_line.output import visible
from connectors.platforms.beyondtrust.command_line import commands
from tests.connectors.beyondtrust.appliance import Appliance
from tests.connectors.beyondtrust.command_line_desk import ARCHIVES, DONE, ran, reported, run
from tests.connectors.beyondtrust.reporting import LSID, report

KEY = (
    "<session_key><type>support</type><ttl>600</ttl><expires>1772370000</expires><queue available='1'>team</queue>"
    "<queue_id>1</queue_id><external_key>42</external_key><short_key>1234567</short_key>"
    "<key_url>https://support.example.com/?ak=made-up</key_url><mail_subject>Join</mail_subject>"
    "<mail_body>Line 1\nLine 2</mail_body></session_key>"
)
REPS = (
    "<logged_in_reps><rep id='5'><public_display_name>Ada</public_display_name><private_display_name>Ada L"
    "</private_display_name><type>Normal</type><support_session_count>2</support_session_count></rep></logged_in_reps>"
)
TEAMS = (
    "<support_teams><support_team id='1'><name>Desk</name><issues><issue id='3'><title>Printer</title></issue></issues>"
    "<members><representative id='5'><username>ada</username></representative></members></support_team></support_teams>"
)
CLIENTS = (
    "<connected_client_list><connected_client_summary><appliance_summary id='a1'><count type='representative'>3</count>"
    "</appliance_summary></connected_client_summary><connected_client type='push_agent' id='77'/>"
    "</connected_client_list>"
)
DETAILED = (
    "<connected_clients><connected_representative id='9'><username>ada</username><hostname>pc1</hostname>"
    "</connected_representative></connected_clients>"
)
ATTRIBUTES = (
    "<custom_attributes><custom_attribute display_name='Asset' code_name='asset'>PC-7</custom_attribute>"
    "</custom_attributes>"
)
INFO = (
    "<api_info><api_version>1.22.2</api_version><company_name>Acme</company_name>"
    "<permissions><permission name='perm_command'>full_access</permission></permissions></api_info>"
)
APPLIANCES = (
    "<appliances><appliance id='a1'><name>Blue</name><cluster_role>single</cluster_role></appliance></appliances>"
)
HEALTH = "<health><appliance id='a1'>support</appliance><version>23.2</version><success>1</success></health>"
SUMMARY = (
    "<summary_list><summary id='1' type='rep'><display_name>Ada</display_name><total_sessions>7</total_sessions>"
    "</summary></summary_list>"
)
LISTING = (
    f"<session_summary_list><session_summary lsid='{LSID}' has_recording='1' external_key='42'/></session_summary_list>"
)
VAULT = (
    "<vault_account_activity_list><vault_account_activity><timestamp>1767603600</timestamp><account_name>root"
    "</account_name><event_type>rotated</event_type></vault_account_activity></vault_account_activity_list>"
)
A_DAY = ("--since", "2026-01-05", "--until", "2026-01-06T00:00")
DAY = {"start_time": "1767571200", "duration": "86400"}
ENDED_DAY = {"end_time": "1767571200", "duration": "86400"}

ASKED: list[tuple[tuple[str, ...], str, Any, dict[str, str], str]] = [
    # arguments, the command or report, its answer, what must be sent, what must be printed
    (("reps",), "get_logged_in_reps", REPS, {}, "Ada L"),
    (("teams",), "get_support_teams", TEAMS, {}, "Printer (3)"),
    (("teams", "--members"), "get_support_teams", TEAMS, {"showmembers": "1"}, "5  ada"),
    (("rep-status", "5", "busy"), "set_rep_status", DONE, {"rep_id": "5", "code_name": "busy"}, "The status is set."),
    (("clients",), "get_connected_client_list", CLIENTS, {}, "push_agent"),
    (
        ("clients", "--summary", "--type", "push_agent", "--type", "representative"),
        "get_connected_client_list",
        CLIENTS,
        {"summary_only": "1", "type": "push_agent,representative"},
        "representative=3",
    ),
    (
        ("clients", "--detailed", "--id", "9", "--id", "10", "--connections"),
        "get_connected_clients",
        DETAILED,
        {"id": "9,10", "include_connections": "1"},
        "pc1",
    ),
    (
        (
            "key",
            "--queue",
            "team:1",
            "--external-key",
            "42",
            "--attribute",
            "asset=PC 7",
            "--priority",
            "1",
            "--skill",
            "macs",
            "--skill",
            "printers",
            "--ttl",
            "600",
            "--hostname",
            "help.example.com",
        ),
        "generate_session_key",
        KEY,
        {
            "type": "support",
            "queue_id": "team:1",
            "session.custom.external_key": "42",
            "session.custom.asset": "PC 7",
            "session.priority": "1",
            "session.skills": "macs,printers",
            "ttl": "600",
            "url_hostname": "help.example.com",
        },
        "1234567",
    ),
    (("key", "--mail"), "generate_session_key", KEY, {"type": "support", "queue_id": "general"}, "Line 1\nLine 2"),
    (("attributes", "get", LSID), "get_session_attributes", ATTRIBUTES, {"lsid": LSID}, "PC-7"),
    (
        ("attributes", "set", LSID, "external_key=42", "asset="),
        "set_session_attributes",
        DONE,
        {"lsid": LSID, "session.custom.external_key": "42", "session.custom.asset": ""},
        "The attributes are set.",
    ),
    (("join", LSID, "--rep-id", "5"), "join_session", DONE, {"lsid": LSID, "rep_id": "5"}, "joins"),
    (("transfer", LSID, "team:1"), "transfer_session", DONE, {"lsid": LSID, "queue_id": "team:1"}, "transferred"),
    (
        ("chat", "Hello [b]", "--session", LSID, "--as", "customer", "--at", "2026-01-05T10:00+01:00"),
        "send_chat_message",
        DONE,
        {"lsid": LSID, "body": "Hello ［b］", "impersonate": "customer", "timestamp": "1767603600"},
        "The message is sent.",
    ),
    (
        ("chat", "[b]Hi[/b]", "--team", "1", "--as", "rep:5", "--to-rep", "6", "--bbcode"),
        "send_chat_message",
        DONE,
        {"team_id": "1", "body": "[b]Hi[/b]", "impersonate": "rep:5", "to_rep": "6"},
        "The message is sent.",
    ),
    (
        (
            "virtual-customer",
            "1234567",
            "--name",
            "Bo",
            "--ip-address",
            "192.0.2.1",
            "--operating-system",
            "Linux",
            "--computer-name",
            "pc",
            "--locale",
            "de",
        ),
        "create_virtual_customer",
        "<virtual_customer><download_url>https://d.example</download_url></virtual_customer>",
        {
            "short_key": "1234567",
            "name": "Bo",
            "ip_address": "192.0.2.1",
            "operating_system": "Linux",
            "computer_name": "pc",
            "locale": "de",
        },
        "https://d.example",
    ),
    (("leave", LSID, "--customer"), "leave_session", DONE, {"lsid": LSID, "customer": "1"}, "Removed."),
    (
        ("leave", LSID, "--rep-username", "ada"),
        "leave_session",
        DONE,
        {"lsid": LSID, "rep_username": "ada"},
        "Removed.",
    ),
    (("terminate", LSID, "--yes"), "terminate_session", DONE, {"lsid": LSID}, "The session is ended. (Well done)"),
    (("info",), "get_api_info", INFO, {}, "full_access"),
    (("appliances",), "get_appliances", APPLIANCES, {}, "Blue"),
    (("health",), "check_health", HEALTH, {}, "23.2"),
    (
        ("failover", "backup", "--no-sync", "--force", "--yes"),
        "set_failover_role",
        DONE,
        {"role": "backup", "data_sync_first": "0", "force": "1"},
        "The role is set to backup.",
    ),
    (
        (
            "import-jump",
            "shell_jump",
            "name=Router",
            "hostname=r1",
            "jumpoint=london",
            "protocol=ssh",
            "group=net",
            "port=2022",
            "keep_alive=30",
        ),
        "import_jump_shortcut",
        DONE,
        {
            "name": "Router",
            "shelljump_hostname": "r1",
            "jumpoint": "london",
            "protocol": "ssh",
            "group": "net",
            "port": "2022",
            "keep_alive": "30",
        },
        "The shortcut is made.",
    ),
    (
        ("import-jump", "local_rdp", "name=A", "hostname=h", "group=g", "console=yes", "ignore_untrusted=no"),
        "import_jump_shortcut",
        DONE,
        {"name": "A", "rdp_hostname": "h", "group": "g", "console": "1", "ignore_untrusted": "0"},
        "The shortcut is made.",
    ),
    (("session", LSID), "SupportSession", "session.xml", {"lsid": LSID}, "4711"),
    (("sessions", *A_DAY), "SupportSession", "session.xml", DAY, "4711"),
    (("sessions", LSID, "1" * 32), "SupportSession", "session.xml", {"lsids": f"{LSID},{'1' * 32}"}, "4711"),
    (
        ("sessions", *A_DAY, "--ended", "--limit", "rep:5"),
        "SupportSession",
        "session.xml",
        ENDED_DAY | {"limit": "rep:5"},
        "4711",
    ),
    (("sessions", *A_DAY, "--listing"), "SupportSessionListing", reported(LISTING), DAY, "42"),
    (
        ("surveys", *A_DAY, "--team", "3", "--site-id", "1"),
        "SupportCustExitSurvey",
        "cust_exit_survey.xml",
        DAY | {"report_type": "team", "id": "3", "site_id": "1"},
        "ANSWERS",
    ),
    (
        ("surveys", LSID, "--by-rep"),
        "SupportRepExitSurvey",
        reported("<exit_survey_list/>"),
        {"lsid": LSID, "report_type": "rep"},
        "No surveys.",
    ),
    (
        ("summary", *A_DAY, "--by", "team"),
        "SupportSessionSummary",
        reported(SUMMARY),
        DAY | {"report_type": "team"},
        "Ada",
    ),
    (("team-activity", *A_DAY, "--team", "3"), "SupportTeam", "team_activity.xml", DAY | {"team_id": "3"}, "TEAM"),
    (("presentations", *A_DAY), "PresentationSession", "presentation.xml", DAY, "PRESENTERS"),
    (("presentations", *A_DAY, "--listing"), "PresentationSessionListing", reported("<l/>"), DAY, "No presentations."),
    (("licenses", *A_DAY, "--by", "hour"), "LicenseUsage", reported("<l/>"), DAY | {"group_by": "hour"}, "None."),
    (
        ("vault-activity", *A_DAY, "--limit", "account:9"),
        "VaultAccountActivity",
        reported(VAULT),
        DAY | {"limit": "account:9"},
        "rotated",
    ),
    (("archive", "list", "2026-01-05"), "ArchiveListing", reported(ARCHIVES), {"date": "2026-01-05"}, "state"),
]
ELSEWHERE = {
    "archive get",
    "archive state",
    "backup",
    "button",
    "config create",
    "config delete",
    "config get",
    "config list",
    "config resources",
    "config set",
    "endpoint-licenses",
    "link",
    "live",
    "recordings",
    "script",
    "snippet",
}
"""Tested in test_command_line_more and test_command_line_files."""


def answer_of(answer: Any) -> Any:
    return httpx.Response(200, content=report(answer)) if str(answer).endswith(".xml") else answer


@pytest.mark.parametrize(("arguments", "what", "answer", "sent", "printed"), ASKED, ids=lambda value: str(value)[:40])
def test_what_is_asked_and_printed(
    arguments: tuple[str, ...], what: str, answer: Any, sent: dict[str, str], printed: str
) -> None:
    appliance = Appliance({what: answer_of(answer)})
    told = ran(appliance, *arguments)
    assert {
        name: value for name, value in appliance.form().items() if name not in ("action", "generate_report")
    } == sent
    assert appliance.calls == [what]
    assert printed in told


@pytest.mark.parametrize(("arguments", "what", "answer", "sent", "printed"), ASKED, ids=lambda value: str(value)[:40])
def test_machines_get_json(
    arguments: tuple[str, ...], what: str, answer: Any, sent: dict[str, str], printed: str
) -> None:
    told = ran(Appliance({what: answer_of(answer)}), "--json", *arguments)
    assert told.isascii()
    assert all(isinstance(json.loads(line), dict) for line in told.splitlines())


def leaves(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_no_command_is_forgotten() -> None:
    groups = {name for name, command in commands.commands.items() if isinstance(command, click.Group)}
    asked = {" ".join(given[: 2 if given[0] in groups else 1]) for given, *_ in ASKED}
    assert asked | ELSEWHERE == set(leaves(commands))


# -- what must not happen by accident --------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("terminate", LSID), ("failover", "backup"), ("config", "delete", "shelf", "5")])
@pytest.mark.parametrize("typed", ["n\n", ""])
def test_what_cannot_be_undone_is_asked_first(arguments: tuple[str, ...], typed: str) -> None:
    appliance = Appliance()
    result = run(appliance, *arguments, typed=typed)
    assert result.exit_code == 1
    assert not appliance.asked
    assert "?" in result.stderr


def test_an_answer_of_yes_does_it() -> None:
    appliance = Appliance({"terminate_session": DONE})
    assert "ended" in ran(appliance, "terminate", LSID, typed="y\n")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("clients", "--summary", "--detailed"), "exclude each other"),
        (("clients", "--id", "5"), "go with --detailed"),
        (("attributes", "set", LSID, "asset"), "NAME=VALUE"),
        (("attributes", "set", LSID, "a=1", "a=2"), "given twice"),
        (("sessions", LSID, "--since", "24h"), "not both"),
        (("sessions", LSID, "--listing"), "a period alone"),
        (("presentations", LSID, "--listing"), "a period alone"),
        (("sessions", "--since", "yesterday"), "is no moment"),
        (("sessions", "--since", "2026-01-05", "--until", "2026-01-05"), "--until must be after"),
        (("surveys", "--rep", "1", "--team", "2"), "exclude each other"),
        (("link", "--key", "1", "--issue", "x"), "one way to start"),
        (("link", "--rep-name", "x"), "goes with --rep-id"),
        (("config", "create", "shelf", "--body", "["), "no JSON"),
        (("config", "create", "shelf", "--body", "[]"), "no JSON object"),
    ],
)
def test_a_wrong_command_line_is_told_and_nothing_sent(arguments: tuple[str, ...], named: str) -> None:
    appliance = Appliance()
    result = run(appliance, *arguments)
    assert result.exit_code == 2
    assert named in result.stderr
    assert not appliance.asked


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("key", "--queue", "nobody"), "a queue is general"),
        (("join", LSID), "rep_id or rep_username is needed"),
        (("join", "no such/id", "--rep-id", "1"), "lsid must be"),
        (("import-jump", "vpro", "name=a"), "hostname is needed"),
        (("import-jump", "vpro", "name=a", "size=1"), "it takes: name"),
        (
            ("import-jump", "shell_jump", "name=a", "hostname=h", "jumpoint=j", "protocol=ssh", "group=g", "port=x"),
            "port",
        ),
        (("import-jump", "local_rdp", "name=a", "hostname=h", "group=g", "console=1"), "yes or no"),
        (("link", "--key", "a b"), "short_key must be letters and digits"),
        (("sessions", "--limit", "mine"), "takes no such limit"),
    ],
)
def test_what_the_appliance_would_not_take_is_told_and_not_sent(arguments: tuple[str, ...], named: str) -> None:
    appliance = Appliance()
    result = run(appliance, *arguments)
    assert result.exit_code == 1
    assert named in result.stderr
    assert not appliance.asked


# -- what goes wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ("<error>Permission denied</error>", "An administrator must"),
        (httpx.Response(503), "Try again later"),
        (httpx.Response(429), "Try again in a moment"),
        (httpx.ConnectError("refused"), "Try again later"),
    ],
)
def test_a_failure_is_one_line_that_says_who_must_act(answer: Any, advice: str) -> None:
    result = run(Appliance({"get_logged_in_reps": answer}), "reps")
    assert result.exit_code == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert advice in line


def test_what_may_have_been_done_is_said() -> None:
    result = run(Appliance({"generate_session_key": httpx.ReadTimeout("slow")}), "key")
    assert "It may have been done" in result.stderr


def test_a_session_that_the_report_does_not_hold() -> None:
    result = run(Appliance({"SupportSession": reported("<session_list/>")}), "session", LSID)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "does not hold this session" in result.stderr


@pytest.mark.parametrize(
    ("answer", "arguments"),
    [
        ({"check_health": HEALTH.replace("<success>1", "<success>0")}, ("health",)),
        ({"/check_health": httpx.Response(500)}, ("health", "--page")),
    ],
)
def test_an_appliance_that_is_not_well_makes_exit_code_1(answer: dict[str, Any], arguments: tuple[str, ...]) -> None:
    result = run(Appliance(answer), *arguments)
    assert (result.exit_code, result.stdout.split()[:2] == ["Well", "no"]) == (1, True)


def test_the_page_of_a_well_appliance() -> None:
    assert "yes" in ran(Appliance({"/check_health": httpx.Response(200)}), "health", "--page")


def test_another_connection_is_the_openers_matter() -> None:
    assert run(Appliance(), "--connection", "other", "reps").exit_code == 1
    assert ran(Appliance({"get_logged_in_reps": REPS}), "--connection", "appliance", "reps")


# -- what people typed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\u202eevil", "\\u202eevil"),
        ("\x9b", "\\x9b"),
        ("\u2028", "\\u2028"),
        ("Grüße 日本 🎉", "Grüße 日本 🎉"),
        (True, "yes"),
        (datetime(2026, 1, 5, 9, tzinfo=UTC), "2026-01-05 09:00:00"),
    ],
)
def test_controls_are_made_visible(typed: object, shown: str) -> None:
    assert visible(typed) == shown


def test_what_the_appliance_says_cannot_control_the_terminal() -> None:
    answer = REPS.replace("Ada L", "Ada\u202e\u0085L")
    assert "Ada\\u202e\\x85L" in ran(Appliance({"get_logged_in_reps": answer}), "reps")


def test_a_whole_session_is_shown() -> None:
    told = ran(Appliance({"SupportSession": answer_of("session.xml")}), "session", LSID)
    for title in ("Took part:", "Chat:", "Notes:", "Files:", "Machine:", "Survey by the", "Recordings:"):
        assert f"\n{title}" in told
    abnormal = ran(
        Appliance({"SupportSession": answer_of("session_abnormal.xml")}), "session", "ffffffffffffffffffffffffffffffff"
    )
    assert "Its end is not in the report" in abnormal
