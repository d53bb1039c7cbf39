"""A vendor that stops at the first refusal gets its 200 for whatever proves itself; what was wrong with it is kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from connectors import registry
from store import inbox
from store.inbox import DeliveryState, StoredDelivery
from tests.web.conftest import MakeDesk
from tests.web.desk import HOOK_SECRET, Desk

LARGE = b"x" * 5000


@pytest.fixture
def desk(make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    module = sys.modules[registry.MODULES["fakeremote"]]
    monkeypatch.setattr(module, "KIND", replace(registry.kind("fakeremote"), stops_at_refusal=True))
    registry.kind.cache_clear()
    yield make_desk(max_body=4096)
    registry.kind.cache_clear()


def post(desk: Desk, name: str, body: bytes, *, media_type: str = "application/json", key: str = "") -> TestResponse:
    url = f"/hooks/{name}?key={key or HOOK_SECRET}"
    return desk.app.test_client().post(url, data=body, content_type=media_type)


def stored(desk: Desk, answer: TestResponse) -> StoredDelivery:
    assert answer.json
    with desk.services.house.database.read() as connection:
        found = inbox.get(connection, int(answer.json["delivery"]))
    assert found is not None
    return found


def test_what_is_malformed_is_200_and_kept_as_refused(desk: Desk) -> None:
    answer = post(desk, "remote", b"nonsense")
    assert answer.status_code == 200
    kept = stored(desk, answer)
    assert (kept.state, kept.reason) == (DeliveryState.REFUSED, "expected a list of events")


def test_what_is_too_large_is_200_and_kept_without_its_body(desk: Desk) -> None:
    answer = post(desk, "remote", LARGE)
    assert answer.status_code == 200
    kept = stored(desk, answer)
    assert (kept.state, kept.delivery.body) == (DeliveryState.REFUSED, b"")
    assert "4096 bytes" in kept.reason


def test_two_that_are_too_large_are_two(desk: Desk) -> None:
    first, second = (stored(desk, post(desk, "remote", LARGE)) for _ in range(2))
    assert first.id != second.id


def test_the_body_that_is_not_kept_is_read_to_its_end(desk: Desk) -> None:
    """Else the sender may find a cut connection where it waits for its 200."""
    with desk.app.test_client() as client:
        answer = client.post(f"/hooks/remote?key={HOOK_SECRET}", data=LARGE, content_type="application/json")
        assert answer.request.environ["wsgi.input"].read() == b""


def test_a_strange_media_type_is_200_and_its_body_is_read_all_the_same(desk: Desk) -> None:
    answer = post(desk, "remote", b"[]", media_type="text/plain")
    assert answer.status_code == 200
    assert stored(desk, answer).state is DeliveryState.NEW


def test_a_wrong_secret_is_401_all_the_same(desk: Desk) -> None:
    assert post(desk, "remote", b"[]", key="wrong").status_code == 401
    assert post(desk, "remote", LARGE, key="wrong").status_code == 401


def test_others_are_refused_as_ever(desk: Desk) -> None:
    bodies = ((b"nonsense", "application/json"), (LARGE, "application/json"), (b"[]", "text/plain"))
    answers = [post(desk, "desk", body, media_type=media_type).status_code for body, media_type in bodies]
    assert answers == [400, 413, 415]
