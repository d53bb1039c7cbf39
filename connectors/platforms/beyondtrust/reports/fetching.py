"""One session as the platform knows it now, and its recordings, for the bridge."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

from bridge.errors import NotFound
from bridge.model import Attachment, Session, Survey
from connectors.platforms.beyondtrust.reports import Reports
from connectors.platforms.beyondtrust.reports.downloads import Download
from connectors.platforms.beyondtrust.reports.reading import Rows
from connectors.platforms.beyondtrust.reports.sessions import REPORT_LAG
from connectors.platforms.beyondtrust.reports.surveys import BY_CUSTOMER, BY_REPRESENTATIVE, ExitSurvey
from connectors.platforms.beyondtrust.wire.api import Api

_NUMBERED = re.compile(r"(screen|shell):([0-9]{1,6})")
_TYPES = (
    (b"FLV", "video/x-flv", "flv"),
    (b"PK\x03\x04", "application/zip", "zip"),
    (b"\x1aE\xdf\xa3", "video/webm", "webm"),
)


def fetch_session(api: Api, session_id: str) -> Session:
    """The session with its surveys, which are asked for where the session's own lists lack them.

    A session that the report does not hold comes back empty, to be asked for again (`patience_seconds`): the
    report lags behind the events.
    """
    reports = Reports(api)
    try:
        session = reports.support_session(session_id)
    except NotFound:
        session = None
    if session is None:
        return Session(session_id, patience_seconds=REPORT_LAG)
    if not session.ended:
        return session
    return replace(session, surveys=(*session.surveys, *_further_surveys(reports, session)))


def _further_surveys(reports: Reports, session: Session) -> list[Survey]:
    """One call for each kind of survey that is not there; the survey of another session is none of ours."""
    known = {survey.by for survey in session.surveys}
    sources: list[tuple[str, Callable[..., Rows[ExitSurvey]]]] = [
        (BY_REPRESENTATIVE, reports.representative_surveys),
        (BY_CUSTOMER, reports.customer_surveys),
    ]
    found = []
    for by, ask in sources:
        if by not in known:
            with closing(ask(lsids=[session.id])) as surveys:
                found += [one.survey for one in surveys if one.lsid == session.id and one.survey.answers]
    return found


def fetch_recording(api: Api, session_id: str, recording_id: str, max_bytes: int) -> Attachment:
    """A recording by the id that `Session.recordings` gives it. Raises NotFound for any other id."""
    into = BytesIO()
    saved = _saver(Reports(api), recording_id)(session_id, into, max_bytes)
    content = into.getvalue()
    media_type, ending = kind_of(content, saved.media_type)
    return Attachment(saved.filename or f"{recording_id.replace(':', '-')}-{session_id}.{ending}", media_type, content)


def _saver(reports: Reports, recording_id: str) -> Callable[[str, BinaryIO, int], Download]:
    if recording_id == "session":
        return lambda session, into, most: reports.session_recording(session, into, max_bytes=most)
    found = _NUMBERED.fullmatch(recording_id)
    if found is None:
        raise NotFound("BeyondTrust has no such recording", code="recording")
    save, number = {"screen": reports.screen_recording, "shell": reports.shell_recording}[found[1]], int(found[2])
    return lambda session, into, most: save(session, number, into, max_bytes=most)


def kind_of(content: bytes, told: str) -> tuple[str, str]:
    """Media type and ending of a recording: as the appliance says, else by its first bytes, else an MP4."""
    for magic, media_type, ending in _TYPES:
        if content.startswith(magic):
            return media_type, ending
    if content[4:8] == b"ftyp" or told in ("", "application/octet-stream", "video/mp4"):
        return "video/mp4", "mp4"
    return told, "bin"
