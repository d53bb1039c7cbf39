"""A connector is whole: README, raw fixtures, an inherited contract, its place in the matrix."""

from __future__ import annotations

import ast

import pytest

from connectors import registry
from connectors.contract import Role
from tests.docs.pages import ROOT, page

FOLDERS = {Role.PLATFORM: "platforms", Role.TICKETS: "tickets", Role.ACCOUNTS: "platforms"}
CONTRACTS = {Role.PLATFORM: "PlatformContract", Role.TICKETS: "TicketContract", Role.ACCOUNTS: "AccountContract"}

pytestmark = pytest.mark.parametrize("name", registry.names())


def folder(name: str) -> str:
    """Where the kind lives; one connector may have several kinds."""
    return registry.MODULES[name].partition(":")[0].replace(".", "/")


def test_the_folder_is_where_the_registry_says(name: str) -> None:
    kind = registry.kind(name)
    module, _, attribute = registry.MODULES[name].partition(":")
    assert module.startswith(f"connectors.{FOLDERS[kind.role]}.")
    # A kind alone in its folder has the folder's name.
    assert attribute == name.upper() if attribute else module.endswith(f".{name}")
    assert kind.name == name


def test_the_readme_says_what_must_be_said(name: str) -> None:
    text = page(f"{folder(name)}/README.md")
    assert "```toml" in text
    assert f'kind = "{name}"' in text
    assert "## Once" in text
    assert "hook_secret" in text


def test_the_readme_is_linked(name: str) -> None:
    assert f"{folder(name)}/README.md" in page("README.md")


def test_there_are_raw_fixtures(name: str) -> None:
    found = list((ROOT / "tests/fixtures" / name).glob("*.http"))
    assert len(found) > 3
    for path in found:
        head = path.read_bytes().partition(b"\r\n")[0].partition(b"\n")[0]
        # Who sends nothing is known by its answers.
        answers = registry.kind(name).role is Role.ACCOUNTS
        assert head.startswith(b"HTTP/" if answers else (b"POST ", b"GET ")), path


def test_the_contract_is_inherited(name: str) -> None:
    tree = ast.parse(page(f"tests/connectors/{name}/test_contract.py"))
    bases = {
        base.id
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test")
        for base in node.bases
        if isinstance(base, ast.Name)
    }
    assert CONTRACTS[registry.kind(name).role] in bases


def test_the_example_has_one(name: str) -> None:
    assert f'kind = "{name}"' in page("bridge.toml.example")


def test_how_a_doubt_is_settled_is_told(name: str) -> None:
    assert f"\n| {name} | " in page("docs/features.md")
