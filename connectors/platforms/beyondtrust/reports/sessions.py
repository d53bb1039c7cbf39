"""One `<session>` of the SupportSession report as a session of the bridge. Pure: an element in, a value out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bridge.model import ChatPart, Person, Recording, Session
from connectors.platforms.beyondtrust.reports import people
from connectors.platforms.beyondtrust.reports.events import Story, story_of
from connectors.platforms.beyondtrust.reports.people import Customer, Representative
from connectors.platforms.beyondtrust.reports.surveys import BY_CUSTOMER, BY_REPRESENTATIVE, surveys_in
from connectors.platforms.beyondtrust.wire.elements import Parts, moment, number, part
from connectors.xml import Element, by_name

REPORT_LAG = 600.0
"""Seconds after its end until a session must stand in the report."""
END_LAG = 120.0
"""Seconds in which a session without an end may still get one; later it closed abnormally and never will."""


def session_of(element: Element) -> Session:
    """All that the report tells of one session (guide, "Download Reports with SupportSession").

    A session without `end_time` is asked for again (`patience_seconds`); it counts as ended only when its events
    tell of the end.
    """
    parts = by_name(element)
    representatives = [people.representative(one) for one in _list(parts, "rep_list")]
    customers = [people.customer(one) for one in _list(parts, "customer_list")]
    story = story_of(parts.get("session_details"), _names(representatives, customers))
    ended_at = moment(parts.get("end_time"))
    owners = [one for one in representatives if one.owner]
    return Session(
        id=element.get("lsid", ""),
        reference=part(parts, "external_key"),
        technician=people.primary(representatives, parts.get("primary_rep")),
        customer=_customer(customers, parts),
        device=customers[0].device if customers else "",
        started_at=moment(parts.get("start_time")) or story.started_at,
        ended_at=ended_at or story.ended_at,
        waiting_seconds=story.waited,
        work_seconds=people.total(one.seconds for one in owners),
        chat=(ChatPart(0, tuple(story.chat), whole=True),) if story.chat else (),
        notes=story.notes_text,
        surveys=(
            *surveys_in(parts.get("rep_survey_list"), BY_REPRESENTATIVE),
            *surveys_in(parts.get("cust_survey_list"), BY_CUSTOMER),
        ),
        recordings=tuple(_recordings(parts)),
        files=tuple(story.files),
        participants=people.participants(representatives),
        attributes=_attributes(parts),
        system=_system(customers, story),
        ended=(ended_at or story.ended_at) is not None,
        patience_seconds=_patience(ended_at),
    )


def _patience(ended_at: datetime | None) -> float:
    return END_LAG if ended_at is None else 0.0


def _list(parts: Parts, name: str) -> Sequence[Element]:
    return list(parts[name]) if name in parts else []


def _names(representatives: Sequence[Representative], customers: Sequence[Customer]) -> dict[str, str]:
    names = {one.gsnumber: one.name or one.username for one in representatives}
    return names | {one.gsnumber: one.person.name for one in customers}


def _customer(customers: Sequence[Customer], parts: Parts) -> Person:
    found = customers[0].person if customers else Person()
    return found if found.name else Person(name=part(parts, "primary_customer"), description=found.description)


def _attributes(parts: Parts) -> dict[str, str]:
    """The custom attributes by the name that people see; one that is shown like another by its code name, too."""
    found: dict[str, str] = {}
    for attribute in _list(parts, "custom_attributes"):
        value = "".join(attribute.itertext()).strip()
        code = attribute.get("code_name", "")
        shown = attribute.get("display_name") or code
        if value and shown:
            found[f"{shown} ({code})" if shown in found else shown] = value
    return found


def _system(customers: Sequence[Customer], story: Story) -> dict[str, str]:
    told = {"Host name": customers[0].hostname, "Operating system": customers[0].os} if customers else {}
    return {label: value for label, value in told.items() if value} | story.system


def _recordings(parts: Parts) -> Iterator[Recording]:
    """What can be looked at. Without a download there is nothing to fetch: the id stays empty."""
    view, download = part(parts, "session_recording_view_url"), part(parts, "session_recording_download_url")
    if view or download:
        yield Recording("Session recording", view or download, "session" if download else "")
    yield from _numbered(parts, "show_my_screen_recordings", "Representative's screen", "screen")
    yield from _numbered(parts, "command_shell_recordings", "Command shell", "shell")
    if chat := part(parts, "session_chat_view_url"):
        yield Recording("Chat transcript", chat)


def _numbered(parts: Parts, name: str, title: str, kind: str) -> Iterator[Recording]:
    """Recordings of which there may be several. The API counts from 0; this report counts shells from 1.

    The guide says both of shells. So a report whose lowest shell is 0 is taken to count from 0.
    """
    found = [(number(one.get("instance", "")), by_name(one)) for one in _list(parts, name)]
    instances = [instance for instance, _ in found if instance is not None]
    base = 1 if kind == "shell" and instances and min(instances) > 0 else 0
    for place, (instance, links) in enumerate(found):
        index = place if instance is None else instance - base
        view, download = part(links, "view_url"), part(links, "download_url")
        if view or download:
            yield Recording(f"{title} {index + 1}", view or download, f"{kind}:{index}")
