"""Every documented field of a Post-to-URL is read: another value there is another session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.model import SessionEvent
from connectors.platforms.rescue import webhook
from tests.connectors.rescue.support import post

FIELDS = (
    *("SessionID", "TechID", "TechSSOID", "TechName", "TechEmail", "TechDescr"),
    *(f"CField{number}" for number in range(6)),
    *("Tracking0", "ChatLog", "Notes", "WaitingTime", "PickupTime", "ClosingTime", "WorkTime", "LastActionTime"),
    *("Transmitted", "Platform"),
    *(f"TSurvey{number}" for number in range(10)),
)
"""As the reference lists them; `Notes` is really sent as `Note`."""

OTHER = {
    "PickupTime": "2%2F19%2F2026+9:00:00+AM",
    "ClosingTime": "2%2F19%2F2026+11:00:00+AM",
    "LastActionTime": "2%2F19%2F2026+11:00:00+AM",
    **dict.fromkeys(("SessionID", "WaitingTime", "WorkTime", "Transmitted"), "4711"),
}


def event(field: str = "", value: str = "") -> SessionEvent:
    """The event of a captured end, with another value in that field."""
    delivery = post("form-end-notes")
    pairs = [pair.partition("=") for pair in delivery.body.decode().split("&")]
    body = "&".join(f"{name}={value if name == field else old}" for name, _, old in pairs)
    [found] = webhook.parse(replace(delivery, body=body.encode()))
    return found


@pytest.mark.parametrize("field", FIELDS)
def test_another_value_in_a_post_is_another_session(field: str) -> None:
    # The single sign-on ID stands in where a technician has no other.
    if field == "TechSSOID":
        delivery = post("form-end-notes")
        bare = delivery.body.replace(b"TechID=337366", b"TechID=")
        [found] = webhook.parse(replace(delivery, body=bare))
        assert found.session.technician is not None
        assert found.session.technician.id == "jdoe"
        return
    assert event(field, OTHER.get(field, "another")) != event()
