"""The play tells a good bridge from a bad one."""

from __future__ import annotations

import pytest

from sandbox.play import PlayResult, play
from sandbox.serve import Sandbox
from tests.sandbox.appliance_standin import ApplianceStandIn
from tests.sandbox.receiver import Receiver
from tests.sandbox.standin import StandIn


@pytest.fixture
def bridge(sandbox: Sandbox, receiver: Receiver) -> StandIn:
    return StandIn(sandbox, receiver)


@pytest.fixture
def appliance_bridge(sandbox: Sandbox, receiver: Receiver) -> ApplianceStandIn:
    return ApplianceStandIn(sandbox, receiver)


def played(sandbox: Sandbox, lines: list[str], patience: float = 10.0, platform: str = "rescue") -> PlayResult:
    return play(sandbox, "", "", lines.append, platform=platform, patience=patience, settle=0.3)


def missing(result: PlayResult) -> list[str]:
    return [check.promise for check in result.checks if not check.kept]


def test_a_good_bridge_keeps_every_promise(sandbox: Sandbox, bridge: StandIn) -> None:
    lines: list[str] = []
    result = played(sandbox, lines)
    assert missing(result) == []
    assert result.success
    assert any("AS THE CUSTOMER SEES IT" in line for line in lines)
    assert sum(line.startswith("  ok") for line in lines) == len(result.checks)


def test_a_card_that_the_customer_sees_is_found_out(sandbox: Sandbox, bridge: StandIn) -> None:
    bridge.card_public = True
    assert "the customer does not see the card" in missing(played(sandbox, [], patience=1.0))


def test_two_cards_are_found_out(sandbox: Sandbox, bridge: StandIn) -> None:
    bridge.cards = 2
    assert "there is exactly one session card" in missing(played(sandbox, []))


def test_a_card_number_is_found_out(sandbox: Sandbox, bridge: StandIn) -> None:
    bridge.hide_card_number = False
    assert missing(played(sandbox, [])) == ["the card number stands nowhere"]


def test_braces_that_the_help_desk_fills_in_are_found_out(sandbox: Sandbox, bridge: StandIn) -> None:
    bridge.defuse = False
    (promise,) = missing(played(sandbox, []))
    assert "Please type {{ticket.requester.email}}" in promise


def test_no_bridge_at_all(sandbox: Sandbox) -> None:
    lines: list[str] = []
    result = played(sandbox, lines, patience=0.3)
    assert not result.success
    assert missing(result) == ["the invitation with its PIN is on the ticket"]


def test_a_good_bridge_keeps_every_promise_on_the_appliance(
    sandbox: Sandbox, appliance_bridge: ApplianceStandIn
) -> None:
    result = played(sandbox, [], platform="beyondtrust")
    assert missing(result) == []
    assert result.success


def test_attributes_that_stay_behind_are_found_out(sandbox: Sandbox, appliance_bridge: ApplianceStandIn) -> None:
    appliance_bridge.follows = False
    assert missing(played(sandbox, [], 1.0, "beyondtrust")) == ["the session's attributes follow the ticket"]


def test_a_survey_that_the_customer_sees_is_found_out(sandbox: Sandbox, appliance_bridge: ApplianceStandIn) -> None:
    appliance_bridge.surveys_public = True
    assert "the customer does not see the card" in missing(played(sandbox, [], 1.0, "beyondtrust"))


def test_a_card_without_the_second_representative_is_found_out(
    sandbox: Sandbox, appliance_bridge: ApplianceStandIn
) -> None:
    appliance_bridge.names_everybody = False
    assert missing(played(sandbox, [], 1.0, "beyondtrust")) == [
        "the card says how long Technician Two was in the session"
    ]


def test_no_bridge_at_all_on_the_appliance(sandbox: Sandbox) -> None:
    result = played(sandbox, [], 0.3, "beyondtrust")
    assert missing(result) == ["the invitation with its session key is on the ticket"]
