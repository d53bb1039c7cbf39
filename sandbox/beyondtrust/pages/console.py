"""The representative console: who waits, and all that can be done in a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.beyondtrust.pages import story
from sandbox.beyondtrust.pages.forms import answers, text
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import (
    EXTERNAL_KEY,
    REPRESENTATIVE_QUESTIONS,
    ApplianceSession,
    NotAllowed,
    Representative,
)

FILE_SIZE = 18_432
"""Of every file that goes up or down here: only its name and its size are known of it."""
TOOLS = {
    "system": "Show system information",
    "share": "Share the customer's screen",
    "show": "Show my screen",
    "shell": "Open a command shell",
}
SESSION = "/console/<int:rep_id>/session/<lsid>"


def add(pages: Blueprint, state: ApplianceState) -> None:
    """All pages of the console and their forms."""
    _add_lists(pages, state)
    _add_session(pages, state)
    _add_talk(pages, state)
    _add_hand_over(pages, state)
    _add_end(pages, state)


def _add_lists(pages: Blueprint, state: ApplianceState) -> None:
    @pages.get("/console")
    def representatives() -> str:
        with state.lock:
            return render_template("beyondtrust/representatives.html", representatives=_everybody(state))

    @pages.get("/console/<int:rep_id>")
    def console(rep_id: int) -> str:
        with state.lock:
            rep = state.representative(rep_id)
            sessions = sorted(state.sessions.values(), key=lambda one: -one.lseq)
            waiting = [one for one in sessions if one.open and not one.owner and state.serves(rep_id, one.queue)]
            asked = [one for one in sessions if one.open and rep_id in one.asked and not one.member(rep_id)]
            rest = [one for one in sessions if one not in waiting]
            mine = [one for one in rest if any(member.rep is rep for member in one.members)]
            return render_template(
                "beyondtrust/console.html",
                rep=rep,
                waiting=waiting,
                asked=asked,
                mine=mine,
                others=[one for one in rest if one not in mine],
                names={one.lsid: state.queue_name(one.queue) for one in waiting},
                statuses={one.lsid: status(one) for one in rest},
            )

    @pages.post("/console/<int:rep_id>/login")
    def log_in(rep_id: int) -> Response:
        (state.log_in if text("in") == "1" else state.log_out)(rep_id)
        return redirect("/console", 303)


def _add_session(pages: Blueprint, state: ApplianceState) -> None:
    @pages.get(SESSION)
    def session_page(rep_id: int, lsid: str) -> str:
        with state.lock:
            rep, session = state.representative(rep_id), state.session(lsid)
            shown = state.settings.custom_fields
            attributes = [
                (shown.get(name, name), value) for name, value in session.attributes.items() if name != EXTERNAL_KEY
            ]
            others = [one for one in _everybody(state) if one.logged_in and one is not rep]
            return render_template(
                "beyondtrust/session.html",
                rep=rep,
                session=session,
                inside=session.open and session.member(rep_id) is not None,
                asked=session.open and rep_id in session.asked,
                may_accept=session.open and not session.owner and state.serves(rep_id, session.queue),
                status=status(session),
                lines=story.lines(session),
                attributes=attributes,
                queue=state.queue_name(session.queue),
                queues=[
                    *((f"team:{team.id}", team.name) for team in state.teams.values()),
                    *((f"rep:{one.id}", one.private_name) for one in others),
                ],
                absent=[one for one in others if session.member(one.id) is None],
                tools=TOOLS,
            )

    @pages.post(f"{SESSION}/accept")
    def accept(rep_id: int, lsid: str) -> Response:
        state.accept(lsid, rep_id)
        return _back(rep_id, lsid)


def _add_talk(pages: Blueprint, state: ApplianceState) -> None:
    @pages.post(f"{SESSION}/say")
    def say(rep_id: int, lsid: str) -> Response:
        state.representative_says(lsid, rep_id, text("text"))
        return _back(rep_id, lsid)

    @pages.post(f"{SESSION}/note")
    def note(rep_id: int, lsid: str) -> Response:
        state.note(lsid, rep_id, text("text"))
        return _back(rep_id, lsid)

    @pages.post(f"{SESSION}/file")
    def file(rep_id: int, lsid: str) -> Response:
        direction = text("direction")
        if direction not in ("upload", "download") or not text("name"):
            raise NotAllowed("Name the file, and say which way it goes.")
        state.send_file(lsid, text("name"), FILE_SIZE, direction, rep_id)
        return _back(rep_id, lsid)

    @pages.post(f"{SESSION}/key")
    def key(rep_id: int, lsid: str) -> Response:
        state.edit_external_key(lsid, text("text"), rep_id)
        return _back(rep_id, lsid)

    @pages.post(f"{SESSION}/tool")
    def tool(rep_id: int, lsid: str) -> Response:
        tools: dict[str, Callable[[], None]] = {
            "system": lambda: state.system_information(lsid),
            "share": lambda: state.share_screen(lsid, rep_id),
            "show": lambda: state.show_screen(lsid, rep_id),
            "shell": lambda: state.open_shell(lsid, rep_id),
        }
        chosen = tools.get(text("tool"))
        if chosen is None:
            raise NotAllowed("There is no such tool.")
        chosen()
        return _back(rep_id, lsid)


def _add_hand_over(pages: Blueprint, state: ApplianceState) -> None:
    @pages.post(f"{SESSION}/transfer")
    def transfer(rep_id: int, lsid: str) -> Response:
        with _inside(state, rep_id, lsid):
            state.transfer(lsid, text("queue"))
        return redirect(f"/console/{rep_id}", 303)

    @pages.post(f"{SESSION}/call")
    def call_in(rep_id: int, lsid: str) -> Response:
        with _inside(state, rep_id, lsid):
            state.invite_rep(lsid, request.form.get("rep", 0, type=int))
        return _back(rep_id, lsid)

    @pages.post(f"{SESSION}/join")
    def join(rep_id: int, lsid: str) -> Response:
        state.join_rep(lsid, rep_id)
        return _back(rep_id, lsid)

    @pages.post(f"{SESSION}/leave")
    def step_out(rep_id: int, lsid: str) -> Response:
        state.leave_rep(lsid, rep_id)
        return redirect(f"/console/{rep_id}", 303)


def _add_end(pages: Blueprint, state: ApplianceState) -> None:
    @pages.post(f"{SESSION}/end")
    def end(rep_id: int, lsid: str) -> Response:
        with _inside(state, rep_id, lsid):
            state.end(lsid)
        return redirect(f"/console/{rep_id}/session/{lsid}/survey", 303)

    @pages.get(f"{SESSION}/survey")
    def own_survey_page(rep_id: int, lsid: str) -> str:
        return render_template(
            "beyondtrust/survey.html",
            heading="The representative's survey",
            questions=REPRESENTATIVE_QUESTIONS,
            answered=state.session(lsid).representative_survey is not None,
            back=f"/console/{rep_id}",
        )

    @pages.post(f"{SESSION}/survey")
    def own_survey(rep_id: int, lsid: str) -> Response:
        state.answer_representative_survey(lsid, answers(REPRESENTATIVE_QUESTIONS), rep_id)
        return redirect(f"/console/{rep_id}/session/{lsid}/survey", 303)


def status(session: ApplianceSession) -> str:
    if session.dropped_at is not None:
        return "Connection lost"
    if session.ended_at is not None:
        return "Ended"
    return "Running" if session.owner else "Waiting"


@contextmanager
def _inside(state: ApplianceState, rep_id: int, lsid: str) -> Iterator[None]:
    """For what only those may do who are in the session."""
    with state.changing(lsid) as session:
        state.member(session, rep_id)
        yield


def _everybody(state: ApplianceState) -> list[Representative]:
    return sorted(state.representatives.values(), key=lambda rep: rep.id)


def _back(rep_id: int, lsid: str) -> Response:
    return redirect(f"/console/{rep_id}/session/{lsid}", 303)
