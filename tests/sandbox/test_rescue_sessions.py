"""Sessions by API: three tables, local words, and what administrators do to sessions."""

from __future__ import annotations

import httpx
import pytest

from sandbox.clock import us_second
from sandbox.driver import Customer, Technician
from sandbox.rescue.listing import columns
from sandbox.rescue.tree import (
    ADMIN_ID,
    CHANNEL_ID,
    GROUP_ID,
    OWNER_ID,
    ROOT_NODE_ID,
    SECOND_CHANNEL_ID,
    SECOND_GROUP_ID,
    SECOND_ID,
)
from sandbox.rescue.words import STATUSES
from sandbox.serve import Sandbox
from tests.sandbox.receiver import Receiver


class Api:
    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        self.sandbox, self.client = sandbox, client

    def __call__(self, method: str, **values: object) -> str:
        authcode = self.sandbox.settings.rescue.authcode
        given = {name: str(value) for name, value in values.items()}
        return self.client.post(f"/API/{method}.aspx", data={"authcode": authcode, **given}).text

    def rows(self, method: str = "getSession_v3", **values: object) -> list[list[str]]:
        text = self(method, **{"node": ROOT_NODE_ID, **values})
        assert text.startswith("OK\n\nID|Status|")
        return [line.removesuffix("|").split("|") for line in text.removeprefix("OK\n\n").splitlines()[1:]]

    def status(self, session: int) -> str:
        return next(row[1] for row in self.rows() if row[0] == str(session))


@pytest.fixture
def api(sandbox: Sandbox, rescue: httpx.Client) -> Api:
    return Api(sandbox, rescue)


@pytest.fixture
def waiting(customer: Customer) -> int:
    return customer.start_in_channel("Customer 1")


@pytest.fixture
def active(technician: Technician, waiting: int) -> int:
    technician.pick_up(waiting)
    return waiting


# tables


def test_versions_differ_in_their_custom_fields(sandbox: Sandbox, api: Api, customer: Customer) -> None:
    fields = {f"cfield{number}": f"value {number}" for number in range(6)}
    customer.join(sandbox.rescue.request_pin(sandbox.rescue.owner, fields).code)
    assert [len(api.rows(method)[0]) for method in ("getSession", "getSession_v2", "getSession_v3")] == [16, 16, 19]
    assert api.rows("getSession")[0][8:12] == ["value 0", "value 1", "value 2", "en"]
    assert columns(1)[10:12] == ("Custom Field 2", "Language")


def test_the_oldest_lists_all_where_no_node_is_given(api: Api, waiting: int) -> None:
    assert [row[0] for row in api.rows("getSession", node="")] == [str(waiting)]
    assert api("getSession_v2", node="") == "INVALIDPARAM_NODE"


def test_a_group_lists_what_its_technicians_have(api: Api, active: int) -> None:
    assert [row[0] for row in api.rows(node=GROUP_ID)] == [str(active)]
    assert api.rows(node=SECOND_GROUP_ID) == []


@pytest.mark.parametrize(
    ("language", "word", "yes"),
    [
        ("en", "Closed by active customer", "yes"),
        ("pt", "Encerrado pelo cliente ativo", "sim"),
        ("de", "Vom aktiven Kunden geschlossen", "ja"),
        ("ja", "アクティブな顧客により終了", "はい"),
    ],
)
def test_words_are_local_and_headers_are_not(
    sandbox: Sandbox, api: Api, customer: Customer, active: int, language: str, word: str, yes: str
) -> None:
    sandbox.settings.rescue.language = language  # type: ignore[assignment]  # one of its literals
    customer.leave()
    (row,) = api.rows()
    assert (row[0], row[1], row[17], row[18]) == (str(active), word, yes, "")


def test_every_status_of_the_reference_has_its_words() -> None:
    assert len(STATUSES) == 22
    assert all(all(words) and words[3].startswith("SESSION_") for words in STATUSES.values())
    assert all(len({words[place] for words in STATUSES.values()}) == len(STATUSES) for place in range(3))


