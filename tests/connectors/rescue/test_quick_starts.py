"""What the reference says only in its quick starts: reports, and what client credentials give beside a token."""

from __future__ import annotations

from typing import Any

from connectors.platforms.rescue.catalogue.reports import REPORTS
from tests.connectors.rescue.support import PASSWORD, Api, rescue
from tests.connectors.rescue.test_reports import account, listed
from tests.connectors.rescue.tokens import access_token, keys, token_answer
from tests.contract.workshop import MemoryVault

OAUTH: dict[str, Any] = {"auth": "oauth", "client_id": "11", "client_secret": PASSWORD, "scope": "Rescue;API"}


def test_a_report_is_asked_for_by_the_documented_names() -> None:
    api = account()
    with rescue(api) as connector:
        listed(connector)
    sent = {call: form for call, form, _ in reversed(api.asked)}
    for method in REPORTS:
        assert {one.name for one in method.parameters} <= set(sent[method.name]), method.name
    assert (sent["setReportArea"]["area"], sent["getReport"]["node"]) == ("0", "337360")
    assert sent["getReport"]["noderef"] == "NODE"


def test_the_refresh_token_beside_client_credentials_is_not_kept() -> None:
    """`refresh_token` is documented there; the credentials themselves give the next token."""
    vault = MemoryVault()
    api = Api(token=token_answer(access_token(), refresh_token="refresh-1"), keys=keys("1"), getAccount="OK")
    with rescue(api, vault, **OAUTH) as connector:
        connector.probe()
    assert "refresh-1" not in "".join(vault.kept.values())
