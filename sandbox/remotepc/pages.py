"""The page of the reseller's console: users, invitations, and what was written to whom."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template
from werkzeug.wrappers import Response

from sandbox.remotepc.state import RemotePcState


def blueprint(state: RemotePcState) -> Blueprint:
    """The page and its two buttons."""
    pages = Blueprint("pages", __name__, template_folder="templates")

    @pages.get("/")
    def users() -> str:
        with state.lock:
            shown, invited, letters = list(state.users.values()), dict(state.invited), list(state.letters)
        return render_template("remotepc/users.html", users=shown, invited=invited, letters=letters)

    @pages.post("/invited/<email>/accept")
    def accept(email: str) -> Response:
        if email.lower() not in state.invited:
            abort(404)
        state.accept(email)
        return redirect("/", 303)

    @pages.post("/users/<email>/connect")
    def connect(email: str) -> Response:
        if email.lower() not in state.users:
            abort(404)
        state.connect_computer(email)
        return redirect("/", 303)

    return pages
