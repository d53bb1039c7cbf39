"""One presentation that was over before anybody asked, so that its reports have something to say.

Source: Remote Support 23.2 API guide, chapters PresentationSession, PresentationSessionListing,
PresentationSessionRecording.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from lxml import etree

from sandbox.beyondtrust.api.answers import add, add_all, add_time, clock_time, element, unix
from sandbox.beyondtrust.reports import periods
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError

Values = Mapping[str, str]
LSID = "6d547436638c41ad8f945388d2d465d2"
VIDEO = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00presentation"
LENGTH = timedelta(minutes=25)


def _times(state: ApplianceState) -> tuple[datetime, datetime]:
    begin = state.started_at - timedelta(hours=1)
    return begin, begin + LENGTH


def _asked(state: ApplianceState, values: Values) -> bool:
    wanted_ids = periods.by_id(values)
    if wanted_ids is not None:
        return LSID in wanted_ids
    wanted = periods.period(values)
    return wanted.holds(_times(state)[wanted.by_end])


def full(state: ApplianceState, values: Values) -> etree._Element:
    root = element("session_list")
    if _asked(state, values):
        _add(root, state)
    return root


def listing(state: ApplianceState, values: Values) -> etree._Element:
    root = element("presentation_summary_list")
    if _asked(state, values):
        add(root, "presentation_summary", lsid=LSID, has_recording="1")
    return root


def recording(_state: ApplianceState, values: Values) -> bytes:
    if values["lsid"] != LSID:
        raise ApiError("There is no such recording.")
    return VIDEO


def _add(root: etree._Element, state: ApplianceState) -> None:
    begin, end = _times(state)
    rep = state.representatives[3]
    one = add(root, "session", lsid=LSID)
    add_all(one, session_type="presentation", lseq="900")
    add_time(one, "start_time", begin)
    add_time(one, "end_time", end)
    base = f"{state.base_url}/records/{LSID}"
    add_all(one, duration=clock_time(LENGTH.total_seconds()), session_chat_view_url=f"{base}/chat")
    add_all(one, session_recording_view_url=f"{base}/session/0")
    add_all(one, session_recording_download_url=f"{base}/session/0?download=1")
    attendee = add(add(one, "attendee_list"), "attendee", gsnumber="7")
    add_all(attendee, username="Attendee 1", public_ip="198.51.100.77:50123")
    presenter = add(add(one, "rep_list"), "representative", gsnumber="3", id=str(rep.id))
    add_all(
        presenter,
        username=rep.username,
        public_display_name=rep.public_name,
        private_display_name=rep.private_name,
        public_ip=rep.public_ip,
        private_ip=rep.private_ip,
        hostname=rep.hostname,
        os=rep.os,
        seconds_involved=str(int(LENGTH.total_seconds())),
    )
    event = add(add(one, "session_details"), "event", timestamp=unix(begin), event_type="Chat Message")
    add(event, "performed_by", rep.private_name, gsnumber="3", type="representative")
    add(event, "destination", "Attendee 1", gsnumber="7", type="attendee")
    add(event, "body", "Welcome, everybody.")
