"""The two dialects: where they ask, how they sign in, and what they call the external key."""

from __future__ import annotations

from io import BytesIO

import httpx
import pytest

from bridge.errors import AccessDenied
from connectors.platforms.beyondtrust import schema
from connectors.platforms.beyondtrust.commands.values import queue
from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.wire.dialect import CURRENT, DIALECTS
from connectors.platforms.beyondtrust.wire.dialect import OLD as THE_OLD
from tests.connectors.beyondtrust.appliance import LSID, OLD, PASSWORD, Appliance, api, commands

KEY = "<session_key><short_key>1234567</short_key><key_url>https://x/1</key_url></session_key>"


def test_each_dialect_of_the_schema_is_there() -> None:
    assert set(DIALECTS) == {schema.CURRENT, schema.OLD}


def test_today_no_path_has_ns() -> None:
    assert (CURRENT.command, CURRENT.reporting, CURRENT.backup) == ("/api/command", "/api/reporting", "/api/backup")


def test_in_2008_every_path_has_ns() -> None:
    paths = (THE_OLD.command, THE_OLD.reporting, THE_OLD.backup, THE_OLD.start_session, THE_OLD.client_script)
    assert all(path.endswith(".ns") for path in paths)


def test_in_2008_reports_and_backup_have_their_old_paths() -> None:
    appliance = Appliance({"SupportTeam": "<team_activity_list/>", "/api/backup.ns": httpx.Response(200, content=b"b")})
    with api(appliance, **OLD) as given:
        with given.report("SupportTeam"):
            pass
        Reports(given).backup(BytesIO())
    assert [request.url.path for _, _, request in appliance.asked] == ["/api/reporting.ns", "/api/backup.ns"]
    for _, form, request in appliance.asked:
        assert (form["username"], form["password"], request.url.query) == ("bridge", PASSWORD, b"")


def test_in_2008_name_and_password_go_with_each_request_and_never_in_the_url() -> None:
    appliance = Appliance({"generate_session_key": KEY, "terminate_session": "<success>ok</success>"})
    with commands(appliance, **OLD) as given:
        given.generate_session_key(queue("general"), external_key="4711")
        given.terminate_session(LSID)
    assert [request.url.path for _, _, request in appliance.asked] == ["/api/command.ns"] * 2
    for _, form, request in appliance.asked:
        assert (form["username"], form["password"]) == ("bridge", PASSWORD)
        assert (request.method, request.url.query) == ("POST", b"")
        assert "authorization" not in request.headers
    assert appliance.tokens == []


def test_in_2008_the_external_key_has_its_old_name() -> None:
    appliance = Appliance({"generate_session_key": KEY})
    with commands(appliance, **OLD) as given:
        given.generate_session_key(queue("general"), external_key="4711", attributes={"asset": "PC-7"})
    assert appliance.form()["external_key"] == "4711"
    assert appliance.form()["session.custom.asset"] == "PC-7"


def test_in_2008_a_refusal_is_final() -> None:
    appliance = Appliance({"get_api_info": "<error>Authentication failed</error>"})
    with commands(appliance, **OLD) as given, pytest.raises(AccessDenied) as denied:
        given.get_api_info()
    assert appliance.calls == ["get_api_info"]
    assert PASSWORD not in str(denied.value)


def test_in_2008_a_status_401_is_final() -> None:
    appliance = Appliance({"get_api_info": httpx.Response(401)})
    with commands(appliance, **OLD) as given, pytest.raises(AccessDenied):
        given.get_api_info()
    assert appliance.calls == ["get_api_info"]


def test_in_2008_there_is_no_token() -> None:
    with api(Appliance(), **OLD) as given, pytest.raises(AccessDenied, match="no access token"):
        given.access_token()
