"""What people paste works: configurations load, JSON parses, links lead somewhere, named files and tests exist."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest

from config.bridge_toml import load
from tests.docs.pages import ROOT, Block, blocks, page, pages, prose, tracked

SECRET = "whsec_bWFkZS11cC1zZWNyZXQtb2YtMzItY2hhcmFjdGVycw=="  # made up, and base64 for those who want it
PAGES = pages()
OURS = ("app", "bridge", "cli", "config", "connectors", "demo", "docs", "launch", "sandbox", "store", "tests", "web")


def environment(text: str) -> dict[str, str]:
    return dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), SECRET)


def name(block: Block) -> str:
    return block.place


@pytest.mark.parametrize("block", blocks("toml"), ids=name)
def test_a_configuration_loads(block: Block) -> None:
    bridge = load(block.text, environment(block.text), source=block.place)
    assert bridge.connections or bridge.routes
    assert not bridge.warnings


def test_the_example_loads_without_a_warning_and_knows_every_variable() -> None:
    text = page("bridge.toml.example")
    bridge = load(text, environment(text), source="bridge.toml.example")
    assert not bridge.warnings
    assert len(bridge.routes) == 2
    asked = set(json.loads(page("app.json"))["env"])
    assert {"DESKBRIDGE_ADMIN_TOKEN", "DESKBRIDGE_SECRET_KEY", "DESKBRIDGE_CONFIG_TOML"} <= asked


@pytest.mark.parametrize("line", re.findall(r"^# ((?:when|set_fields|\w+) = .*)$", page("bridge.toml.example"), re.M))
def test_what_the_example_leaves_out_is_toml_too(line: str) -> None:
    assert tomllib.loads(line)


@pytest.mark.parametrize("block", blocks("json"), ids=name)
def test_json_parses(block: Block) -> None:
    assert json.loads(block.text) is not None


@pytest.mark.parametrize("path", PAGES)
def test_relative_links_lead_somewhere(path: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(PAGES[path])):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (ROOT / path).parent / file if file else ROOT / path
        assert there.exists(), f"{path}: {target}"
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), f"{path}: {target}"


def anchors(text: str) -> set[str]:
    """Headings as GitHub makes anchors of them."""
    heads = re.findall(r"^#+ (.+)$", prose(text), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", [path for path in PAGES if path.startswith("docs/")])
def test_files_that_are_named_exist(path: str) -> None:
    for named in re.findall(r"`((?:[a-z_]+/)+[\w.]*|[a-z_]+\.(?:py|toml))`", prose(PAGES[path])):
        if named.split("/")[0].removesuffix(".py") in OURS:
            assert (ROOT / named).exists() or "bridge.toml" in named, f"{path}: {named}"


def test_tests_that_promises_name_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page("docs/architecture.md"))
    assert len(named) > 15
    for file, test in named:
        tree = ast.parse(page(file))
        there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert test in there, f"{file}::{test}"


def test_every_promise_names_code_and_a_test() -> None:
    lines = re.findall(r"^\| (\d+) \| \*\*.*$", page("docs/architecture.md"), re.M)
    assert lines == [str(number) for number in range(1, 11)]


def test_the_excerpt_is_what_the_play_says() -> None:
    """Each check of the README's excerpt is one that the play really makes."""
    play = page("sandbox/play/rescue.py") + page("sandbox/play/stage.py")
    said = re.findall(r"^  ok       (.+)$", page("README.md"), re.M)
    assert said
    for line in said:
        assert line in play, line


def test_the_licence_is_the_one_that_the_metadata_names() -> None:
    assert metadata("deskbridge")["License-Expression"] == "Apache-2.0"
    text = page("LICENSE")
    assert text.lstrip().startswith("Apache License")
    assert "END OF TERMS AND CONDITIONS" in text


# Written apart, so that this file does not find itself.
DEVELOPERS = re.compile("|".join(("/work" + "/main", "/work" + "/shared", "/home" + r"/\w+/", "/Users" + r"/\w+/")))
INDEXES = re.compile(
    "|".join(("index" + "-url", "pypi" + r"\.org/simple", "files.python" + "hosted", "extra" + "-index"))
)


def test_no_file_names_a_developers_machine_or_a_package_index() -> None:
    for path in tracked():
        text = readable(path)
        assert not DEVELOPERS.search(text), path
        assert not INDEXES.search(text), path


def readable(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")
