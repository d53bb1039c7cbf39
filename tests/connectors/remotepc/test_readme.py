from __future__ import annotations

import re

import pytest

from bridge.errors import AccessDenied
from config.bridge_toml import load
from connectors.platforms.remotepc.errors import WORDS
from tests.docs.pages import page

README = page("connectors/platforms/remotepc/README.md")


def test_its_connection_loads() -> None:
    [block] = re.findall(r"```toml\n(.*?)```", README, re.S)
    found = load(block, {"REMOTEPC_API_KEY": "made-up-key-of-a-reseller"})
    assert list(found.connections) == ["remotepc"]


@pytest.mark.parametrize("word", [word for word, meaning in WORDS.items() if meaning.error is AccessDenied])
def test_what_stops_the_connection_is_told(word: str) -> None:
    assert f"`{word}`" in README
