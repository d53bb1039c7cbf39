"""`deskbridge rescue …`: every command sends what it should, prints what comes back, and tells each refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click import Group

from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.command_line import commands
from tests.connectors.rescue.calls import asked_as, captured
from tests.connectors.rescue.command_line_desk import answering, ran, run
from tests.connectors.rescue.support import AUTHCODE, BASE_URL, PASSWORD, Api


def words(parameter: object) -> str:
    """The name of a case: what was typed."""
    return " ".join(parameter) if isinstance(parameter, tuple) else ""


CASES: list[tuple[tuple[str, ...], str, dict[str, str], str]] = [
    # arguments, the method that is asked last, what must be sent, what must be printed
    (("account",), "getAccount", {}, "Organization"),
    (("hierarchy",), "getHierarchy_v2", {"isnode": "false", "filteroffline": "false"}, "TechnicianGroup"),
    (
        ("hierarchy", "--node", "337364", "--online"),
        "getHierarchy_v2",
        {"isnode": "true", "node": "337364", "filteroffline": "true"},
        "TechnicianGroup",
    ),
    (("user", "show", "337366"), "getUser_v3", {"node": "337366"}, "Tech: One"),
    (("user", "show", "--email", "a@example.com"), "getUser_v3", {"email": "a@example.com"}, "Tech: One"),
    (("user", "create", "337364"), "createUser", {"parent": "337364"}, "is created."),
    (
        ("user", "status", "337366", "disabled"),
        "setUserStatus_v7_1",
        {"node": "337366", "status": "disabled"},
        "User 337366 is disabled.",
    ),
    (("group", "show", "337364"), "getGroup_v3", {"node": "337364"}, "RemoteControlDesktop, RemoteView"),
    (("group", "create", "337364"), "createGroup", {"parent": "337364"}, "is created."),
    (("move", "337366", "337364"), "moveNode", {"node": "337366", "targetNode": "337364"}, "below 337364"),
    (("delete", "337366", "--yes"), "deleteNode", {"node": "337366"}, "is deleted"),
    (
        ("channel", "assign", "1902861082", "337366"),
        "assignChannel",
        {"node": "337366", "entry": "1902861082"},
        "serves channel 1902861082 now",
    ),
    (
        ("channel", "unassign", "1902861082", "337366"),
        "unassignChannel",
        {"node": "337366", "entry": "1902861082"},
        "does not serve",
    ),
    (
        ("channel", "available", "1902861082"),
        "isAnyTechAvailableOnChannel",
        {"ChannelID": "1902861082", "ExcludingAwayAndBusy": "true"},
        "yes\n",
    ),
    (
        ("channel", "available", "1902861082", "--busy-too"),
        "isAnyTechAvailableOnChannel",
        {"ExcludingAwayAndBusy": "false"},
        "yes\n",
    ),
    (("sessions", "337366"), "getSession_v3", {"node": "337366", "noderef": "NODE"}, "TECHNICIAN"),
    (("sessions", "1902861082", "--channel"), "getSession_v3", {"noderef": "CHANNEL"}, "TECHNICIAN"),
    (("session", "start", "7", "337366"), "startSession", {"session": "7", "node": "337366"}, "picked up by 337366"),
    (("session", "hold", "7"), "holdSession", {"session": "7"}, "on hold"),
    (
        ("session", "transfer", "7", "337367", "--comment", "knows it"),
        "transferSession",
        {"session": "7", "node": "337367", "noderef": "NODE", "comment": "knows it"},
        "handed to 337367",
    ),
    (("session", "transfer", "7", "9", "--channel"), "transferSession", {"noderef": "CHANNEL"}, "handed to 9"),
    (("session", "close", "7", "--yes"), "closeSession", {"session": "7"}, "over"),
    (("session", "cancel", "7"), "cancelAction", {"session": "7"}, "stopped"),
    (("session", "chat", "7"), "getChat", {"session": "7"}, "Technician 1"),
    (("session", "note", "7"), "getNote", {"session": "7"}, "\n"),
    (
        ("pin", "--field", "cfield0=Customer 1", "--field", "cfield1=a=b", "--tracking", "t", "--node", "337367"),
        "requestPINCode_v3",
        {"cfield0": "Customer 1", "cfield1": "a=b", "tracking0": "t", "NodeId": "337367", "notechconsole": "1"},
        f"{BASE_URL}/R?i=2&Code=",
    ),
    (("pin", "--console"), "requestPINCode_v3", {"notechconsole": "0"}, "https://www.logmein123.com"),
    (("lens-pin", "--field", "cfield0=Customer 1"), "requestLensPINCode_v2", {"cfield0": "Customer 1"}, "PIN"),
    (
        ("lens-pin", "--phone", "+15550100", "--language", "de"),
        "requestLensPINCode_v3",
        {"PhoneNumber": "+15550100", "LangCode": "de"},
        "PIN",
    ),
    (("email-text", "123456"), "generateEmailText", {"pincode": "123456"}, "http"),
    (
        ("login-ticket", "123456", "--company", "654321", "--yes"),
        "getLoginTicket",
        {"ssoid": "123456", "Password": PASSWORD, "CompanyID": "654321"},
        "https://",
    ),
    (
        ("login-ticket", "123456", "--company", "654321", "--yes", "--console", "--32-bit"),
        "getDTCLoginTicket",
        {"ssoid": "123456", "Password": PASSWORD, "CompanyID": "654321"},
        "https://",
    ),
]


@pytest.mark.parametrize(("arguments", "method", "sent", "printed"), CASES, ids=words)
def test_a_command_asks_and_tells(arguments: tuple[str, ...], method: str, sent: dict[str, str], printed: str) -> None:
    api = answering(method)
    said = ran(api, *arguments, typed=f"{PASSWORD}\n")
    assert printed in said
    assert PASSWORD not in said
    assert api.calls == [asked_as(method, soap=False)]
    assert sent.items() <= api.form().items()


@pytest.mark.parametrize(("arguments", "method", "sent", "printed"), CASES, ids=words)
def test_a_command_tells_machines_in_json(
    arguments: tuple[str, ...], method: str, sent: dict[str, str], printed: str
) -> None:
    said = ran(answering(method), "--json", *arguments, typed=f"{PASSWORD}\n")
    assert said.isascii()
    assert all(isinstance(json.loads(line), dict) for line in said.splitlines())
    assert PASSWORD not in said


REFUSALS = [
    (arguments, method, code)
    for method, arguments in {method: arguments for arguments, method, _, _ in CASES}.items()
    for code in METHODS[method].codes
]


@pytest.mark.parametrize(("arguments", "method", "code"), REFUSALS, ids=str)
def test_every_documented_return_value_is_one_clear_line(arguments: tuple[str, ...], method: str, code: str) -> None:
    result = run(Api(**{asked_as(method, soap=False): code}), *arguments, typed=f"{PASSWORD}\n")
    assert (result.exit_code, result.stdout) == (1, "")
    *_, line = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert code in line
    assert AUTHCODE not in result.output
    assert PASSWORD not in result.output


def test_every_command_is_tried() -> None:
    def leaves(group: Group, before: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        found = set()
        for name, command in group.commands.items():
            here = (*before, name)
            found |= leaves(command, here) if isinstance(command, Group) else {here}
        return found

    tried = {path for path in leaves(commands) for arguments, *_ in CASES if arguments[: len(path)] == path}
    apart = {("authorize",), ("logout",), ("user", "set"), ("user", "create-many"), ("group", "set"), ("report",)}
    assert leaves(commands) - apart == tried


# users and groups are taken as a whole


def test_what_is_not_told_of_a_user_stays() -> None:
    api = answering("getUser_v3", "setUser_v2")
    assert ran(api, "user", "set", "337366", "--nick", "Uno", "--disabled") == "User 337366 is changed.\n"
    assert api.form() == {
        "authcode": AUTHCODE,
        "node": "337366",
        "name": "Technician 1",
        "nick": "Uno",
        "email": "technician1@example.com",
        "ssoid": "123456",
        "description": "Second floor",
        "status": "disabled",
        "mobileaddon": "false",
        "addons": "false",
        "rpataddon": "true",
    }


def test_a_password_is_asked_for_twice_where_nobody_sees_it() -> None:
    api = answering("getUser_v3", "setUser_v2")
    typed = f"{PASSWORD}\n{PASSWORD}\nmade-up-old-password\n"
    said = run(api, "user", "set", "337366", "--new-password", "--current-password", typed=typed)
    assert said.exit_code == 0
    assert PASSWORD not in said.output
    form = api.form()
    assert (form["pwd"], form["confpwd"], form["oldpwd"]) == (PASSWORD, PASSWORD, "made-up-old-password")


def test_a_password_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\nignored\n")
    api = answering("getUser_v3", "setUser_v2")
    ran(api, "user", "set", "337366", "--password-file", str(file))
    assert (api.form()["pwd"], "oldpwd" in api.form()) == (PASSWORD, False)


def test_a_new_user_can_be_filled_at_once() -> None:
    api = answering("createUser", "getUser_v3", "setUser_v2")
    said = ran(api, "--json", "user", "create", "337364", "--name", "Technician 9", "--email", "nine@example.com")
    node = json.loads(said)["node"]
    assert api.calls == ["createUser", "getUser_v3", "setUser_v2"]
    assert (api.form()["node"], api.form()["name"], api.form()["email"]) == (node, "Technician 9", "nine@example.com")


@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        ("user", ("createUser", "getUser_v3", "setUser_v2")),
        ("group", ("createGroup", "getGroup_v3", "setGroup_v3")),
    ],
)
def test_what_was_created_and_not_filled_is_told(kind: str, calls: tuple[str, str, str]) -> None:
    api = answering(*calls[:2], **{calls[2]: "INVALIDPARAM_NAME"})
    result = run(api, kind, "create", "337364", "--name", "x")
    assert result.exit_code == 1
    assert "is there, but nothing of it is set." in result.stderr
    assert "INVALIDPARAM_NAME" in result.stderr


def test_what_is_not_told_of_a_group_stays() -> None:
    api = answering("getGroup_v3", "setGroup_v3")
    assert ran(api, "group", "set", "337364", "--rpat-limit", "0", "--permission", "SendFile") == (
        "Group 337364 is changed.\n"
    )
    assert api.form() == {
        "authcode": AUTHCODE,
        "node": "337364",
        "name": "Technician Group 1",
        "status": "Enabled",
        "description": "Hours: 9-17",
        "permission": "SendFile",
        "lockedpermission": "CallingCardDeployment",
        "standardconcurrentlimit": "10",
        "mobileconcurrentlimit": "5",
        "rpatconcurrentlimit": "0",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "set", "337366"),
        ("group", "set", "337364"),
        ("user", "show"),
        ("user", "show", "337366", "--email", "a@example.com"),
        ("pin", "--field", "cfield9=x"),
        ("pin", "--field", f"cfield0={'x' * 65}"),
        ("pin", "--tracking", "x" * 65),
        ("lens-pin", "--language", "de"),
        ("login-ticket", "123456", "--yes", "--32-bit"),
        ("login-ticket", "123456", "--yes"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused_before_anything_is_sent(arguments: tuple[str, ...]) -> None:
    api = Api()
    assert run(api, *arguments).exit_code == 2
    assert api.calls == []


# many users at once

HEADING = "parent,name,email,password,status,mobile_addon"
ROW = f"337364,Technician 7,technician7@example.com,{PASSWORD},enabled,true"


def users_made() -> Api:
    return Api(createUsers=captured("createUsers.xml"))


def test_many_users_come_from_a_table(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text(f"\ufeff{HEADING}\n{ROW}\n")
    api = users_made()
    result = run(api, "user", "create-many", str(file))
    body = api.asked[0][2].content.decode()
    assert f"<sPwd>{PASSWORD}</sPwd>" in body
    assert "<iParentID>337364</iParentID>" in body
    assert PASSWORD not in result.output


def lines(count: int) -> str:
    """So many users as JSON lines."""
    told = {"parent": 337364, "name": "T", "password": PASSWORD, "mobile_addon": True}
    return "".join(json.dumps({**told, "email": f"t{number}@example.com"}) + "\n" for number in range(count))


def test_each_of_many_users_has_a_result() -> None:
    """The answer tells of three: created, refused, created and not told of it."""
    result = run(users_made(), "--json", "user", "create-many", "-", typed=lines(4))
    assert result.exit_code == 1
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["line"], one["node"]) for one in told] == [(1, "671840"), (2, ""), (3, "671841"), (4, "")]
    expected = ["", "INVALIDPARAM_EMAIL_ALREADY_IN_USE", "CREATED_BUT_NOTIFICATION_EMAIL_NOT_SENT", "says nothing"]
    for one, problem in zip(told, expected, strict=True):
        assert problem in one["problem"]
    assert told[0] == {"line": 1, "email": "t0@example.com", "node": "671840", "problem": ""}


def test_where_all_were_created_nothing_failed() -> None:
    done = run(users_made(), "user", "create-many", "-", typed=lines(1))
    assert (done.exit_code, done.stdout.splitlines()[1].split()) == (0, ["1", "t0@example.com", "671840", "created"])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "no user"),
        (HEADING, "no user"),
        (f"{HEADING},secret\n{ROW},x", "line 2: nothing is called secret"),
        (f"{HEADING}\n{ROW},more", "line 2 has not as many cells"),
        (f"{HEADING}\n337364,T", "line 2 has not as many cells"),
        (f"{HEADING}\n,T,t@example.com,{PASSWORD},,", "line 2 has no parent"),
        (f"{HEADING}\n{ROW}\n{ROW.replace('enabled', 'on')}", "line 3: status is enabled or disabled"),
        (f"{HEADING}\n{ROW.replace('true', 'maybe')}", "line 2: mobile_addon is true or false"),
        (f'{HEADING}\n"{ROW}', "no CSV"),
        ('{"parent": 1,', "line 1 is no JSON"),
        ('{"parent": 1}\n[]', "line 1 has no name, email, password"),
        ('{"parent": {"x": 1}}', "line 1: parent is no text"),
    ],
)
def test_a_wrong_file_is_told_by_its_line_and_nothing_is_sent(text: str, wrong: str) -> None:
    api = Api()
    result = run(api, "user", "create-many", "-", typed=text)
    assert (result.exit_code, wrong in result.stderr) == (1, True), result.stderr
    assert PASSWORD not in result.output
    assert api.calls == []


# what is asked first


def test_a_deletion_is_asked_first_and_named() -> None:
    api = answering("getHierarchy_v2", "deleteNode")
    result = run(api, "delete", "671835", typed="n\n")
    assert result.exit_code == 1
    assert "Delete node 671835 (Technician Technician 1) for good?" in result.stderr
    assert api.calls == ["getHierarchy_v2"]
    assert run(api, "delete", "671835", typed="y\n").exit_code == 0
    assert api.calls[-1] == "deleteNode"


def test_the_end_of_a_session_is_asked_first() -> None:
    api = answering("closeSession")
    assert run(api, "session", "close", "7", typed="n\n").exit_code == 1
    assert api.calls == []
    assert run(api, "session", "close", "7", typed="y\n").exit_code == 0


def test_a_link_that_signs_in_does_not_go_into_a_file_unasked() -> None:
    api = answering("getLoginTicket")
    result = run(api, "login-ticket", "123456", "--company", "654321", typed=f"y\n{PASSWORD}\n")
    assert (result.exit_code, "--yes" in result.stderr) == (2, True)
    assert api.calls == []


def test_a_link_is_shown_at_a_terminal_after_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.command_line.passwords._is_terminal", lambda: True)
    api = answering("getLoginTicket")
    sso = {"auth": "sso", "sso_id": "1", "sso_password": PASSWORD, "company_id": 654321}
    assert "https://" in run(api, "login-ticket", "123456", typed="y\n", **sso).stdout
    assert (api.form()["Password"], api.form()["CompanyID"]) == (PASSWORD, "654321")
    assert "https://" not in run(api, "login-ticket", "123456", typed="n\n", **sso).stdout


# sessions, PINs, connections


def test_states_are_asked_for_by_soap() -> None:
    api = Api(getSession_V3=captured("getSession_V3.xml"))
    assert "SESSION_" in ran(api, "sessions", "337366", "--states")
    assert api.calls == ["getSession_V3"]


def test_a_table_that_a_name_breaks_is_asked_for_by_soap() -> None:
    api = Api(getSession_v3=captured("getSession_v3-odd-names.txt"), getSession_V3=captured("getSession_V3.xml"))
    ran(api, "sessions", "337366")
    assert api.calls == ["getSession_v3", "getSession_V3"]


def test_nothing_to_list() -> None:
    api = Api(getSession_V3=captured("getSession_V3-none.xml"))
    assert ran(api, "sessions", "337366", "--states") == "There is no session.\n"


def test_an_sms_that_cannot_be_sent_is_told_and_the_pin_all_the_same() -> None:
    api = Api(requestLensPINCode_v3="OK\n\nPINCODE:123456\nSMS_RESULT:INVALID_PHONENUMBER")
    result = run(api, "lens-pin", "--phone", "x")
    assert (result.exit_code, "123456" in result.stdout, "INVALID_PHONENUMBER" in result.stderr) == (1, True, True)


def test_the_connections_own_technician_gets_the_pin() -> None:
    api = answering("requestPINCode_v3")
    ran(api, "pin", node=337367, no_technician_console=False)
    assert (api.form()["NodeId"], api.form()["notechconsole"]) == ("337367", "0")


def test_a_pin_whose_outcome_is_not_known_says_so() -> None:
    api = Api(requestPINCode_v3="<html>")
    result = run(api, "pin")
    assert (result.exit_code, "look before you ask again" in result.stderr) == (1, True)


def test_a_connection_that_is_not_there() -> None:
    result = run(Api(), "--connection", "other", "account")
    assert (result.exit_code, "only the connection rescue" in result.stderr) == (1, True)


def test_what_people_typed_controls_no_terminal() -> None:
    answer: Any = captured("getUser_v3.txt").content.replace(b"Second floor", "\x1b[2J\u202eevil".encode())
    said = ran(Api(getUser_v3=answer.decode()), "user", "show", "337366")
    assert "\\x1b[2J\\u202eevil" in said
