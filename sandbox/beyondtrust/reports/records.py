"""Where the links of a report lead: the chat as text, and the videos.

The vendor asks for a sign-in at /login here, and the sandbox has nobody to ask.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from sandbox.beyondtrust.reports import periods
from sandbox.beyondtrust.reports.reporting import recording
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError


def blueprint(state: ApplianceState) -> Blueprint:
    """Pages of what was recorded."""
    records = Blueprint("records", __name__, url_prefix="/records")

    @records.get("/<lsid>/chat")
    def chat(lsid: str) -> Response:
        with state.lock:
            session = state.sessions.get(lsid)
            if session is None or periods.end_time(state, session) is None:
                abort(404)
            lines = [
                f"{event.at:%Y-%m-%d %H:%M:%S} {event.performed_by.name or 'System'}: {event.body}"
                for event in session.events
                if event.type == "Chat Message"
            ]
        return _file("\n".join([*lines, ""]).encode("utf-8", "replace"), "text/plain", "chat.txt")

    @records.get("/<lsid>/<kind>/<int:number>")
    def video(lsid: str, kind: str, number: int) -> Response:
        try:
            with state.lock:
                found = recording(state, lsid, kind, number)
        except ApiError:
            abort(404)
        return _file(found.content, "video/mp4", f"{kind}-{number}.mp4")

    return records


def _file(content: bytes, media_type: str, name: str) -> Response:
    response = Response(content, mimetype=media_type)
    if request.args.get("download") == "1":
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
