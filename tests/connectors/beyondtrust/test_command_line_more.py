"""`deskbridge beyondtrust …`: links, pages, scripts, the configuration, what happens live."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from bridge.model import SessionSummary
from connectors.platforms.beyondtrust.live import state
from tests.connectors.beyondtrust.appliance import OLD, Appliance
from tests.connectors.beyondtrust.command_line_desk import CONFIG, described, ran, run
from tests.connectors.beyondtrust.reporting import LSID

SITE = "https://support.example.com"

# -- starting sessions elsewhere -------------------------------------------------------------------------------


def test_a_link_is_made_for_the_connections_public_site() -> None:
    told = ran(
        Appliance(),
        "link",
        "--rep-id",
        "1",
        "--rep-name",
        "Ada",
        "--click-to-chat",
        public_hostname="help.example.com",
        client_id="made-up",
        client_secret="made-up",
    )
    assert told == "https://help.example.com/api/start_session?id=1&name=Ada&c2cjs=1\n"


def test_a_link_needs_no_connection_when_the_site_is_named() -> None:
    told = ran(
        Appliance(), "--connection", "other", "link", "--site", "https://x.example", "--issue", "a", "--company", "Acme"
    )
    assert told == "https://x.example/api/start_session?issue_menu=1&codeName=a&customer.company=Acme\n"


def test_a_link_of_2008() -> None:
    told = ran(Appliance(), "link", "--issue-id", "3", "--external-key", "42", **OLD)
    assert told == f"{SITE}/download_customer_connector.ns?issue_menu=1&id=3&external_key=42\n"


def test_a_page_and_a_form() -> None:
    page = ran(Appliance(), "snippet", "--issue", "a", "--chat", "--no-fallback", "--button", "<b>")
    assert "BG.START_TYPE.CHAT" in page
    assert "&lt;b&gt;" in page
    assert '"fallbackToFullWindow": false' in page
    assert 'issue: document.getElementById("help")' in ran(Appliance(), "snippet", "--issue-form", "help")
    assert "short_key" in ran(Appliance(), "snippet", "--form")
    assert set(json.loads(ran(Appliance(), "--json", "snippet", "--key", "1234567"))) == {"head", "body"}


def test_a_line_for_the_support_button() -> None:
    result = run(Appliance(), "button", "C:\\cb.exe", "--cbdir", "C:\\c b\\", "--external-key", "50%")
    assert result.stdout == 'C:\\cb.exe --cbdir "C:\\c b\\\\" --session-value session.custom.external_key "50%"\n'
    assert "Beware" in result.stderr


def test_a_script_as_address_as_file_and_as_command_line() -> None:
    jump = ("script", "push_and_start_local", "hostname=pc 1")
    assert ran(Appliance(), *jump) == (
        f"{SITE}/api/client_script?type=rep&operation=generate&action=push_and_start_local&hostname=pc%201\n"
    )
    assert ran(Appliance(), *jump, "--file") == "BRCS1.0\naction=push_and_start_local&hostname=pc%201\n"
    assert ran(Appliance(), *jump, "--console", "bomgar-rep.exe").startswith("bomgar-rep.exe --run-script ")
    assert "/api/client_script.ns?" in ran(Appliance(), *jump, **OLD)
    assert "type=web_console&operation=execute" in ran(Appliance(), "script", "generate_session_key", "--web-console")


def test_a_script_with_a_password_is_warned_of() -> None:
    result = run(Appliance(), "script", "login", "mechanism=username_password", "username=u", "password=made-up")
    assert "clear text" in result.stderr
    assert "made-up" not in result.stderr


# -- configuration ---------------------------------------------------------------------------------------------


def test_the_resources_and_what_one_takes() -> None:
    assert "shelf/{id}" in ran(described(), "config", "resources")
    told = ran(described(), "config", "resources", "shelf")
    for word in ("per_page", "red | blue", "string", "code_name"):
        assert word in told
    assert run(described(), "config", "resources", "cupboard").exit_code == 1


def test_a_list_of_the_configuration() -> None:
    shelves = httpx.Response(200, json=[{"id": 1, "name": "A\x1b"}, {"id": 2, "name": "B"}])
    appliance = described(shelf=shelves)
    told = ran(appliance, "config", "list", "shelf", "kind=tall")
    assert "A\\x1b" in told
    assert dict(appliance.request().url.params) == {"kind": "tall"}
    lines = ran(described(shelf=shelves), "--json", "config", "list", "shelf").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [1, 2]


def test_one_of_the_configuration_is_read_changed_made_and_deleted() -> None:
    one = httpx.Response(200, json={"id": 5, "name": "A"})
    assert "A" in ran(described(shelf_5=one), "config", "get", "shelf", "5")
    appliance = described(shelf_5=one)
    ran(appliance, "config", "set", "shelf", "5", "boards=6", "--body", '{"tags": ["x"]}')
    assert json.loads(appliance.request().content) == {"boards": 6, "tags": ["x"]}
    assert appliance.request().method == "PATCH"
    appliance = described(shelf=httpx.Response(201, json={"id": 6}))
    ran(appliance, "config", "create", "shelf", "name=B", "code_name=b")
    assert json.loads(appliance.request().content) == {"name": "B", "code_name": "b"}
    appliance = described(shelf_5=httpx.Response(204))
    assert "Deleted" in ran(appliance, "config", "delete", "shelf", "5", "--yes")
    assert (appliance.request().method, appliance.request().url.path) == ("DELETE", f"{CONFIG}/shelf/5")


# -- live ------------------------------------------------------------------------------------------------------


def test_live_tells_each_change(monkeypatch: pytest.MonkeyPatch) -> None:
    since = datetime(2026, 1, 5, 9, tzinfo=UTC)
    seen = [SessionSummary(LSID, "42", since), SessionSummary(LSID, "42", since, ended=True), SessionSummary("x")]
    monkeypatch.setattr(state, "watch", lambda api, stopping: iter(seen))
    assert ran(Appliance(), "live", "--count", "2").splitlines() == [
        f"running  {LSID}  42  since 2026-01-05 09:00:00 UTC",
        f"ended    {LSID}  42  since 2026-01-05 09:00:00 UTC",
    ]
    assert [json.loads(line)["id"] for line in ran(Appliance(), "--json", "live").splitlines()] == [LSID, LSID, "x"]
