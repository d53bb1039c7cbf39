"""The page about RemotePC's reseller API: every row has a test that is there, and nothing is missing."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from connectors.platforms.remotepc.client import STANDINGS
from connectors.platforms.remotepc.errors import WORDS
from tests.docs.pages import ROOT, code, page, rows, section

PAGE = page("docs/remotepc-api.md")
CLIENT = page("connectors/platforms/remotepc/client.py")
SECTIONS = ("Calls", "Parameters", "Return values", "HTTP status", "Error words")
ROWS = [(name, row) for name in SECTIONS for row in rows(section(PAGE, name)) if row[0].startswith(("`", "any"))]

CALLS = {"user/add", "user/invite", "user/signin", "user/list"}
PARAMETERS = {
    *("firstName", "lastName", "invitedUserEmailId", "password", "allotedComputers", "sendEmailToUser", "username"),
}
VALUES = {
    *("status", "code", "message", "errorsCount", "errors", "description", "SUCCESS", *STANDINGS),
    *("rpc_redirect_link", "resellerUsersList"),
    *("alloted_computers", "utilized_computers", "isActive", "username", "created_date"),
}
STATUSES = {"200", "400", "401", "403", "500"}


@cache
def collected(path: str) -> frozenset[str]:
    """The tests that pytest collects from the file, as it names them."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found.add(node.name)
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            inside = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
            found |= {f"{node.name}::{name}" for name in inside if name.startswith("test_")}
    return frozenset(found)


def named(section_name: str) -> set[str]:
    """What stands in the first cells of a section."""
    return {name for section_of, row in ROWS if section_of == section_name for name in code(row[0])}


@pytest.mark.parametrize(("section_name", "row"), ROWS, ids=lambda value: value if isinstance(value, str) else value[0])
def test_every_row_names_a_test_that_is_there(section_name: str, row: list[str]) -> None:
    assert row[1], section_name
    [test] = code(row[2])
    path, _, name = test.partition("::")
    assert name in collected(path), test


def test_every_error_word_is_there_and_no_other() -> None:
    assert named("Error words") == set(WORDS)


def test_every_call_parameter_and_value_of_the_document_is_there() -> None:
    assert named("Calls") == CALLS
    assert named("Parameters") == PARAMETERS
    assert named("Return values") == VALUES
    assert named("HTTP status") == STATUSES


def test_the_client_knows_all_of_it() -> None:
    read_elsewhere = {"status", "code", "errorsCount", "errors", "description", "SUCCESS"}
    texts = set(re.findall(r'"([A-Za-z_]+)"', CLIENT))
    assert PARAMETERS | (VALUES - read_elsewhere) <= texts
    for call in CALLS:
        assert f"{{USERS}}/{call.removeprefix('user/')}" in CLIENT
