"""Who is listed as working in Zendesk, by single answers that the sandbox does not give."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bridge.errors import Rejected
from bridge.model import Person
from connectors.tickets.zendesk.people import people
from tests.contract.workshop import workshop

AGENT = {"id": 1, "name": "Agent 1", "email": "agent1@example.com", "role": "agent", "active": True}


def listed(*pages: dict[str, Any]) -> list[Person]:
    left = list(pages)
    with workshop("https://acme.zendesk.com", lambda _: httpx.Response(200, json=left.pop(0))) as given:
        return list(people(given.transport))


def test_customers_and_those_who_left_are_left_out() -> None:
    others = (
        {**AGENT, "id": 2, "role": "end-user"},
        {**AGENT, "id": 3, "active": False},
        {**AGENT, "id": 4, "suspended": True},
    )
    assert [one.id for one in listed({"users": [*others, AGENT], "meta": {"has_more": False}})] == ["1"]


def test_what_another_system_calls_them_is_the_sso_id() -> None:
    [found] = listed({"users": [{**AGENT, "external_id": "S-1", "role": "admin"}]})
    assert found == Person("Agent 1", "agent1@example.com", "1", sso_id="S-1")


def test_a_list_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.tickets.zendesk.people.MAX_PAGES", 2)
    endless = {"users": [AGENT], "meta": {"has_more": True, "after_cursor": "x"}}
    with pytest.raises(Rejected, match="more agents"):
        listed(endless, endless, endless)
