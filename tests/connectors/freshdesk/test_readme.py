"""What the README tells people to paste."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from config import bridge_toml
from connectors.tickets import freshdesk
from connectors.tickets.freshdesk import dialects
from connectors.tickets.freshdesk.dialects import Dialect
from connectors.tickets.freshdesk.webhook import parse
from tests.contract.captured import captured

README = (Path(freshdesk.__file__).parent / "README.md").read_text(encoding="utf-8")
VARIABLES = {
    f"{product}_{what}": f"made-up-{what.lower()}-{product.lower()}"
    for product in ("FRESHDESK", "FRESHSERVICE")
    for what in ("API_KEY", "HOOK_SECRET")
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def test_the_connections_are_valid() -> None:
    loaded = [bridge_toml.load(block, VARIABLES).connections for block in blocks("toml")]
    assert [{name: kept.kind for name, kept in one.items()} for one in loaded] == [
        {"freshdesk": "freshdesk"},
        {"freshservice": "freshservice"},
    ]


@pytest.mark.parametrize(("place", "dialect"), [(0, dialects.FRESHDESK), (1, dialects.FRESHSERVICE)])
def test_the_template_is_understood_once_it_is_filled(place: int, dialect: Dialect) -> None:
    template = blocks("json")[place]
    assert dialect.placeholder in template
    filled = template.replace(dialect.placeholder, "1001")
    [event] = parse(replace(captured(f"{dialect.kind}/template"), body=filled.encode()), dialect)
    assert (event.ticket_id, event.name) == ("1001", "ticket.updated")


@pytest.mark.parametrize("dialect", [dialects.FRESHDESK, dialects.FRESHSERVICE])
def test_a_wrong_body_is_answered_with_the_same_template(dialect: Dialect) -> None:
    with pytest.raises(Exception, match="expected the template") as refused:
        parse(captured(f"{dialect.kind}/stranger"), dialect)
    template = next(block for block in blocks("json") if dialect.placeholder in block).strip()
    assert template in str(refused.value)
