"""The pretend Rescue's API: signing in, PINs, chat and notes, and the codes it answers."""

from __future__ import annotations

import httpx
import pytest

from sandbox.driver import Customer, Technician
from sandbox.rescue.listing import COLUMNS
from sandbox.rescue.tree import CHANNEL_ID, ROOT_NODE_ID
from sandbox.serve import Sandbox


def call(client: httpx.Client, method: str, **values: str) -> str:
    answer = client.post(f"/API/{method}.aspx", data=values)
    assert answer.status_code == 200, answer.status_code
    return answer.text


def ask_pin(sandbox: Sandbox, client: httpx.Client, version: str = "", **values: str) -> str:
    code = sandbox.settings.rescue.authcode
    answer = call(client, f"requestPINCode{version}", authcode=code, **values)
    return answer.removeprefix("OK\n\nPINCODE:")


def login(sandbox: Sandbox, client: httpx.Client, password: str | None = None) -> str:
    settings = sandbox.settings.rescue
    return call(client, "login", email=settings.email, pwd=password or settings.password)


@pytest.fixture
def session(sandbox: Sandbox, rescue: httpx.Client, customer: Customer) -> int:
    return customer.join(ask_pin(sandbox, rescue, cfield0="Customer 1", tracking0="T-1"))


# addresses


def test_without_aspx_there_is_nothing(rescue: httpx.Client) -> None:
    assert rescue.get("/API/login").status_code == 404
    assert rescue.get("/API/unknown.aspx").status_code == 404


def test_get_works_as_post_does(sandbox: Sandbox, rescue: httpx.Client) -> None:
    answer = rescue.get("/API/getAccount.aspx", params={"authcode": sandbox.settings.rescue.authcode})
    assert answer.text.startswith("OK\n\nAccountID:560961\n")
    assert answer.text.endswith("TechID:337366\nEmail:technician@example.com")


# signing in


def test_a_login_is_a_cookie(sandbox: Sandbox, rescue: httpx.Client) -> None:
    assert call(rescue, "getAccount") == "NOTLOGGEDIN"
    assert login(sandbox, rescue) == "OK"
    assert "ASP.NET_SessionId" in rescue.cookies
    assert call(rescue, "getAccount").startswith("OK")
    assert call(rescue, "logout") == "OK"
    assert call(rescue, "getAccount") == "NOTLOGGEDIN"
    assert call(rescue, "logout") == "NOTLOGGEDIN"


def test_twenty_idle_minutes_log_out(sandbox: Sandbox, rescue: httpx.Client) -> None:
    login(sandbox, rescue)
    sandbox.clock.advance(19 * 60)
    assert call(rescue, "getAccount").startswith("OK")
    sandbox.clock.advance(19 * 60)
    assert call(rescue, "getAccount").startswith("OK")
    sandbox.clock.advance(20 * 60)
    assert call(rescue, "getAccount") == "NOTLOGGEDIN"


def test_the_eleventh_login_in_three_minutes(sandbox: Sandbox, rescue: httpx.Client) -> None:
    assert login(sandbox, rescue, "wrong") == "INVALID"
    assert [login(sandbox, rescue) for _ in range(9)] == ["OK"] * 9
    assert login(sandbox, rescue) == "LIMITREACHED"
    sandbox.clock.advance(181)
    assert login(sandbox, rescue) == "OK"


def test_a_new_authcode_kills_the_old_one(sandbox: Sandbox, rescue: httpx.Client) -> None:
    settings = sandbox.settings.rescue
    known = {"email": settings.email, "pwd": settings.password}
    first = call(rescue, "requestAuthCode", **known).removeprefix("OK\n\nAUTHCODE:")
    assert call(rescue, "getAccount", authcode=settings.authcode) == "INVALID_SECRETAUTHCODE"
    assert call(rescue, "getAccount", authcode=first).startswith("OK")
    assert call(rescue, "requestAuthCode", **known) == "requestAuthCode_PollRateExceeded"
    sandbox.clock.advance(1)
    assert call(rescue, "requestAuthCode", **known).startswith("OK")
    assert call(rescue, "getAccount", authcode=first) == "INVALID_SECRETAUTHCODE"
    sandbox.clock.advance(1)
    assert call(rescue, "requestAuthCode", email=settings.email, pwd="wrong") == "INVALID"


def test_an_authcode_by_single_sign_on(sandbox: Sandbox, rescue: httpx.Client) -> None:
    settings = sandbox.settings.rescue
    known = {"ssoid": settings.sso_id, "pwd": settings.sso_password}
    assert call(rescue, "requestAuthCodeSSO", **known, company="ACME") == "INVALIDPARAM_COMPANY"
    assert call(rescue, "requestAuthCodeSSO", **known, company="1") == "INVALID"
    code = call(rescue, "requestAuthCodeSSO", **known, company=settings.company_id)
    assert call(rescue, "getAccount", authcode=code.removeprefix("OK\n\nAUTHCODE:")).startswith("OK")


