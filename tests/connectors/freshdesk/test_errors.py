"""What a refusal means, by single answers, and who we are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    UnknownOutcome,
)
from connectors.tickets.freshdesk.client import FreshClient
from tests.connectors.freshdesk.desk import FreshdeskDesk
from tests.connectors.freshdesk.single import always, answering
from tests.contract.tickets import MARK

# -- errors ----------------------------------------------------------------------------------------------------

WRONG = {"description": "Validation failed", "errors": [{"field": "cf_x", "message": "typed", "code": "invalid_field"}]}


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (400, WRONG, Rejected, "invalid_field"),
        (400, {"code": "invalid_json", "message": "typed"}, Rejected, "invalid_json"),
        (400, {"code": "<b>typed</b>"}, Rejected, "400"),
        (400, {"errors": "typed"}, Rejected, "400"),
        (400, "<html>typed", Rejected, "400"),
        (401, {"code": "invalid_credentials", "message": "typed"}, AccessDenied, "401"),
        (403, {"code": "access_denied", "message": "typed"}, Rejected, "access_denied"),
        (403, {"code": "require_feature", "message": "typed"}, Rejected, "require_feature"),
        (403, {"code": "account_suspended", "message": "typed"}, AccessDenied, "account_suspended"),
        (403, {"code": "password_lockout"}, AccessDenied, "password_lockout"),
        (403, "<html>", Rejected, "403"),
        (404, "<html>", NotFound, "404"),
        (405, "", NotFound, "405"),
        (409, {"code": "inconsistent_state"}, Rejected, "inconsistent_state"),
        (415, {}, Rejected, "415"),
        (429, {}, RateLimited, "429"),
        (500, {}, UnknownOutcome, "500"),
    ],
)
def test_errors_by_who_must_act(status: int, body: object, error: type[ConnectorError], code: str) -> None:
    with answering(always(status, body)) as client, pytest.raises(error) as refused:
        client.update_fields("7", {"priority": "high"})
    assert type(refused.value) is error
    assert refused.value.code == code
    assert "typed" not in str(refused.value)


def test_a_refused_field_is_named() -> None:
    with answering(always(400, WRONG)) as client, pytest.raises(Rejected, match="cf_x"):
        client.update_fields("7", {"cf_x": "secret words"})


def test_when_no_call_is_left_everybody_rests(either: FreshdeskDesk) -> None:
    held: list[tuple[str, float]] = []
    kind = either.connector()
    assert isinstance(kind, FreshClient)
    wire: Any = kind._wire
    wire._http = replace(wire._http, hold=lambda bucket, seconds: held.append((bucket, seconds)))
    either.account.calls_left = 2
    kind.find_note(either.ticket_id, MARK)
    assert held == []
    kind.find_note(either.ticket_id, MARK)
    assert held == [("requests", 5.0)]
    with pytest.raises(RateLimited) as limited:
        kind.find_note(either.ticket_id, MARK)
    assert limited.value.retry_after == 23


# -- who we are ------------------------------------------------------------------------------------------------


def test_the_probe_says_who_we_are(either: FreshdeskDesk) -> None:
    said = either.connector().probe()
    assert "bridge@acme.example" in said
    assert "user_id 7" in said


def test_the_probe_where_nobody_says_who_we_are(either: FreshdeskDesk) -> None:
    either.account.tells_me = False
    assert "does not say as whom" in either.connector().probe()


def test_the_probe_at_a_wrong_address() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, html="<html>There is no helpdesk here!</html>")

    with answering(answer) as client, pytest.raises(AccessDenied, match="base_url"):
        client.probe()


def test_a_wrong_key_is_refused(either: FreshdeskDesk) -> None:
    with pytest.raises(AccessDenied):
        either.stranger().probe()
