"""Each example of docs/examples is a whole configuration, which needs the variables that it names and no others."""

from __future__ import annotations

import re

import pytest

from config import bridge_toml
from tests.examples.example import FOLDER, VARIABLES, text_of

NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def test_all_three_are_there() -> None:
    assert NAMES == ["django-helpdesk", "glpi", "redmine"]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_loads_without_a_complaint(name: str) -> None:
    text = text_of(name)
    named = set(re.findall(r"\$\{(\w+)\}", text))
    bridge = bridge_toml.load(text, {variable: VARIABLES[variable] for variable in named})
    assert not bridge.warnings
    assert len(bridge.routes) == 1
    shown = str(bridge_toml.describe(bridge))
    assert not [variable for variable in named if VARIABLES[variable] in shown]


@pytest.mark.parametrize("name", NAMES)
def test_the_secrets_of_an_example_are_known_as_such(name: str) -> None:
    text = text_of(name)
    named = set(re.findall(r"\$\{(\w+)\}", text))
    bridge = bridge_toml.load(text, {variable: f"made-up-{variable}" for variable in named})
    assert all(any(f"made-up-{variable}" in secret for secret in bridge.secrets) for variable in named)