def test_oauth_by_client_credentials(sandbox: Sandbox, rescue: httpx.Client) -> None:
    settings = sandbox.settings.rescue
    asked = {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "scope": settings.scope,
    }
    address = "/id-srv-api/api/OAuth/token"
    assert rescue.post(address, data={**asked, "client_secret": "wrong"}).status_code == 400
    assert rescue.post(address, data={**asked, "scope": "else"}).json() == {"error": "invalid_scope"}
    answer = rescue.post(address, data=asked).json()
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert answer["token_type"] == "Bearer"
    assert rescue.get("/API/getAccount.aspx", headers=headers).text.startswith("OK")
    sandbox.clock.advance(answer["expires_in"])
    assert rescue.get("/API/getAccount.aspx", headers=headers).text == "NOTLOGGEDIN"
    refreshed = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    again = rescue.post(address, data={**refreshed, "client_secret": settings.client_secret})
    assert again.json()["access_token"] != answer["access_token"]


def test_users_who_are_gone(sandbox: Sandbox, rescue: httpx.Client) -> None:
    code = sandbox.settings.rescue.authcode
    sandbox.rescue.owner.disabled = True
    assert call(rescue, "getAccount", authcode=code) == "USER_DELETED_OR_DISABLED"
    sandbox.rescue.owner.deleted = True
    assert call(rescue, "getAccount", authcode=code) == "USER_IS_DELETED"


# PINs


def test_pins_have_six_digits_zeros_too(sandbox: Sandbox, rescue: httpx.Client) -> None:
    sandbox.settings.rescue.next_pins = ["012345"]
    assert ask_pin(sandbox, rescue, "_v2") == "012345"
    assert len(ask_pin(sandbox, rescue, "_v3", NodeId="337367")) == 6


@pytest.mark.parametrize(
    ("name", "limit"),
    [("cfield0", 64), ("cfield1", 512), ("cfield2", 512), ("cfield3", 256), ("cfield5", 64), ("tracking0", 64)],
)
def test_fields_have_lengths(sandbox: Sandbox, rescue: httpx.Client, name: str, limit: int) -> None:
    assert ask_pin(sandbox, rescue, **{name: "ü" * (limit + 1)}) == "ERROR"
    assert ask_pin(sandbox, rescue, **{name: "ü" * limit}).isdigit()


def test_one_pin_per_second(sandbox: Sandbox, rescue: httpx.Client) -> None:
    sandbox.settings.rescue.pin_interval_seconds = 60
    assert ask_pin(sandbox, rescue).isdigit()
    assert ask_pin(sandbox, rescue) == "POLLRATEEXCEEDED"
    sandbox.clock.advance(60)
    assert ask_pin(sandbox, rescue).isdigit()


def test_the_pool_of_pins_can_be_empty(sandbox: Sandbox, rescue: httpx.Client, customer: Customer) -> None:
    sandbox.settings.rescue.pin_pool = 1
    pin = ask_pin(sandbox, rescue)
    assert ask_pin(sandbox, rescue) == "OUTOFPINCODES"
    customer.join(pin)
    assert ask_pin(sandbox, rescue).isdigit()


def test_nobody_at_the_console(sandbox: Sandbox, rescue: httpx.Client, technician: Technician) -> None:
    technician.open_console(open_=False)
    assert ask_pin(sandbox, rescue) == "NOTECHCONSOLERUNNING"
    assert ask_pin(sandbox, rescue, notechconsole="1").isdigit()
    assert ask_pin(sandbox, rescue, "_v3", NodeId="337367").isdigit()


def test_versions_that_do_not_exist(sandbox: Sandbox, rescue: httpx.Client) -> None:
    sandbox.settings.rescue.pin_versions = frozenset({1, 2})
    assert rescue.post("/API/requestPINCode_v3.aspx").status_code == 404
    assert ask_pin(sandbox, rescue, "_v2").isdigit()


def test_node_ids_of_nobody(sandbox: Sandbox, rescue: httpx.Client) -> None:
    assert ask_pin(sandbox, rescue, "_v3", NodeId="1") == "NOTTECHNICIAN"


def test_the_text_of_an_invitation(sandbox: Sandbox, rescue: httpx.Client) -> None:
    code = sandbox.settings.rescue.authcode
    text = call(rescue, "generateEmailText", authcode=code, pincode="012345")
    assert f"\nLINK:{sandbox.rescue_url}/R?i=2&Code=012345\n" in text
    assert call(rescue, "generateEmailText", authcode=code, pincode="12345") == "INVALIDPINFORMAT"


