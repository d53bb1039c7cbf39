"""A session as the SupportSession report tells it, with the habits of real reports where the settings ask for them.

Source: Remote Support 23.2 API guide, chapters SupportSession, SupportSessionListing.
"""

from __future__ import annotations

import base64

from lxml import etree

from sandbox.beyondtrust.api.answers import NOT_XML, add, add_all, add_time, clock_time, element, unix
from sandbox.beyondtrust.reports import periods
from sandbox.beyondtrust.reports.exits import add_survey
from sandbox.beyondtrust.reports.participants import PUBLIC_SITE, add_people
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import (
    CUSTOMER_QUESTIONS,
    EXTERNAL_KEY,
    REPRESENTATIVE_QUESTIONS,
    Actor,
    ApplianceSession,
    Event,
)

LISTS = (("screen", "show_my_screen"), ("shell", "command_shell"))
MOVED = frozenset({"File Upload", "File Download", "Files Shared"})


def full(state: ApplianceState, session: ApplianceSession) -> etree._Element:
    """`<session>`."""
    root = element("session", lsid=session.lsid)
    end = periods.end_time(state, session)
    add_all(root, session_type="support", lseq=str(session.lseq))
    add_time(root, "start_time", session.started_at)
    add_time(root, "end_time", end)
    over = end or session.dropped_at or state.clock.now()
    add(root, "duration", clock_time((over - session.started_at).total_seconds()))
    add(root, "public_site", PUBLIC_SITE, id="1")
    add(root, "external_key", session.external_key)
    _add_attributes(root, state, session)
    if end is not None:
        _add_links(root, state, session)
    moves = [event.type for event in session.events]
    add(root, "file_transfer_count", str(sum(1 for kind in moves if kind in MOVED)))
    add_all(root, file_move_count="0", file_delete_count="0")
    add_people(root, state, session)
    if end is not None:
        _add_surveys(root, state, session)
    details = add(root, "session_details")
    hidden = _hidden(state, session)
    for event in session.events:
        if event.type not in hidden:
            details.append(_event(state, event))
    return root


def summary(state: ApplianceState, session: ApplianceSession) -> etree._Element:
    """`<session_summary>` of the listing."""
    recording = any(one.kind == "session" for one in session.recordings) and periods.end_time(state, session)
    root = element(
        "session_summary", lsid=session.lsid, lseq=str(session.lseq), has_recording="1" if recording else "0"
    )
    if session.external_key:
        root.set("external_key", NOT_XML.sub("", session.external_key))
    return root


def _add_attributes(root: etree._Element, state: ApplianceState, session: ApplianceSession) -> None:
    custom = {name: value for name, value in session.attributes.items() if name != EXTERNAL_KEY}
    if custom:
        parent = add(root, "custom_attributes")
        for name, value in custom.items():
            display = state.settings.custom_fields.get(name, name)
            add(parent, "custom_attribute", value, display_name=display, code_name=name)


def _add_links(root: etree._Element, state: ApplianceState, session: ApplianceSession) -> None:
    base = f"{state.base_url}/records/{session.lsid}"
    add_all(root, session_chat_view_url=f"{base}/chat", session_chat_download_url=f"{base}/chat?download=1")
    if any(one.kind == "session" for one in session.recordings):
        url = f"{base}/session/0"
        add_all(root, session_recording_view_url=url, session_recording_download_url=f"{url}?download=1")
    for kind, name in LISTS:
        found = [one for one in session.recordings if one.kind == kind]
        if found:
            parent = add(root, f"{name}_recordings")
            for one in found:
                # The API counts shells from 0, this report from 1.
                shown = one.number + (1 if kind == "shell" else 0)
                url = f"{base}/{kind}/{one.number}"
                child = add(parent, f"{name}_recording", instance=str(shown))
                add_all(child, download_url=f"{url}?download=1", view_url=url)


def _add_surveys(root: etree._Element, state: ApplianceState, session: ApplianceSession) -> None:
    found = periods.survey(state, session.customer_survey)
    if found is not None:
        one = add(add(root, "cust_survey_list"), "cust_exit_survey")
        add_survey(one, state, CUSTOMER_QUESTIONS, found)
    found = periods.survey(state, session.representative_survey)
    if found is not None:
        one = add(add(root, "rep_survey_list"), "rep_exit_survey")
        add_survey(one, state, REPRESENTATIVE_QUESTIONS, found)


def _hidden(state: ApplianceState, session: ApplianceSession) -> set[str]:
    """Event types that are not written down yet."""
    hidden = set() if periods.end_time(state, session) or session.dropped_at else {"Session End"}
    if periods.survey(state, session.customer_survey) is None:
        hidden.add("Customer Exit Survey")
    if periods.survey(state, session.representative_survey) is None:
        hidden.add("Representative Exit Survey")
    return hidden


def _event(state: ApplianceState, event: Event) -> etree._Element:
    root = element("event", timestamp=unix(event.at), event_type=event.type)
    if state.settings.sparse and event.type in ("Session Start", "Session End"):
        return root
    _add_actor(root, "performed_by", event.performed_by)
    if event.destination is not None:
        _add_actor(root, "destination", event.destination)
    if event.body:
        add_body(root, event.body)
    if event.filename and event.type == "Files Shared":
        add(add(root, "files"), "file", name=event.filename, size=str(event.filesize))
    elif event.filename:
        add_all(root, filename=event.filename, filesize=str(event.filesize))
    if event.system_information:
        _add_system(add(root, "system_information"), event)
    data = dict(event.data) | ({"api_account": event.api_account} if event.api_account else {})
    if data:
        parent = add(root, "data")
        for name, value in data.items():
            add(parent, "value", name=name, value=value)
    return root


def _add_actor(parent: etree._Element, tag: str, actor: Actor) -> None:
    add(parent, tag, actor.name, gsnumber=str(actor.gsnumber), type=actor.kind)


def add_body(parent: etree._Element, text: str) -> None:
    """`<body>`, or `<encoded_body>` for what XML cannot hold."""
    if NOT_XML.search(text):
        add(parent, "encoded_body", base64.encodebytes(text.encode("utf-8", "surrogatepass")).decode("ascii"))
    else:
        add(parent, "body", text)


def _add_system(parent: etree._Element, event: Event) -> None:
    for category in event.system_information:
        one = add(parent, "category", name=category.name)
        description = add(one, "description")
        for column in category.columns:
            add(description, "field", column)
        data = add(one, "data")
        for row in category.rows:
            line = add(data, "row")
            for cell in row:
                add(line, "field", cell)
