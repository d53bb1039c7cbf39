"""What Salesforce's README tells people to paste."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from config import bridge_toml
from connectors.tickets import salesforce
from connectors.tickets.salesforce.schema import SalesforceSchema
from tests.connectors.salesforce.keys import private_key

README = (Path(salesforce.__file__).parent / "README.md").read_text(encoding="utf-8")


def test_the_connection_is_valid_and_without_a_warning() -> None:
    [block] = re.findall(r"^```toml\n(.*?)^```", README, re.M | re.S)
    variables = {
        "SALESFORCE_CLIENT_ID": "made-up",
        "SALESFORCE_PRIVATE_KEY": private_key(),
        "SALESFORCE_HOOK_SECRET": "made-up-salesforce-hook-secret",
    }
    bridge = bridge_toml.load(block, variables)
    assert not bridge.warnings
    assert bridge.connections["salesforce"].kind == "salesforce"
    assert private_key() not in str(bridge_toml.describe(bridge))


def test_every_key_is_explained() -> None:
    for name in SalesforceSchema().load_fields:
        assert f"`{name}`" in README


def test_the_condition_of_the_example_is_a_condition() -> None:
    [when] = re.findall(r"`when = (\{ field = \{.*?\} \})`", README)
    assert tomllib.loads(f"when = {when}") == {"when": {"field": {"name": "Remote_session__c", "value": "true"}}}
