"""The pretend appliance's pages: joining in three ways, helping in company, surveys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import httpx
import pytest

from sandbox.beyondtrust.driver import ApplianceCustomer, ApplianceRepresentative
from sandbox.beyondtrust.state.model import ApplianceSession, SessionKey
from sandbox.driver import Refusal
from sandbox.serve import Sandbox


@pytest.fixture
def web(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """Anybody at the pretend appliance."""
    with httpx.Client(base_url=sandbox.appliance_url, trust_env=False) as client:
        yield client


@pytest.fixture
def visitor(sandbox: Sandbox) -> Iterator[ApplianceCustomer]:
    with ApplianceCustomer(sandbox.appliance_url) as person:
        yield person


@pytest.fixture
def first(sandbox: Sandbox) -> Iterator[ApplianceRepresentative]:
    with ApplianceRepresentative(sandbox.appliance_url, 1) as person:
        yield person


@pytest.fixture
def second(sandbox: Sandbox) -> Iterator[ApplianceRepresentative]:
    with ApplianceRepresentative(sandbox.appliance_url, 2) as person:
        yield person


@pytest.fixture
def key(sandbox: Sandbox) -> SessionKey:
    return sandbox.appliance.request_key(attributes={"external_key": "35436", "asset": "<b>PRN-7"})


@pytest.fixture
def session(
    sandbox: Sandbox, visitor: ApplianceCustomer, first: ApplianceRepresentative, key: SessionKey
) -> ApplianceSession:
    """One that the first representative accepted."""
    first.accept(visitor.join(key.short_key, "<b>Me</b>"))
    return sandbox.appliance.session(visitor.lsid)


def happened(session: ApplianceSession) -> list[str]:
    return [event.type for event in session.events]


# joining


def test_the_link_works_and_looking_at_it_uses_nothing_up(
    sandbox: Sandbox, web: httpx.Client, visitor: ApplianceCustomer, key: SessionKey
) -> None:
    link = sandbox.appliance.key_url(key)
    for _ in range(2):
        assert f'value="{key.short_key}"' in web.get(link).text
    assert sandbox.appliance.session(visitor.follow(link)).external_key == "35436"


def test_a_key_is_good_once_and_not_for_ever(sandbox: Sandbox, visitor: ApplianceCustomer, key: SessionKey) -> None:
    visitor.join(f" {key.short_key} ")
    late = sandbox.appliance.request_key(ttl=60).short_key
    sandbox.clock.advance(60)
    for bad in (key.short_key, late, "<script>"):
        with pytest.raises(Refusal, match=r"409 .*not valid"):
            visitor.join(bad)


def test_a_customer_picks_a_representative_or_an_issue(
    sandbox: Sandbox, visitor: ApplianceCustomer, first: ApplianceRepresentative, second: ApplianceRepresentative
) -> None:
    for_second = visitor.choose(2, "Ann")
    for_network = visitor.submit_issue("network", "Ben", company="Example", details="No link.")
    assert first.waiting() == []
    assert second.waiting() == [for_network, for_second]
    found = sandbox.appliance.session(for_network)
    assert (found.customer_name, found.company, found.details) == ("Ben", "Example", "No link.")


def test_only_who_is_there_can_be_picked(web: httpx.Client, visitor: ApplianceCustomer) -> None:
    with ApplianceRepresentative(str(web.base_url), 2) as second:
        second.log_in(in_=False)
        assert "Technician 2" not in web.get("/").text
        with pytest.raises(Refusal, match="not logged in"):
            visitor.choose(2)
        second.log_in()
        visitor.choose(2)


@pytest.mark.parametrize("values", [{}, {"issue": "coffee"}, {"rep": "99"}, {"rep": "x"}])
def test_a_start_of_nothing_is_refused(web: httpx.Client, values: dict[str, str]) -> None:
    assert web.post("/start", data=values).status_code == 409


# helping


def test_who_waits_is_accepted_once(
    visitor: ApplianceCustomer, first: ApplianceRepresentative, second: ApplianceRepresentative, key: SessionKey
) -> None:
    lsid = visitor.join(key.short_key)
    assert first.waiting() == second.waiting() == [lsid]
    first.accept(lsid)
    assert second.waiting() == []
    with pytest.raises(Refusal, match="accepted this session already"):
        second.accept(lsid)


def test_all_that_is_done_in_a_session_is_in_its_details(
    visitor: ApplianceCustomer, first: ApplianceRepresentative, session: ApplianceSession
) -> None:
    visitor.say("Hello")
    first.say("Good morning")
    first.note("line one\r\nline two")
    first.send_file("driver.exe")
    first.fetch_file("printer.log")
    first.edit_external_key("777")
    for tool in ("system", "share", "show", "shell"):
        first.use(tool)
    said = [event.body for event in session.events if event.type == "Chat Message"]
    assert said == ["Hello", "Good morning"]
    assert "line one\nline two" in [event.body for event in session.events]
    files = [(event.type, event.filename) for event in session.events if event.filename]
    assert files == [("File Upload", "driver.exe"), ("File Download", "printer.log")]
    assert session.external_key == "777"
    assert {one.kind for one in session.recordings} == {"session", "screen", "shell"}
    assert "System Information Retrieved" in happened(session)


def test_a_tool_or_a_direction_that_is_not_there_is_refused(
    web: httpx.Client, first: ApplianceRepresentative, session: ApplianceSession
) -> None:
    here = f"/console/1/session/{session.lsid}"
    with pytest.raises(Refusal, match="no such tool"):
        first.use("hammer")
    assert web.post(f"{here}/file", data={"name": "a", "direction": "sideways"}).status_code == 409
    assert web.post(f"{here}/transfer", data={"queue": "team:99"}).status_code == 409


def test_a_session_goes_to_another_representative(
    sandbox: Sandbox, first: ApplianceRepresentative, second: ApplianceRepresentative, session: ApplianceSession
) -> None:
    first.transfer("rep:2")
    assert first.waiting() == []
    assert second.waiting() == [session.lsid]
    second.accept(session.lsid)
    assert session.owner is not None
    assert session.owner.rep.id == 2
    with pytest.raises(Refusal, match="not in the session"):
        first.say("still me")


def test_a_session_goes_to_a_team(
    first: ApplianceRepresentative, second: ApplianceRepresentative, session: ApplianceSession
) -> None:
    first.transfer("team:2")
    assert first.waiting() == []
    second.accept(second.waiting()[0])
    assert session.team_ids == [2]


def test_a_second_representative_is_called_in_and_leaves_again(
    web: httpx.Client, first: ApplianceRepresentative, second: ApplianceRepresentative, session: ApplianceSession
) -> None:
    join = f"/console/2/session/{session.lsid}/join"
    assert join not in web.get("/console/2").text
    first.call_in(2)
    assert join in web.get("/console/2").text
    second.join(session.lsid)
    second.say("me too")
    assert len(session.present) == 2
    second.leave()
    assert [member.rep.id for member in session.present] == [1]


def test_who_is_not_in_a_session_changes_nothing_in_it(
    second: ApplianceRepresentative, session: ApplianceSession
) -> None:
    second.lsid = session.lsid
    acts: tuple[Callable[[], None], ...] = (partial(second.transfer, "team:1"), partial(second.call_in, 3))
    for act in (*acts, second.end, second.leave):
        with pytest.raises(Refusal, match="not in the session"):
            act()
    assert session.open


# the end


def test_both_answer_their_surveys_once(
    visitor: ApplianceCustomer, first: ApplianceRepresentative, session: ApplianceSession
) -> None:
    with pytest.raises(Refusal, match="no survey"):
        visitor.answer_survey("Very")
    first.end()
    first.answer_survey("Yes", "Cleared the jam")
    visitor.answer_survey("Very", ("Printer", "Network"), "")
    assert session.customer_survey is not None
    assert session.customer_survey.answers == (("Very",), ("Printer", "Network"), ())
    assert session.representative_survey is not None
    assert session.representative_survey.answers == (("Yes",), ("Cleared the jam",))
    with pytest.raises(Refusal, match="no survey"):
        first.answer_survey("No")


def test_a_customer_who_leaves_ends_the_session(
    visitor: ApplianceCustomer, first: ApplianceRepresentative, session: ApplianceSession
) -> None:
    visitor.leave()
    assert not session.open
    late: tuple[Callable[[], None], ...] = (partial(visitor.say, "late"), partial(first.say, "late"), visitor.leave)
    for act in (*late, first.end):
        with pytest.raises(Refusal, match="not active"):
            act()


# what is seen


def test_customers_see_no_notes_keys_or_private_names(
    web: httpx.Client, first: ApplianceRepresentative, session: ApplianceSession
) -> None:
    first.note("for us only")
    first.edit_external_key("777888")
    first.say("hello")
    for_customer = web.get(f"/customer/{session.lsid}").text
    for_us = web.get(f"/console/1/session/{session.lsid}").text
    for private in ("for us only", "777888", "Technician One"):
        assert private not in for_customer
        assert private in for_us
    assert "Technician 1" in for_customer


def test_what_was_typed_is_text_on_every_page(
    web: httpx.Client, visitor: ApplianceCustomer, first: ApplianceRepresentative, session: ApplianceSession
) -> None:
    nasty = "<script>alert(1)</script>{{7*7}}{by}\"'"
    visitor.say(nasty)
    first.note(f"</textarea>{nasty}")
    first.fetch_file(nasty)
    first.edit_external_key(nasty)
    here = f"/console/1/session/{session.lsid}"
    first.end()
    own = (f"/customer/{session.lsid}", f"/customer/{session.lsid}/survey")
    for path in ("/", "/?ak=%22><script>alert(1)</script>", "/console", "/console/1", here, f"{here}/survey", *own):
        page = web.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<b>Me" not in page.text
        assert "<b>PRN" not in page.text
    assert "{{7*7}}{by}" in web.get(own[0]).text


def test_strangers_get_no_pages(web: httpx.Client) -> None:
    for path in ("/customer/1", "/console/99", "/console/1/session/1", "/customer/1/survey"):
        assert web.get(path).status_code == 409
    assert web.get("/nothing").status_code == 404


def test_the_parts_that_change_are_marked_live(web: httpx.Client, session: ApplianceSession) -> None:
    here = f"/console/1/session/{session.lsid}"
    for path in (f"/customer/{session.lsid}", "/console", "/console/1", here):
        assert 'id="live"' in web.get(path).text
    assert 'id="live-facts"' in web.get(here).text
