"""Records of the hierarchy, of users and of groups: read rightly, or refused where they cannot be told apart."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import NotFound, Rejected, UnknownOutcome, Unreadable
from connectors.http import Reply
from connectors.platforms.rescue.directory import GroupChange, HierarchyNode, UserChange, nodes_of
from connectors.platforms.rescue.words import NodeStatus, NodeType
from tests.connectors.rescue.calls import GROUP, NEW, PASSWORD, USER, captured, envelope, house
from tests.connectors.rescue.support import Api

STARTS = ("NodeID:", "ParentID:", "Name:", "Email:", "Description:", "Status:", "Type:")


def nodes(text: str) -> tuple[HierarchyNode, ...]:
    return nodes_of(Reply(200, content=f"OK\n\n{text}".encode()))


def node(name: str = "One", description: str = "", number: str = "1", kind: str = "Technician") -> str:
    return (
        f"NodeID:{number}\nParentID:0\nName:{name}\nEmail:technician1@example.com\nDescription:{description}\n"
        f"Status:Online\nType:{kind}\n"
    )


def test_names_with_line_feeds_and_colons_are_read_where_the_keys_tell_them_apart() -> None:
    with house(Api(getHierarchy_v2=captured("getHierarchy_v2-odd-names.txt"))) as calls:
        group, technician = calls.administration.hierarchy()
    assert group.name == "Group | one\nand two"
    assert group.description == "Hours: 9-17\n\nStatus:see the door\nType:writer"
    assert (group.status, group.type) == (NodeStatus.ONLINE, NodeType.TECHNICIAN_GROUP)
    assert technician.name == "Name: Email:x"
    assert (technician.status.value, technician.status.known, technician.status.there) == ("Pausiert", False, False)


def test_what_two_readings_leave_open_is_refused() -> None:
    with (
        house(Api(getHierarchy_v2=captured("getHierarchy_v2-ambiguous.txt"))) as calls,
        pytest.raises(Unreadable, match="cannot be told apart"),
    ):
        calls.administration.hierarchy()


@pytest.mark.parametrize(
    "text",
    [
        "no key at all",
        "NodeID:x\nParentID:0\nName:One",
        node() + "\n" + node(),
        "before\n\n" + node(),
        "Name:One\n" + node(),
        node(description="x\n\nNodeID:9\nParentID:1"),
        node() + "\nNodeID:2\nParentID:1\nName:Two\n",
    ],
)
def test_what_is_no_hierarchy_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        nodes(text)


def test_an_empty_hierarchy() -> None:
    assert nodes("") == ()


def test_windows_line_feeds_and_blanks_after_the_keys() -> None:
    [found] = nodes(node().replace("\n", "\r\n").replace(":", ": "))
    assert (found.id, found.name, found.type) == ("1", "One", NodeType.TECHNICIAN)


@settings(deadline=None)
@given(
    st.text(alphabet="ab:|\n -é", max_size=40),
    st.lists(st.sampled_from([*STARTS, "x", "", "Status:Offline", "Type:Root", "NodeID:9", "ParentID:1"]), max_size=6),
)
def test_typed_text_is_read_as_it_is_or_refused(name: str, lines: list[str]) -> None:
    """Whatever somebody types as a name or a description: the right value or none. One forgery is no harm: a whole
    node typed into a description, which only an administrator of the account can do, is read as a node."""
    description = "\n".join(lines)
    try:
        found = nodes(node(name, description))
    except Unreadable:
        return
    [one] = found
    assert (one.id, one.status, one.type) == ("1", NodeStatus.ONLINE, NodeType.TECHNICIAN)
    assert (one.name, one.description) == (name.strip(), description.strip())


def test_a_user_by_address() -> None:
    api = Api(getUser_v3=captured("getUser_v3.txt"))
    with house(api) as calls:
        assert calls.administration.user(email="technician1@example.com").id == "337366"
    assert api.form()["email"] == "technician1@example.com"
    assert "node" not in api.form()


@pytest.mark.parametrize(("email", "version"), [("", 3), ("one@example.com", 2), ("one@example.com", 1)])
def test_a_user_must_be_named_in_a_way_that_the_call_knows(email: str, version: int) -> None:
    api = Api()
    with house(api) as calls, pytest.raises(Rejected, match="by node"):
        calls.administration.user(email=email, version=version)
    assert api.calls == []


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("getUser_v3", "NODEID: 1\nNAME: One\nHASMOBILEADDON: vielleicht\nISACCOUNTHOLDER: True\nHASRPATADDON: True"),
        ("getUser_v3", "NODEID: x\nNAME: One"),
        ("getGroup_v3", "NODEID: 1\nISENABLED: True\nSTANDARDCONCURRENTLIMIT: many"),
        ("getGroup_v3", "NODEID: 1\nISENABLED: ja"),
    ],
)
def test_a_value_of_another_kind_is_refused(call: str, text: str) -> None:
    with house(Api(**{call: f"OK\n\n{text}"})) as calls, pytest.raises(Unreadable):
        (calls.administration.user if "User" in call else calls.administration.group)("1")


def test_an_unknown_node() -> None:
    refusing = dict.fromkeys(("getUser_v3", "getGroup_v3", "getHierarchy_v2"), "INVALIDPARAM_NODE")
    with house(Api(**refusing)) as calls:
        for ask in (calls.administration.user, calls.administration.group, calls.administration.hierarchy):
            with pytest.raises(NotFound):
                ask("7")


@pytest.mark.parametrize("said", ["OK\n\n4711", "OK 4711", "OK [4711]", "OK\n\nNODEID: 4711"])
def test_a_new_node_is_told_in_several_ways(said: str) -> None:
    with house(Api(createUser=said, createGroup=said)) as calls:
        assert calls.administration.create_user("1") == calls.administration.create_group("1") == "4711"


@pytest.mark.parametrize("said", ["OK", "OK\n\n0", "OK\n\nnone"])
def test_a_new_node_without_a_number_may_be_there(said: str) -> None:
    with house(Api(createUser=said)) as calls, pytest.raises(UnknownOutcome):
        calls.administration.create_user("1")


def test_what_is_left_out_is_not_sent() -> None:
    api = Api(setUser_v2="OK", setGroup_v3="OK")
    with house(api) as calls:
        calls.administration.set_user("1", UserChange("One", "one@example.com", enabled=False, mobile_addon=False))
        calls.administration.set_group("1", GroupChange("One", enabled=False, standard_limit=0, mobile_limit=0))
    assert not {"pwd", "confpwd", "oldpwd", "nick", "ssoid", "description"} & set(api.form(0))
    assert api.form(0)["status"] == "disabled"
    assert not {"permission", "lockedpermission", "description"} & set(api.form(1))
    assert api.form(1)["status"] == "Disabled"


def result(state: str, node: str, user_state: str) -> httpx.Response:
    """What createUsers answers for one new user."""
    told = f"<iNodeId>{node}</iNodeId><iUniqueId>7</iUniqueId><userState>{user_state}</userState>"
    users = f"<createUserInfos><CREATEUSERINFO>{told}</CREATEUSERINFO></createUserInfos>"
    return envelope("createUsers", f"{state}</state>{users}<state>")


def test_some_of_many_users_are_no_failure_of_all() -> None:
    with house(Api(createUsers=result("ERROR", "0", "ACCESS_DENIED"))) as calls:
        created = calls.administration.create_users([NEW])
    assert created.state == "ERROR"
    assert isinstance(created.users[0].problem, Rejected)


def test_a_strange_result_of_a_user_is_a_problem() -> None:
    with house(Api(createUsers=result("OK", "5", "Never_Seen"))) as calls:
        [user] = calls.administration.create_users([NEW]).users
    assert (user.id, user.code, type(user.problem)) == ("5", "NEVER_SEEN", Rejected)


def test_no_password_stands_in_a_repr() -> None:
    for value in (NEW, USER, GROUP):
        assert PASSWORD not in repr(value)
        assert "made-up" not in repr(value)