def test_answers_can_be_forced(sandbox: Sandbox, rescue: httpx.Client) -> None:
    sandbox.rescue.force("requestPINCode", "ERROR", times=2)
    assert [ask_pin(sandbox, rescue) for _ in range(2)] == ["ERROR", "ERROR"]
    assert ask_pin(sandbox, rescue).isdigit()


# sessions


def test_chat_and_note(
    sandbox: Sandbox, rescue: httpx.Client, customer: Customer, technician: Technician, session: int
) -> None:
    code = sandbox.settings.rescue.authcode
    technician.pick_up(session)
    customer.say("a|b: c")
    technician.say("hello")
    technician.note("done & dusted")
    chat = call(rescue, "getChat", authcode=code, session=str(session)).removeprefix("OK\n\nCHATLOG:")
    lines = [line.partition("M ")[2] for line in chat.split("\n")]
    assert lines[2:] == ["Switched to P2P", "Customer 1: a|b: c", "Technician 1: hello"]
    assert chat[:1].isdigit()
    assert call(rescue, "getNote", authcode=code, session=str(session)) == "OK\n\nNOTE:done & dusted"


def test_an_unknown_session_is_just_an_error(sandbox: Sandbox, rescue: httpx.Client) -> None:
    code = sandbox.settings.rescue.authcode
    assert call(rescue, "getChat", authcode=code, session="1") == "ERROR"
    sandbox.settings.rescue.unknown_session_code = "INVALIDPARAM_SESSION"
    assert call(rescue, "getNote", authcode=code, session="x") == "INVALIDPARAM_SESSION"


def listed(sandbox: Sandbox, client: httpx.Client, node: int, noderef: str = "NODE") -> list[list[str]]:
    code = sandbox.settings.rescue.authcode
    text = call(client, "getSession_v3", authcode=code, node=str(node), noderef=noderef)
    assert text.startswith("OK\n\n")
    assert text.endswith("|\n")
    header, *rows = text.removeprefix("OK\n\n").splitlines()
    assert header == "|".join(COLUMNS) + "|"
    return [row.removesuffix("|").split("|") for row in rows]


def test_nothing_to_list_is_the_header_only(sandbox: Sandbox, rescue: httpx.Client) -> None:
    assert listed(sandbox, rescue, ROOT_NODE_ID) == []


def test_a_session_in_the_table(sandbox: Sandbox, rescue: httpx.Client, session: int) -> None:
    (row,) = listed(sandbox, rescue, 337366)
    assert len(row) == 19
    assert row[:2] == [str(session), "Waiting"]
    assert (row[5], row[8], row[17]) == ("Technician 1", "Customer 1", "yes")
    assert listed(sandbox, rescue, 337367) == []


def test_a_collaboration_stands_twice_and_words_are_local(
    sandbox: Sandbox, rescue: httpx.Client, technician: Technician, session: int
) -> None:
    sandbox.settings.rescue.status_names = {"Closed by technician": "Encerrado pelo técnico"}
    sandbox.settings.rescue.yes = "sim"
    technician.pick_up(session)
    technician.ask_to_join(337367)
    technician.end()
    rows = listed(sandbox, rescue, ROOT_NODE_ID)
    assert [(row[0], row[1], row[4], row[17]) for row in rows] == [
        (str(session), "Encerrado pelo técnico", "337366", "sim"),
        (str(session), "Encerrado pelo técnico", "337367", ""),
    ]


def test_waiting_in_a_channel_belongs_to_nobody(
    sandbox: Sandbox, rescue: httpx.Client, customer: Customer, technician: Technician
) -> None:
    session = customer.start_in_channel("Somebody", "forged")
    (row,) = listed(sandbox, rescue, CHANNEL_ID, "CHANNEL")
    assert row[2:6] == [str(CHANNEL_ID), "Support channel", "0", ""]
    technician.pick_up(session)
    assert sandbox.rescue.session(session).tracking == "forged"


def test_nodes_that_do_not_exist(sandbox: Sandbox, rescue: httpx.Client) -> None:
    code = sandbox.settings.rescue.authcode
    for node, noderef in (("", "NODE"), ("1", "NODE"), ("337366", "CHANNEL")):
        answer = call(rescue, "getSession_v3", authcode=code, node=node, noderef=noderef)
        assert answer == "INVALIDPARAM_NODE"


def test_is_anybody_there(sandbox: Sandbox, rescue: httpx.Client) -> None:
    code = sandbox.settings.rescue.authcode
    method = "isAnyTechAvailableOnChannel"
    assert call(rescue, method, authcode=code, ChannelID=str(CHANNEL_ID)) == "TRUE"
    for one in sandbox.rescue.technicians.values():
        one.console_open = False
    assert call(rescue, method, authcode=code, ChannelID=str(CHANNEL_ID)) == "FALSE"