def test_bars_and_line_feeds_are_not_escaped(sandbox: Sandbox, api: Api, customer: Customer) -> None:
    customer.join(sandbox.rescue.request_pin(sandbox.rescue.owner, {"cfield0": "a|b\nc"}).code)
    assert "|a|b\nc||||||en|" in api("getSession_v3", node=ROOT_NODE_ID)


def test_what_ended_long_ago_is_not_listed(sandbox: Sandbox, api: Api, customer: Customer, active: int) -> None:
    customer.leave()
    assert len(api.rows()) == 1
    sandbox.clock.advance(sandbox.settings.rescue.listed_after_close_seconds)
    assert api.rows() == []


# actions


def test_start_hold_and_go_on(sandbox: Sandbox, api: Api, waiting: int) -> None:
    assert api("startSession", session=waiting, node=SECOND_ID) == "OK"
    assert api("startSession", session=waiting, node=SECOND_ID) == "ACTIONFAILED"
    assert api("holdSession", session=waiting) == "OK"
    assert api.status(waiting) == "On Hold"
    assert api("holdSession", session=waiting) == "ACTIONFAILED"
    sandbox.clock.advance(90)
    assert api("startSession", session=waiting, node=SECOND_ID) == "OK"
    assert (api.status(waiting), sandbox.rescue.session(waiting).held_seconds) == ("Active", 90)


def test_what_a_start_needs(sandbox: Sandbox, api: Api, waiting: int) -> None:
    assert api("startSession", session=1, node=SECOND_ID) == "INVALIDPARAM_SESSION"
    assert api("startSession", session="x", node=SECOND_ID) == "INVALIDPARAM_SESSION"
    assert api("startSession", session=waiting, node=ADMIN_ID) == "INVALIDPARAM_NODE"
    sandbox.rescue.technicians[SECOND_ID].console_open = False
    assert api("startSession", session=waiting, node=SECOND_ID) == "ACTIONFAILED"
    assert api.status(waiting) == "Waiting"


def test_a_transfer_is_picked_up_by_the_other(api: Api, active: int) -> None:
    assert api("transferSession", session=active, node=SECOND_ID, comment="Escalating") == "OK"
    (row,) = api.rows()
    assert (row[1], row[4], row[15], row[16], row[18]) == (
        "Transferring",
        str(SECOND_ID),
        "Technician 2",
        "Escalating",
        "yes",
    )
    assert api("startSession", session=active, node=SECOND_ID) == "OK"
    (row,) = api.rows()
    assert (row[1], row[5], row[15], row[18]) == ("Active", "Technician 2", "Technician 2", "")


def test_a_transfer_to_a_channel_waits_for_anybody(api: Api, waiting: int) -> None:
    there = {"node": SECOND_CHANNEL_ID, "noderef": "CHANNEL"}
    assert api("transferSession", session=waiting, **there) == "OK"
    (row,) = api.rows(node=SECOND_CHANNEL_ID, noderef="CHANNEL")
    assert (row[1], row[2], row[3], row[4]) == ("Waiting", str(SECOND_CHANNEL_ID), "Second channel", "0")
    assert api.rows(node=CHANNEL_ID, noderef="CHANNEL") == []


def test_what_a_transfer_needs(sandbox: Sandbox, api: Api, active: int) -> None:
    given = {"session": active, "node": SECOND_ID}
    assert api("transferSession", **{**given, "node": ADMIN_ID}) == "INVALIDPARAM_NODE"
    assert api("transferSession", **{**given, "node": GROUP_ID}) == "INVALIDPARAM_NODE"
    assert api("transferSession", **given, noderef="CHANNEL") == "INVALIDPARAM_NODE"
    assert api("transferSession", **given, noderef="ELSE") == "INVALIDPARAM_NODE"
    assert api("transferSession", **{**given, "session": 1}) == "ERROR"
    sandbox.rescue.technicians[SECOND_ID].console_open = False
    assert api("transferSession", **given) == "ACTIONFAILED"


