"""Scripts of the representative console: the guide's examples, what is refused, and reading a file back."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import MalformedPayload
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.starting import scripts
from connectors.platforms.beyondtrust.starting.actions import ACTIONS
from connectors.platforms.beyondtrust.starting.scripts import Command, Script, command, parse

SITE = "https://support.example.com"
FIELDS = {"session.custom.custom_field1": "Custom Value", "session.custom.custom_field2": "123"}
FIELDS_WRITTEN = "session.custom.custom_field1=Custom%20Value&session.custom.custom_field2=123"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)

EXAMPLES: list[tuple[str, dict[str, str | int], str]] = [
    (
        "login",
        {"mechanism": "username_password", "username": "username", "password": "password"},
        "mechanism=username_password&username=username&password=password",
    ),
    ("generate_session_key", {}, ""),
    (
        "generate_session_key",
        {"public_portal_hostname": "support.example.com"},
        "public_portal_hostname=support.example.com",
    ),
    ("push_and_start_local", {"hostname": "ABCDEF02", **FIELDS}, f"hostname=ABCDEF02&{FIELDS_WRITTEN}"),
    ("push_and_start_remote", {"target": "ABCDEF02", "jumpoint": "Network01"}, "target=ABCDEF02&jumpoint=Network01"),
    ("start_jump_item_session", {"client.hostname": "ABCDEF02"}, "client.hostname=ABCDEF02"),
    (
        "start_jump_item_session",
        {"client.private_ip": "10.10.24", "jump.method": "pinned", **FIELDS},
        f"client.private_ip=10.10.24&jump.method=pinned&{FIELDS_WRITTEN}",
    ),
    ("start_jump_item_session", {"search_string": "ABCDEFG02"}, "search_string=ABCDEFG02"),
    (
        "start_rdp_session",
        {"target": "A", "username": "jsmith", "display_size": "1024x768", "quality": "quality", "console": "yes"},
        "target=A&username=jsmith&display_size=1024x768&quality=quality&console=yes",
    ),
    ("start_vnc_session", {"target": "ABCDEF02", "port": 5901}, "target=ABCDEF02&port=5901"),
    (
        "start_shell_jump_session",
        {"target": "A", "username": "jsmith", "protocol": "telnet", "port": 40, "terminal": "vt100"},
        "target=A&username=jsmith&protocol=telnet&port=40&terminal=vt100",
    ),
    ("start_vpro_session", {"target": "ABCDEF02", "jumpoint": "Network01"}, "target=ABCDEF02&jumpoint=Network01"),
    ("delete_script_file", {}, ""),
]


def test_the_examples_are_of_all_ten_actions() -> None:
    assert {action for action, _, _ in EXAMPLES} == set(ACTIONS)
    assert len(ACTIONS) == 10


@pytest.mark.parametrize(("action", "parameters", "written"), EXAMPLES)
def test_the_guides_examples(action: str, parameters: dict[str, str | int], written: str) -> None:
    made = command(action, parameters)
    whole = f"action={action}" + (f"&{written}" if written else "")
    assert made.line == whole
    assert scripts.url(SITE, made) == f"{SITE}/api/client_script?type=rep&operation=generate&{whole}"
    assert parse(Script((made,)).text) == Script((made,))


EVERYTHING: dict[str, str] = {
    "login": "mechanism=username_password&username=u&password=p",
    "generate_session_key": "public_portal_hostname=x.example.com",
    "push_and_start_local": "hostname=x",
    "push_and_start_remote": "target=x&jumpoint=x",
    "start_jump_item_session": "jump.method=vnc&credential_id=x&search_string=x&client.comments=x&client.hostname=x"
    "&client.private_ip=x&client.public_ip=x&client.tag=x",
    "start_rdp_session": "target=x&jumpoint=x&username=x&display_size=all_displays&quality=low&console=no",
    "start_vnc_session": "target=x&jumpoint=x&port=1",
    "start_shell_jump_session": "target=x&jumpoint=x&username=x&protocol=ssh&port=65535&terminal=xterm",
    "start_vpro_session": "target=x&jumpoint=x",
    "delete_script_file": "",
}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_parameter_of_an_action_and_its_custom_fields(action: str) -> None:
    parameters = dict(parse_qsl(EVERYTHING[action]))
    assert set(parameters) == set(ACTIONS[action].parameters)
    written = "&".join(filter(None, [EVERYTHING[action], FIELDS_WRITTEN if ACTIONS[action].custom_fields else ""]))
    made = command(action, parameters | (FIELDS if ACTIONS[action].custom_fields else {}))
    assert made.line == f"action={action}" + (f"&{written}" if written else "")


@pytest.mark.parametrize(
    ("action", "parameters", "named"),
    [
        ("start_pinned_client_session", {"search_string": "x"}, "action must be one of login"),
        ("login", {"username": "only"}, "go together"),
        ("login", {"mechanism": "saml", "username": "u", "password": "p"}, "mechanism must be one of"),
        ("login", {**FIELDS}, "custom fields are not taken by login"),
        ("delete_script_file", {"hostname": "x"}, "it takes: none"),
        ("generate_session_key", {"public_portal_hostname": "x" * 256}, "public_portal_hostname has 256"),
        ("generate_session_key", {"session.custom.a": "x" * 1025}, "session.custom.a has 1025"),
        ("push_and_start_local", {}, "hostname is needed"),
        ("push_and_start_local", {"hostname": "x" * 256}, "hostname has 256"),
        ("push_and_start_remote", {"jumpoint": "x"}, "target is needed"),
        ("start_jump_item_session", {"jump.method": "rdp"}, "search_string or a client.* parameter is needed"),
        ("start_jump_item_session", {"jump.method": "teleport", "client.tag": "x"}, "push, local_push, pinned, rdp"),
        ("start_jump_item_session", {"client.tag": "x" * 256}, "client.tag has 256"),
        ("start_jump_item_session", {"credential_id": "x" * 256, "client.tag": "x"}, "credential_id has 256"),
        ("start_rdp_session", {}, "target is needed"),
        ("start_rdp_session", {"target": "x", "display_size": "big"}, "display_size"),
        ("start_rdp_session", {"target": "x", "quality": "best"}, "low, performance, performance_quality, quality"),
        ("start_rdp_session", {"target": "x", "console": "1"}, "console must be one of no, yes"),
        ("start_vnc_session", {"target": "x", "port": 65536}, "port must be from 1 to 65535"),
        ("start_vnc_session", {"target": "x", "port": "٣"}, "port must be a whole number"),
        ("start_shell_jump_session", {"target": "x", "protocol": "rsh"}, "ssh, telnet"),
        ("start_shell_jump_session", {"target": "x", "terminal": "vt52"}, "xterm, vt100"),
        ("start_vpro_session", {"target": "x"}, "jumpoint is needed"),
    ],
)
def test_what_the_console_would_not_take_is_named(action: str, parameters: dict[str, str | int], named: str) -> None:
    with pytest.raises(WrongInput) as refused:
        command(action, parameters)
    assert named in str(refused.value)


def test_the_web_console_does_two_of_them() -> None:
    made = scripts.url(SITE, command("generate_session_key"), client="web_console")
    assert made == f"{SITE}/api/client_script?type=web_console&operation=execute&action=generate_session_key"
    assert scripts.url(SITE, command("start_jump_item_session", {"client.tag": "x"}), client="web_console")
    with pytest.raises(WrongInput, match="in the web console"):
        scripts.url(SITE, command("start_vnc_session", {"target": "x"}), client="web_console")
    with pytest.raises(WrongInput, match="type must be one of"):
        scripts.url(SITE, command("login"), client="phone")


def test_an_old_appliance_has_the_old_path() -> None:
    assert scripts.url(SITE, command("login"), old=True).startswith(f"{SITE}/api/client_script.ns?type=rep&")


def test_credentials_in_clear_text_are_told_and_never_shown() -> None:
    signing_in = command("login", {"mechanism": "username_password", "username": "u", "password": "made-up"})
    assert "clear text" in signing_in.warnings[0]
    assert "made-up" not in repr(signing_in)
    assert command("login").warnings == ()
    assert command("start_rdp_session", {"target": "x", "username": "u"}).warnings == ()


def test_the_command_lines_of_the_console() -> None:
    made = command("generate_session_key", {"session.custom.external_key": "123456789"})
    assert scripts.run_script("bomgar-rep.exe", made) == (
        'bomgar-rep.exe --run-script "action=generate_session_key&session.custom.external_key=123456789"'
    )
    assert scripts.run_script_file("bomgar-rep.exe", "C:\\my scripts\\a.brcs-x") == (
        'bomgar-rep.exe --run-script-file "C:\\my scripts\\a.brcs-x"'
    )


def test_a_file_has_a_header_and_at_most_ten_commands() -> None:
    one = command("generate_session_key")
    assert Script((one, one)).text == "BRCS1.0\naction=generate_session_key\naction=generate_session_key"
    assert len(parse(Script((one,) * 10).text).commands) == 10
    with pytest.raises(WrongInput, match="at most 10"):
        _ = Script((one,) * 11).text
    with pytest.raises(WrongInput, match="needs a command"):
        _ = Script(()).text


COMMANDS = st.builds(Command, TEXT, st.dictionaries(TEXT.filter(lambda name: name != "action"), TEXT, max_size=4))


@given(st.lists(COMMANDS, min_size=1, max_size=10), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_is_written_is_read_back(commands: list[Command], newline: str, ended: bool) -> None:
    script = Script(tuple(commands))
    text = script.text.replace("\n", newline) + (newline if ended else "")
    assert text.isascii()
    assert parse(text) == script


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BRCS1.0",
        "BRCS1.0\n",
        "BRCS10\naction=login",
        "hello\naction=login",
        "BRCS1.0\nlogin",
        "BRCS1.0\nusername=u&action=login",
        "BRCS1.0\naction=login&username",
        "BRCS1.0\naction=login&a=1&a=2",
        "BRCS1.0\naction=login&a=%zz",
        "BRCS1.0\naction=login&a=%ff",
        "BRCS1.0\naction=login\n\naction=login",
        "BRCS1.0" + "\naction=login" * 11,
        "BRCS1.0\naction=" + "x" * (1024 * 1024),
    ],
)
def test_what_is_no_script_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(MalformedPayload) as refused:
        parse(text)
    assert "login" not in str(refused.value)


def test_a_plus_is_a_plus() -> None:
    assert parse("BRCS1.0\naction=a&b=1+1").commands[0].parameters == {"b": "1+1"}
