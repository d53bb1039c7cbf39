"""What can be set, called, asked and alerted on is documented, and what is documented is there."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from itertools import chain
from typing import Any

from click import Command, Context
from marshmallow import missing

from cli import main
from config import settings
from connectors import registry
from connectors.contract import Capability, Kind, Role
from tests.docs.pages import ROOT, code, first_codes, page, pages, rows, section
from web.api.operations import OPERATIONS

OPERATING = page("docs/operating.md")


with Context(main) as _context:
    COMMANDS = {name: found for name in main.list_commands(_context) if (found := main.get_command(_context, name))}


def strings(path: str) -> set[str]:
    """Every text literal of a module."""
    tree = ast.parse(page(path))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def numbers(path: str) -> set[int]:
    tree = ast.parse(page(path))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is int}


def test_every_environment_variable_is_documented_and_read() -> None:
    read = {text for text in strings("config/settings.py") if re.fullmatch(r"[A-Z]{2,}(_[A-Z]+)*", text)}
    read -= set(settings.LOG_LEVELS)
    documented = first_codes(section(OPERATING, "Environment"))
    assert set(documented) == read
    assert len(documented) == len(read)


def test_every_command_is_documented_and_there() -> None:
    documented = [text.removeprefix("deskbridge ") for text in first_codes(section(OPERATING, "Commands"))]
    assert sorted(documented) == sorted(COMMANDS)


def test_every_option_is_documented() -> None:
    told = section(OPERATING, "Commands")
    for name, command in COMMANDS.items():
        [row] = [row for row in rows(told) if row[0] == f"`deskbridge {name}`"]
        missing = [option for option in options(command) if option not in row[1]]
        assert not missing, f"deskbridge {name}: {missing}"


def options(command: Command) -> list[str]:
    return [text for parameter in command.params for text in parameter.opts if text.startswith("--")]


def test_commands_in_examples_exist() -> None:
    for name, text in pages().items():
        found = set(re.findall(r"(?:`|bin/|run |: )deskbridge ([a-z]+)", text))
        assert found <= set(COMMANDS), name


def test_the_procfiles_commands_exist() -> None:
    lines = [line.partition(":") for line in page("Procfile").splitlines()]
    assert {name for name, _, _ in lines} == {"web", "worker", "clock", "release"}
    for _, _, command in lines:
        word, _, name = command.strip().partition(" ")
        assert word == "deskbridge"
        assert name in COMMANDS
    assert set(json.loads(page("app.json"))["formation"]) == {"web", "worker", "clock"}


def test_every_metric_is_documented_and_there() -> None:
    told = {text for text in strings("web/metrics.py") if re.fullmatch(r"deskbridge_[a-z_]+", text)}
    documented = {text for text in first_codes(section(OPERATING, "Is it well?")) if text.startswith("deskbridge_")}
    assert documented == told


def test_every_status_of_a_hook_is_documented() -> None:
    answered = {number for number in numbers("web/hooks.py") if 200 <= number < 600}
    documented = {int(row[0]) for row in rows(section(page("README.md"), "What a hook answers"))}
    assert documented == answered


def test_every_make_target_that_is_named_exists_and_the_main_ones_are_named() -> None:
    targets = set(re.findall(r"^\.PHONY: (.*)$", page("Makefile"), re.M)[0].split())
    named = {name for text in ("README.md", "docs/connectors.md") for name in re.findall(r"make ([a-z]+)", page(text))}
    assert {"demo", "test", "lint"} <= named & targets
    in_code = {
        name for text in ("README.md", "docs/connectors.md") for name in re.findall(r"`make ([a-z]+)", page(text))
    }
    assert in_code <= targets


def test_every_operation_of_the_api_is_documented_and_there() -> None:
    there = [f"{found.method} {plain_path(found.path)}" for found in OPERATIONS.values()]
    documented = [text for text in first_codes(page("docs/api.md")) if text.startswith(("GET ", "POST "))]
    assert sorted(documented) == sorted(there)


def plain_path(path: str) -> str:
    """A path of Flask's as OpenAPI writes it."""
    return re.sub(r"<(?:[^:<>]*:)?(\w+)>", r"{\1}", path)