def test_a_transfer_can_be_cancelled_until_then(api: Api, active: int) -> None:
    assert api("cancelAction", session=active) == "ACTIONFAILED"
    assert api("transferSession", session=active, node=SECOND_ID) == "OK"
    assert api("cancelAction", session=active) == "OK"
    (row,) = api.rows()
    assert (row[1], row[4], row[15], row[18]) == ("Active", str(OWNER_ID), "", "")
    assert api("cancelAction", session=1) == "INVALIDPARAM_SESSION"


def test_who_leaves_ends_the_transfer_too(api: Api, customer: Customer, active: int) -> None:
    assert api("transferSession", session=active, node=SECOND_ID) == "OK"
    customer.leave()
    (row,) = api.rows()
    assert (row[1], row[15], row[18]) == ("Closed by active customer", "Technician 2", "")
    assert api("cancelAction", session=active) == "ACTIONFAILED"


def test_a_session_closed_by_api_posts_its_end(
    sandbox: Sandbox, receiver: Receiver, api: Api, technician: Technician, waiting: int
) -> None:
    sandbox.connect(rescue_hook=f"{receiver.url}/hooks/rescue")
    technician.pick_up(waiting)
    assert api("closeSession", session=waiting) == "OK"
    assert api("closeSession", session=waiting) == "ACTIONFAILED"
    assert api.status(waiting) == "Closed by technician"
    assert sandbox.drain()
    assert [bool(post.form["ClosingTime"]) for post in receiver.received] == [False, True]


def test_a_waiting_session_is_closed_without_a_post(
    sandbox: Sandbox, receiver: Receiver, api: Api, waiting: int
) -> None:
    sandbox.connect(rescue_hook=f"{receiver.url}/hooks/rescue")
    assert api("closeSession", session=waiting) == "OK"
    assert sandbox.drain()
    assert receiver.received == []


def test_nobody_closes_for_who_is_away(sandbox: Sandbox, api: Api, active: int) -> None:
    sandbox.rescue.owner.console_open = False
    assert api("closeSession", session=active) == "ACTIONFAILED"
    assert api("holdSession", session=active) == "ACTIONFAILED"
    assert api("closeSession", session="") == "INVALIDPARAM_SESSION"


@pytest.mark.parametrize("method", ["startSession", "holdSession", "transferSession", "closeSession", "cancelAction"])
def test_actions_are_for_administrators(sandbox: Sandbox, rescue: httpx.Client, api: Api, method: str) -> None:
    assert rescue.get(f"/API/{method}.aspx", params={"session": "1"}).text == "NOTLOGGEDINASADMIN"
    assert api(method, authcode="wrong", session=1) == "INVALID_SECRETAUTHCODE"
    sandbox.settings.rescue.administrator = False
    assert api(method, session=1) == "NOTLOGGEDINASADMIN"


def test_transfers_stand_in_their_report(sandbox: Sandbox, api: Api, active: int) -> None:
    api("transferSession", session=active, node=SECOND_ID, comment="Escalating")
    api("startSession", session=active, node=SECOND_ID)
    api("closeSession", session=active)
    api("setReportArea_v8", area=16)
    picked_up = sandbox.rescue.session(active).picked_up_at
    assert picked_up is not None
    day = us_second(picked_up).split(" ")[0]
    assert api("setReportDate", bdate=day, edate=day) == "OK"
    header, row = api("getReport", node=ROOT_NODE_ID).removeprefix("OK\n\n").splitlines()
    facts = dict(zip(header.split("|"), row.split("|"), strict=True))
    assert (facts["Transferred To"], facts["Transferred Comment"]) == ("Technician 2", "Escalating")
