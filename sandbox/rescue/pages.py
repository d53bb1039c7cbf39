"""The pretend Rescue's pages: joining with a PIN, the customer's chat, the technician's console, surveys."""

from __future__ import annotations

from heapq import nlargest

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.rescue.model import FIELD_LENGTHS, PRESENCES, NotAllowed
from sandbox.rescue.state import RescueState

SHOWN = 100
"""So many sessions stand on the console, the newest first."""


def blueprint(state: RescueState) -> Blueprint:
    """All pages and their forms."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    _add_joining(pages, state)
    _add_customer(pages, state)
    _add_console(pages, state)
    _add_technician(pages, state)

    @pages.errorhandler(NotAllowed)
    def refused(error: NotAllowed) -> tuple[str, int]:
        return render_template("sandbox/refused.html", reason=str(error)), 409

    return pages


def _add_joining(pages: Blueprint, state: RescueState) -> None:
    @pages.get("/")
    @pages.get("/join")
    @pages.get("/R")
    def join_page() -> str:
        # Only looking at the link uses nothing up: mail scanners open every link they see.
        return render_template("rescue/join.html", pin=request.args.get("Code", ""))

    @pages.post("/join")
    def join() -> Response:
        session = state.join(request.form.get("pin", ""))
        return redirect(f"/customer/{session.id}", 303)

    @pages.post("/channel")
    def channel() -> Response:
        values = {name: request.form.get(name, "")[:limit] for name, limit in FIELD_LENGTHS.items()}
        session = state.start_in_channel(tuple(values.values()), request.form.get("tracking0", "")[:64])
        return redirect(f"/customer/{session.id}", 303)


def _add_customer(pages: Blueprint, state: RescueState) -> None:
    @pages.get("/customer/<int:session_id>")
    def customer(session_id: int) -> str:
        with state.lock:
            return render_template("rescue/customer.html", session=state.session(session_id))

    @pages.post("/customer/<int:session_id>/say")
    def customer_says(session_id: int) -> Response:
        state.customer_says(session_id, request.form.get("text", ""))
        return redirect(f"/customer/{session_id}", 303)

    @pages.post("/customer/<int:session_id>/leave")
    def leave(session_id: int) -> Response:
        state.leave(session_id)
        return redirect(f"/customer/{session_id}/survey", 303)

    @pages.get("/customer/<int:session_id>/survey")
    def survey_page(session_id: int) -> str:
        session = state.session(session_id)
        return render_template("rescue/survey.html", session=session, questions=state.settings.customer_questions)

    @pages.post("/customer/<int:session_id>/survey")
    def survey(session_id: int) -> Response:
        state.answer_customer_survey(session_id, _answers(len(state.settings.customer_questions)))
        return redirect(f"/customer/{session_id}/survey", 303)


def _add_console(pages: Blueprint, state: RescueState) -> None:
    @pages.get("/technician")
    def console() -> str:
        with state.lock:
            sessions = [state.sessions[one] for one in nlargest(SHOWN, state.sessions)]
            technicians = list(state.technicians.values())
            return render_template(
                "rescue/console.html", sessions=sessions, technicians=technicians, presences=PRESENCES
            )

    @pages.post("/technician/<int:technician_id>/console")
    def switch(technician_id: int) -> Response:
        technician = state.technicians.get(technician_id)
        if technician is None:
            raise NotAllowed("There is no such technician.")
        state.switch_console(technician, open_=request.form.get("open") == "1")
        return redirect("/technician", 303)

    @pages.post("/technician/<int:technician_id>/presence")
    def presence(technician_id: int) -> Response:
        technician, chosen = state.technicians.get(technician_id), request.form.get("presence", "")
        if technician is None or chosen not in PRESENCES:
            raise NotAllowed("There is no such technician, or no such status.")
        technician.presence = chosen
        return redirect("/technician", 303)

    @pages.post("/session/<int:session_id>/pickup")
    def pick_up(session_id: int) -> Response:
        state.pick_up(session_id, _technician(state) or state.session(session_id).technician.id)
        return redirect(f"/session/{session_id}", 303)


def _add_technician(pages: Blueprint, state: RescueState) -> None:
    @pages.get("/session/<int:session_id>")
    def session_page(session_id: int) -> str:
        with state.lock:
            session = state.session(session_id)
            others = [one for one in state.technicians.values() if one is not session.technician]
            return render_template("rescue/session.html", session=session, others=others)

    @pages.post("/session/<int:session_id>/say")
    def say(session_id: int) -> Response:
        state.technician_says(session_id, request.form.get("text", ""), _technician(state))
        return redirect(f"/session/{session_id}", 303)

    @pages.post("/session/<int:session_id>/note")
    def note(session_id: int) -> Response:
        state.write_note(session_id, request.form.get("text", "").replace("\r\n", "\n"))
        return redirect(f"/session/{session_id}", 303)

    @pages.post("/session/<int:session_id>/collaborate")
    def collaborate(session_id: int) -> Response:
        technician = _technician(state)
        if technician is None:
            raise NotAllowed("There is no such technician.")
        state.collaborate(session_id, technician)
        return redirect(f"/session/{session_id}", 303)

    @pages.get("/session/<int:session_id>/end")
    def end_page(session_id: int) -> str:
        session = state.session(session_id)
        return render_template("rescue/end.html", session=session, questions=state.settings.technician_questions)

    @pages.post("/session/<int:session_id>/end")
    def end(session_id: int) -> Response:
        state.end(session_id, _answers(10))
        return redirect("/technician", 303)


def _answers(number: int) -> list[str]:
    return [request.form.get(f"answer{index}", "") for index in range(number)]


def _technician(state: RescueState) -> int | None:
    identity = request.form.get("technician", 0, type=int)
    return identity if identity in state.technicians else None
