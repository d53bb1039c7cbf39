"""The examples of docs/examples as tests use them: loaded as they are, variables filled with made-up values."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from markdown_it import MarkdownIt

from connectors.contract import Capability
from connectors.tickets.generic import KIND
from tests.contract.desk import ServedDesk

FOLDER = Path(__file__).parents[2] / "docs/examples"
VARIABLES = {
    "GLPI_HOOK_SECRET": "made-up-hook-secret-of-today",
    "GLPI_APP_TOKEN": "made-up-app-token",
    "GLPI_USER_TOKEN": "made-up-user-token",
    "REDMINE_HOOK_SECRET": "made-up-hook-secret-of-today",
    "REDMINE_API_KEY": "made-up-redmine-key",
    "HELPDESK_HOOK_SECRET": "made-up-hook-secret-of-today",
    "HELPDESK_AUTHORIZATION": "ZGVza2JyaWRnZTptYWRlLXVwLXBhc3N3b3Jk",
    "RESCUE_AUTHCODE": "made-up-authcode",
    "RESCUE_HOOK_SECRET": "made-up-rescue-hook-secret",
}
COMMON = frozenset({"kind", "base_url", "hook_secret"})
SEEN = re.compile("\N{WORD JOINER}|<br ?/?>")
MARKDOWN = MarkdownIt("commonmark")


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def filled(text: str, variables: Mapping[str, str] = VARIABLES) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: variables[found[1]], text)


def keys_of(text: str, connection: str) -> dict[str, object]:
    """The connection's own keys, as its schema takes them."""
    table = tomllib.loads(filled(text))["connections"][connection]
    return {key: value for key, value in table.items() if key not in COMMON}


def capabilities_of(keys: Mapping[str, object]) -> frozenset[Capability]:
    assert KIND.capabilities_of
    return KIND.capabilities_of(keys)


def seen(markup: str) -> str:
    """HTML as a reader sees it: text, without what has no width."""
    assert "<script" not in markup
    return html.unescape(re.sub(r"<[^>]*>", "\n", SEEN.sub("", markup)))


def seen_markdown(source: str) -> str:
    return seen(MARKDOWN.render(source))


class ExampleDesk(ServedDesk):
    """A vendor that the connection of an example in docs/examples speaks with."""

    kind = "generic"
    example: ClassVar[str]
    connection: ClassVar[str]
    wrong: ClassVar[tuple[str, str]]
    """A credential as VARIABLES have it, and one that the vendor refuses."""

    def text(self) -> str:
        return text_of(self.example)

    def excerpt(self) -> str:
        """The connection and its route for a bridge whose platform is there already, as a template to be formatted."""
        own = re.sub(r"(?ms)^\[connections\.rescue\]$.*?(?=^\[|^#)", "", filled(self.text()))
        assert "connections.rescue" not in own
        address = re.sub(r'(?m)^base_url = ".*"$', f'base_url = "{self.url}"', own, count=1)
        return "\n" + address.replace("{", "{{").replace("}", "}}")

    def keys(self) -> dict[str, object]:
        return keys_of(self.text(), self.connection)

    def wrong_keys(self) -> dict[str, object]:
        good, bad = self.wrong
        source = filled(self.text())
        assert good in source
        return keys_of(source.replace(good, bad), self.connection)
