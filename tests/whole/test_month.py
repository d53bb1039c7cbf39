"""A month of sessions, a third never posted and a fifth judged late, brought to completeness."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from sandbox.serve import Sandbox
from tests.faultkit.quiet import open_work
from tests.harness import RunningBridge, running_bridge, until
from tests.whole import month
from tests.whole.month import Count
from workers.backfill import backfill, begin, counted

COUNT = 90
LOST, SURVEYED = COUNT // 3, COUNT // 5
REPORT_SECONDS = 0.05


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(month.settings_of(REPORT_SECONDS)) as running:
        yield running


@pytest.fixture
def bridge(sandbox: Sandbox, database_url: str) -> Iterator[RunningBridge]:
    with running_bridge(sandbox, database_url, month.config_of(REPORT_SECONDS)) as running:
        yield running


def settle(bridge: RunningBridge) -> None:
    bridge.drain.wake()
    until(lambda: not open_work(bridge.database), 90)


def bring(bridge: RunningBridge, windows: int | None = None, *, restart: bool = False) -> tuple[int, int]:
    """Go on with the backfill for so many looks; sessions and surveys that it brought so far."""
    house = bridge.services.house
    now = house.clock()
    progress = begin(house, "rescue", now - (month.DAYS + 1) * 86_400, now, restart=restart)
    for at in islice(backfill(house, progress), windows):
        progress = at
    return progress.brought, progress.surveys


def test_a_month_is_brought_to_completeness_once_at_the_vendors_pace(sandbox: Sandbox, bridge: RunningBridge) -> None:
    sessions = month.happened(sandbox, COUNT)
    assert month.post(sandbox, bridge.url, sessions) == COUNT - LOST
    settle(bridge)
    assert month.counted(sandbox, sessions) == Count(cards=COUNT - LOST, surveys=0, twice=0, wrong=0)

    interrupted, _ = bring(bridge, windows=12)
    settle(bridge)
    assert COUNT - LOST < month.counted(sandbox, sessions).cards < COUNT
    brought, surveys = bring(bridge)
    settle(bridge)

    assert 0 < interrupted < brought
    assert surveys == SURVEYED
    assert month.counted(sandbox, sessions) == Count(cards=COUNT, surveys=SURVEYED, twice=0, wrong=0)
    known = counted(bridge.services.house, "rescue")
    assert (known.known, known.on_tickets, known.orphans) == (COUNT, COUNT, 0)

    calls = sandbox.rescue.calls.all()
    assert month.shortest_pause(calls) >= REPORT_SECONDS * 0.9
    for conversation in month.conversations(calls):
        assert len({call.caller for call in conversation}) == 1
    assert len(month.conversations(calls)) == 2 * (month.DAYS + 1), "no window was asked for twice"

    assert bring(bridge, restart=True) == (0, 0), "there is nothing left to bring"
    settle(bridge)
    assert month.counted(sandbox, sessions) == Count(cards=COUNT, surveys=SURVEYED, twice=0, wrong=0)