def test_the_capabilities_of_platforms_are_those_of_the_registry() -> None:
    told = section(page("docs/features.md"), "What each platform can do")
    [head] = [line for line in told.splitlines() if line.startswith("| capability")]
    names = cells(head)[1:]
    assert names == [name for name in registry.names() if registry.kind(name).role is Role.PLATFORM]
    found = {code(row[0])[0]: dict(zip(names, row[1:], strict=True)) for row in rows(told)}
    assert set(found) == set(OF_PLATFORMS)
    for capability in OF_PLATFORMS:
        for name in names:
            assert found[capability][name] == capability_word(Capability(capability), name), (capability, name)


def test_the_capabilities_of_ticket_systems_are_those_of_the_registry() -> None:
    told = section(page("docs/features.md"), "What each ticket system can do")
    [head] = [line for line in told.splitlines() if line.startswith("| system")]
    capabilities = [code(cell)[0] for cell in cells(head)[1:]]
    assert capabilities == OF_TICKETS
    found = {code(row[0])[0]: dict(zip(capabilities, row[1:], strict=True)) for row in rows(told)}
    assert list(found) == [name for name in registry.names() if registry.kind(name).role is Role.TICKETS]
    for name, words in found.items():
        for capability in capabilities:
            assert words[capability] == capability_word(Capability(capability), name), (name, capability)


def test_the_capabilities_of_account_providers_are_those_of_the_registry() -> None:
    told = section(page("docs/features.md"), "What each account provider can do")
    [head] = [line for line in told.splitlines() if line.startswith("| provider")]
    capabilities = [code(cell)[0] for cell in cells(head)[1:]]
    assert capabilities == OF_ACCOUNTS
    found = {code(row[0])[0]: dict(zip(capabilities, row[1:], strict=True)) for row in rows(told)}
    assert list(found) == [name for name in registry.names() if registry.kind(name).role is Role.ACCOUNTS]
    for name, words in found.items():
        assert words == {one: capability_word(Capability(one), name) for one in capabilities}


_ALL = [capability.value for capability in Capability]
OF_PLATFORMS = _ALL[: _ALL.index(Capability.FETCH_TICKET)]
OF_BOTH = _ALL[: _ALL.index(Capability.INVITE)]
OF_TICKETS = OF_BOTH + _ALL[_ALL.index(Capability.FETCH_TICKET) : _ALL.index(Capability.LIST_USERS)]
OF_ACCOUNTS = _ALL[_ALL.index(Capability.LIST_USERS) :]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def capability_word(capability: Capability, name: str) -> str:
    """`yes`, `no`, or `key` where a key of the connection decides."""
    kind = registry.kind(name)
    if capability not in kind.capabilities:
        return "no"
    return "yes" if kind.capabilities_of is None or capability in kind.capabilities_of(plainest(kind)) else "key"


def plainest(kind: Kind) -> dict[str, Any]:
    """The keys of a connection that sets only what it must."""
    declared = kind.schema().fields.items()
    return {"calls": {"add_note": {"path": "/"}}} | {
        name: field.load_default for name, field in declared if field.load_default is not missing
    }


def test_the_matrix_has_every_row_once_with_a_known_word() -> None:
    told = [row for row in rows(page("docs/features.md")) if row[0].isdigit()]
    assert [int(row[0]) for row in told] == list(range(1, 43))
    for number, _feature, today, more in told:
        assert today in ("yes", "part", "not yet")
        assert more or today == "not yet", f"row {number} says neither where nor what is missing"


def test_every_dependency_is_listed_and_no_other() -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = sorted(re.split(r"[\s<>=\[;]", text)[0].lower() for text in wanted)
    told = page("docs/decisions/dependencies.md")
    assert sorted(row[0] for row in rows(told)) == names
    assert all(row[1] for row in rows(told))


def test_every_decision_is_in_the_list() -> None:
    there = {path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md")}
    assert set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", page("docs/decisions/README.md"))) == there
