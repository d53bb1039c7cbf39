"""Who we are at a ServiceNow instance, and what its errors mean."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from bridge.document import Paragraph
from bridge.errors import (
    AccessDenied,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.tickets.servicenow import ServiceNow
from tests.connectors.servicenow import fake
from tests.connectors.servicenow.desk import ServiceNowDesk
from tests.connectors.servicenow.support import BASIC, OAUTH, SYS_ID, always, answering
from tests.contract.tickets import MARK, note
from tests.contract.workshop import MemoryVault

# -- who we are, and errors --------------------------------------------------------------------------------------


def test_the_probe_says_who_we_are(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    told = "signed in to ServiceNow as Deskbridge, username deskbridge.api; tickets can be read in incident"
    assert connector.probe() == told
    desk.state.hidden |= set(desk.state.tables["incident"])
    assert "no ticket can be seen" in connector.probe()


def test_the_probe_finds_what_may_not_be_read(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.forbidden.add("label_entry")
    with pytest.raises(Rejected, match="labels = false"):
        connector.probe()


def test_a_table_that_is_not_there(desk: ServiceNowDesk) -> None:
    with pytest.raises(Rejected, match="no such table"):
        desk.connected({**BASIC, "table": "incidents"}).probe()


def test_client_credentials_open_too_and_workers_share_the_token(desk: ServiceNowDesk) -> None:
    desk.connected(dict(OAUTH)).add_note(desk.ticket_id, note())
    assert desk.connected(dict(OAUTH)).find_note(desk.ticket_id, MARK)
    assert len(desk.state.tokens) == 1


def test_a_token_that_ran_out_is_renewed(desk: ServiceNowDesk) -> None:
    connector = desk.connected(dict(OAUTH))
    connector.fetch_ticket(desk.ticket_id)
    desk.state.tokens.clear()
    connector.add_note(desk.ticket_id, note())
    assert len(desk.notes()) == 1


def test_a_wrong_client_secret_stops_the_connection(desk: ServiceNowDesk) -> None:
    connector = desk.connected({**OAUTH, "client_secret": "wrong"})
    with pytest.raises(AccessDenied, match="access_denied"):
        connector.fetch_ticket(desk.ticket_id)


def test_a_sleeping_instance_is_away(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.asleep = True
    with pytest.raises(Unavailable, match="asleep"):
        connector.fetch_ticket(desk.ticket_id)
    with pytest.raises(Unavailable, match="asleep"):
        connector.add_note(desk.ticket_id, note())


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "17"}, 17, 17),
        ({"X-RateLimit-Reset": "in half an hour"}, 1_500, 1_800),
        ({"X-RateLimit-Reset": "1"}, 0, 0),
        ({"Retry-After": "17", "X-RateLimit-Reset": "9999999999"}, 17, 17),
    ],
)
def test_a_rate_limit_is_kept(headers: dict[str, str], least: float, most: float) -> None:
    body = {"error": {"message": "Rate limit exceeded", "detail": "…"}, "status": "failure"}
    moment = str(int(time.time()) + 1_800)
    headers = {name: value.replace("in half an hour", moment) for name, value in headers.items()}
    with answering(always(429, body, **headers)) as client, pytest.raises(RateLimited) as limited:
        client.add_note(SYS_ID, note())
    assert limited.value.retry_after is not None
    assert least <= limited.value.retry_after <= most


def test_a_rate_limit_without_a_time() -> None:
    with answering(always(429, {}, **{"X-RateLimit-Reset": "soon"})) as client, pytest.raises(RateLimited) as limited:
        client.add_note(SYS_ID, note())
    assert limited.value.retry_after is None


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (400, {"error": {"message": "Invalid table very private", "detail": None}}, Rejected, "invalid-table"),
        (400, {"error": {"message": "very private", "detail": "very private"}}, Rejected, "400"),
        (400, {"error": "very private"}, Rejected, "400"),
        (400, [], Rejected, "400"),
        (401, {"error": {"message": "User Not Authenticated"}}, AccessDenied, "401"),
        (403, {"error": {"message": "very private"}}, Rejected, "403"),
        (404, {"error": {"message": "No Record found"}}, NotFound, "404"),
        (405, {}, Rejected, "405"),
        (415, {}, Rejected, "415"),
        (302, {}, Rejected, "302"),
        (500, {}, Unavailable, "500"),
        (503, {}, Unavailable, "503"),
    ],
)
def test_errors_by_who_must_act(status: int, body: object, error: type[ConnectorError], code: str) -> None:
    with answering(always(status, body)) as client, pytest.raises(error) as refused:
        client.find_note(SYS_ID, MARK)
    assert (type(refused.value), refused.value.code) == (error, code)
    assert "private" not in str(refused.value)


def test_no_secret_and_no_text_is_ever_told(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    desk.state.unwritable.add("work_notes")
    with pytest.raises(Rejected) as refused:
        connector.add_note(desk.ticket_id, note(Paragraph("very private")))
    assert "private" not in str(refused.value)
    assert fake.PASSWORD not in repr(vars(connector)) + str(refused.value)


def test_the_vault_keeps_a_token_for_its_life(desk: ServiceNowDesk) -> None:
    desk.connected(dict(OAUTH)).fetch_ticket(desk.ticket_id)
    vault = desk.vault
    assert isinstance(vault, MemoryVault)
    assert list(vault.seconds.values()) == [1_739.0]


def test_a_moment_of_another_zone(desk: ServiceNowDesk, connector: ServiceNow) -> None:
    berlin = desk.state.now.astimezone(datetime.fromisoformat("2026-03-02T00:00:00+01:00").tzinfo)
    assert list(connector.tickets_since(berlin, [])) == [desk.ticket_id]
    assert desk.state.now.tzinfo is UTC
