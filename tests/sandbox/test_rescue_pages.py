"""The pretend Rescue's pages: joining, helping, leaving."""

from __future__ import annotations

import httpx
import pytest

from sandbox.driver import Customer, Refusal, Technician
from sandbox.rescue.actions import hold
from sandbox.serve import Sandbox


@pytest.fixture
def pin(sandbox: Sandbox) -> str:
    return sandbox.rescue.request_pin(sandbox.rescue.owner, {"cfield0": "<b>Me</b>"}).code


def test_the_link_works_and_looking_at_it_uses_nothing_up(
    sandbox: Sandbox, rescue: httpx.Client, customer: Customer, pin: str
) -> None:
    link = f"{sandbox.rescue_url}/R?i=2&Code={pin}"
    assert f'value="{pin}"' in rescue.get(link).text
    assert rescue.get(link).status_code == 200
    assert sandbox.rescue.session(customer.follow(link)).pin == pin


def test_a_pin_is_good_once_and_not_for_ever(sandbox: Sandbox, customer: Customer, pin: str) -> None:
    customer.join(f" {pin} ")
    with pytest.raises(Refusal, match=r"409 .*not valid"):
        customer.join(pin)
    late = sandbox.rescue.request_pin(sandbox.rescue.owner, {}).code
    sandbox.clock.advance(20 * 60)
    with pytest.raises(Refusal, match="not valid"):
        customer.join(late)
    with pytest.raises(Refusal, match="not valid"):
        customer.join("<script>")


def test_the_console_lists_who_waits(customer: Customer, technician: Technician, pin: str) -> None:
    session = customer.join(pin)
    assert technician.waiting() == [session]
    technician.pick_up(session)
    assert technician.waiting() == []
    with pytest.raises(Refusal, match="already picked up"):
        technician.pick_up(session)


def test_nothing_can_be_said_after_the_end(customer: Customer, technician: Technician, pin: str) -> None:
    session = customer.join(pin)
    technician.pick_up(session)
    technician.end()
    for say in (customer.say, technician.say):
        with pytest.raises(Refusal, match="has ended"):
            say("late")
    with pytest.raises(Refusal, match="has ended"):
        technician.end()
    customer.answer_survey("5", "thanks")


def test_another_technician_takes_over_and_joins(
    sandbox: Sandbox, customer: Customer, technician: Technician, pin: str
) -> None:
    session = customer.join(pin)
    with Technician(sandbox.rescue_url, 337367) as second:
        second.pick_up(session)
        second.ask_to_join(337366)
        technician.session_id = session
        technician.say("me too")
    assert sandbox.rescue.session(session).technician.name == "Technician 2"
    assert sandbox.rescue.session(session).chat[-1].speaker == "Technician 1"


def test_what_was_typed_is_text_on_every_page(
    rescue: httpx.Client, customer: Customer, technician: Technician, pin: str
) -> None:
    session = customer.join(pin)
    technician.pick_up(session)
    customer.say("<script>alert(1)</script>{{7*7}}")
    technician.note("</textarea><script>alert(1)</script>")
    paths = ("/technician", f"/session/{session}", f"/session/{session}/end", f"/customer/{session}")
    for path in (*paths, f"/customer/{session}/survey", "/R?Code=%22><script>alert(1)</script>"):
        page = rescue.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<b>Me" not in page.text
    assert "{{7*7}}" in rescue.get(f"/customer/{session}").text


def test_strangers_get_no_pages(rescue: httpx.Client) -> None:
    assert rescue.get("/customer/1").status_code == 409
    assert rescue.get("/nothing").status_code == 404


def test_a_technician_says_how_busy_it_is(sandbox: Sandbox, technician: Technician) -> None:
    owner = sandbox.rescue.owner
    technician.be("Away")
    assert owner.status == "Away"
    technician.open_console(open_=False)
    assert owner.status == "Offline"
    technician.open_console()
    assert owner.status == "Away"
    with pytest.raises(Refusal, match="no such status"):
        technician.be("Asleep")


def test_who_is_on_hold_can_be_picked_up_again(
    sandbox: Sandbox, customer: Customer, technician: Technician, pin: str
) -> None:
    session = customer.join(pin)
    technician.pick_up(session)
    hold(sandbox.rescue, sandbox.rescue.session(session))
    assert technician.waiting() == [session]
    with pytest.raises(Refusal, match="Pick up"):
        technician.end()
    technician.pick_up(session)
    technician.end()
