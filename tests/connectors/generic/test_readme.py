"""The generic README's example is a valid connection that understands the README's body."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bridge.model import TicketEventKind
from config import bridge_toml
from connectors.signatures import SCHEMES
from connectors.tickets import generic
from connectors.tickets.generic import KIND, Generic
from tests.contract.captured import captured
from tests.contract.workshop import no_network, workshop

README = (Path(generic.__file__).parent / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    return str(found)


def test_the_example_works() -> None:
    variables = {"DESK_HOOK_SECRET": "whsec_bWFkZS11cA==", "DESK_TOKEN": "made-up"}
    config = bridge_toml.load(block("toml"), variables).connections["desk"]
    with workshop(config.base_url, no_network) as given:
        [event] = Generic(config, given).parse(
            replace(captured("generic/standard-webhooks"), body=block("json").encode())
        )
    assert (event.kind, event.ticket_id, event.actor) == (TicketEventKind.CHANGED, "4711", "agent@example.com")
    assert event.occurred_at == datetime(2026, 3, 2, 10, 29, 58, tzinfo=UTC)


def test_every_key_and_scheme_is_told() -> None:
    keys = {field.data_key or name for name, field in KIND.schema().fields.items()}
    untold = {word for word in keys | SCHEMES.keys() - {"standard_webhooks"} if f"`{word}" not in README}
    assert untold - {"hub_signature_256"} == set()
