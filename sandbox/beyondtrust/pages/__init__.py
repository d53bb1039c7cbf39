"""The pretend appliance's pages: the public site with the customer's chat and survey, and the console."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.beyondtrust.pages import console, story
from sandbox.beyondtrust.pages.forms import answers, text
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import CUSTOMER_QUESTIONS, ApiError, ApplianceSession, NotAllowed


def blueprint(state: ApplianceState) -> Blueprint:
    """All pages and their forms."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    _add_public_site(pages, state)
    _add_customer(pages, state)
    console.add(pages, state)

    @pages.errorhandler(ApiError)
    @pages.errorhandler(NotAllowed)
    def refused(error: ApiError | NotAllowed) -> tuple[str, int]:
        return render_template("sandbox/refused.html", reason=str(error)), 409

    return pages


def _add_public_site(pages: Blueprint, state: ApplianceState) -> None:
    @pages.get("/")
    def public_site() -> str:
        # Only looking at the link uses nothing up: mail scanners open every link they see.
        with state.lock:
            return render_template(
                "beyondtrust/public.html",
                short_key=_invited(state),
                representatives=[rep for rep in state.representatives.values() if rep.logged_in],
                issues=[issue for team in state.teams.values() for issue in team.issues],
            )

    @pages.post("/start")
    def start() -> Response:
        return redirect(f"/customer/{_begun(state).lsid}", 303)


def _invited(state: ApplianceState) -> str:
    """The key that the link names, as the customer would type it."""
    access = request.args.get("ak", "")
    return next((key.short_key for key in state.keys.values() if key.access == access), "")


def _begun(state: ApplianceState) -> ApplianceSession:
    name = text("name")[:100]
    if text("short_key"):
        return state.join(text("short_key"), customer=name)
    if text("rep"):
        return state.start_without_key(name, rep=request.form.get("rep", 0, type=int))
    if text("issue"):
        return state.start_without_key(name, text("details"), issue=text("issue"), company=text("company")[:100])
    raise NotAllowed("Enter a session key, pick a representative, or choose an issue.")


def _add_customer(pages: Blueprint, state: ApplianceState) -> None:
    @pages.get("/customer/<lsid>")
    def customer(lsid: str) -> str:
        with state.lock:
            session = state.session(lsid)
            return render_template(
                "beyondtrust/customer.html",
                session=session,
                status=console.status(session),
                lines=story.lines(session, customer=True),
            )

    @pages.post("/customer/<lsid>/say")
    def customer_says(lsid: str) -> Response:
        state.customer_says(lsid, text("text"))
        return redirect(f"/customer/{lsid}", 303)

    @pages.post("/customer/<lsid>/leave")
    def leave(lsid: str) -> Response:
        state.customer_leaves(lsid)
        return redirect(f"/customer/{lsid}/survey", 303)

    @pages.get("/customer/<lsid>/survey")
    def survey_page(lsid: str) -> str:
        return render_template(
            "beyondtrust/survey.html",
            heading="How was it?",
            questions=CUSTOMER_QUESTIONS,
            answered=state.session(lsid).customer_survey is not None,
        )

    @pages.post("/customer/<lsid>/survey")
    def survey(lsid: str) -> Response:
        state.answer_customer_survey(lsid, answers(CUSTOMER_QUESTIONS))
        return redirect(f"/customer/{lsid}/survey", 303)
