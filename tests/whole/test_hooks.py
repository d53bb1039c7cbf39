"""What the receiver answers, as the public contract says."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from connectors.signatures import ZENDESK, sign
from store import inbox, journal
from store.inbox import DeliveryState
from tests.harness import HOOK_SECRET, SIGNING_SECRET
from tests.whole.office import Office

BODY = b'{"event": "ticket.updated", "ticket_id": "1", "delivery": "d1", "actor": "agent@example.com"}'
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def hooks(office: Office) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{office.bridge.url}/hooks/") as client:
        yield client


def signed(body: bytes = BODY, secret: str = SIGNING_SECRET) -> dict[str, str]:
    from datetime import UTC, datetime

    return JSON | sign(ZENDESK, secret, body, moment=datetime.now(UTC))


def test_a_signed_delivery_is_stored_and_a_double_has_its_id(hooks: httpx.Client, office: Office) -> None:
    first = hooks.post("zendesk", content=BODY, headers=signed())
    again = hooks.post("zendesk", content=BODY, headers=signed())
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    with office.bridge.database.read() as connection:
        stored = inbox.get(connection, int(first.json()["delivery"]))
    assert stored is not None
    assert stored.delivery.body == BODY


def test_an_unknown_connection_is_404(hooks: httpx.Client) -> None:
    assert hooks.post("nobody", content=BODY, headers=signed()).status_code == 404


@pytest.mark.parametrize("headers", [JSON, JSON | {"x-zendesk-webhook-signature": "x"}, signed(secret="wrong")])
def test_a_missing_or_wrong_signature_is_401_without_a_hint(hooks: httpx.Client, headers: dict[str, str]) -> None:
    answer = hooks.post("zendesk", content=BODY, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"error": "the signature or secret is missing or wrong"}


def test_rescues_secret_comes_by_address_header_or_basic(hooks: httpx.Client) -> None:
    body = b"SessionID=1&TechName=T"
    assert hooks.post("rescue", content=body, headers=FORM).status_code == 401
    assert hooks.post("rescue?key=wrong", content=body, headers=FORM).status_code == 401
    assert hooks.post(f"rescue?key={HOOK_SECRET}", content=body, headers=FORM).status_code == 200
    assert hooks.post("rescue", content=body, headers=FORM | {"x-deskbridge-key": HOOK_SECRET}).status_code == 200
    assert hooks.post("rescue", content=body, headers=FORM, auth=("any", HOOK_SECRET)).status_code == 200


def test_what_proves_the_sender_is_not_kept(hooks: httpx.Client, office: Office) -> None:
    answer = hooks.post(
        f"rescue?key={HOOK_SECRET}", content=b"SessionID=2&TechName=T", headers=FORM, auth=("u", HOOK_SECRET)
    )
    with office.bridge.database.read() as connection:
        stored = inbox.get(connection, int(answer.json()["delivery"]))
    assert stored is not None
    assert HOOK_SECRET not in repr(stored)
    assert "authorization" not in stored.delivery.headers


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"hello": "world"}', b"\xff\xfe"])
def test_a_strangers_shape_is_400_and_kept_for_the_operator(hooks: httpx.Client, office: Office, body: bytes) -> None:
    answer = hooks.post("zendesk", content=body, headers=signed(body))
    assert answer.status_code == 400
    assert "expected" in answer.json()["error"]
    with office.bridge.database.read() as connection:
        stored = inbox.get(connection, int(answer.json()["delivery"]))
    assert stored is not None
    assert stored.state is DeliveryState.REFUSED


def test_a_known_vendors_unknown_event_is_200_and_noted(hooks: httpx.Client, office: Office) -> None:
    body = (
        b'{"account_id":1,"detail":{"id":"1"},"event":{},"id":"e1","subject":"zen:ticket:1",'
        b'"time":"2026-11-22T00:00:00Z","type":"zen:event-type:ticket.something_new","zendesk_event_version":"2022-11-06"}'
    )
    answer = hooks.post("zendesk", content=body, headers=signed(body))
    assert answer.status_code == 200
    office.settle()
    with office.bridge.database.read() as connection:
        stored = inbox.get(connection, int(answer.json()["delivery"]))
    assert stored is not None
    assert stored.state is DeliveryState.IGNORED


def test_too_large_is_413_and_a_wrong_media_type_415(hooks: httpx.Client, office: Office) -> None:
    limit = office.bridge.services.house.settings.max_body
    large = b"x" * (limit + 1)
    assert hooks.post("zendesk", content=large, headers=signed(large)).status_code == 413
    assert hooks.post("zendesk", content=BODY, headers=signed() | {"content-type": "text/csv"}).status_code == 415


def test_a_body_that_a_placeholder_broke_is_repaired_and_the_sender_told_what_to_mend(
    hooks: httpx.Client, office: Office
) -> None:
    body = b'{"event": "ticket.updated", "ticket_id": "35436", "subject": "the "red" printer"}'
    answer = hooks.post("zendesk", content=body, headers=signed(body))
    assert answer.status_code == 200
    assert "breaks at line 1, column 68" in answer.json()["warning"]
    assert "red" not in answer.json()["warning"]
    office.settle()
    with office.bridge.database.read() as connection:
        [told, *_] = journal.of_delivery(connection, int(answer.json()["delivery"]))
    assert told.what == "understood: ticket.updated (broken template) of ticket 35436"


def test_a_broken_body_without_one_plain_id_is_refused_with_what_is_wrong(hooks: httpx.Client) -> None:
    body = b'{"ticket_id": "35436", "subject": "the "red", "ticket_id": "1"}'
    answer = hooks.post("zendesk", content=body, headers=signed(body))
    assert answer.status_code == 400
    assert "breaks at line 1" in answer.json()["error"]
    assert "a placeholder that people can type" in answer.json()["error"]
