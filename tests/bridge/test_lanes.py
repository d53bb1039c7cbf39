from __future__ import annotations

import pytest

from bridge.effects import TicketKey
from bridge.lanes import lanes_called, record_key, record_of
from bridge.model import CrmRecord


@pytest.mark.parametrize("kind", list(CrmRecord))
def test_the_lane_of_a_record_tells_which_it_is_and_is_found_by_its_id(kind: CrmRecord) -> None:
    lane = record_key("crm", kind, "901")
    assert record_of(lane) == (kind, "901")
    assert lane.ticket_id in lanes_called("901")


@pytest.mark.parametrize("ticket_id", ["901", "SUP-7", "contacts/901", "contact", ""])
def test_a_tickets_lane_is_no_records(ticket_id: str) -> None:
    assert record_of(TicketKey("crm", ticket_id)) is None
    assert ticket_id in lanes_called(ticket_id)
