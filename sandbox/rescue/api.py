"""`/API/<method>.aspx` by GET and POST.

Source: Rescue API Reference Guide. Errors are HTTP 200 with the bare code as the whole body; an address
without `.aspx` does not exist.
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, request

from sandbox.rescue.asked import COOKIE, Asked
from sandbox.rescue.methods import actions, groups, hierarchy, invitations, reports, sessions, signin, users
from sandbox.rescue.methods.caller import Method
from sandbox.rescue.model import Code
from sandbox.rescue.state import RescueState


def blueprint(state: RescueState) -> Blueprint:
    """The API of the account."""
    api = Blueprint("api", __name__)

    @api.route("/API/<name>.aspx", methods=["GET", "POST"])
    @api.route("/api/<name>.aspx", methods=["GET", "POST"])
    def call(name: str) -> Response:
        # IIS does not care about the case of an address, nor ASP.NET about that of a parameter.
        method = METHODS.get(name.lower())
        version = re.fullmatch(r"requestpincode(?:_v(\d))?", name.lower())
        if method is None or (version and int(version[1] or 1) not in state.settings.pin_versions):
            abort(404)
        asked = Asked.of(request, name)
        state.calls.add(asked, state.clock.now())
        response = Response(mimetype="text/html")
        cookie = asked.cookie or asked.new_cookie
        try:
            state.raise_forced(name)
            with state.lock:
                if method is signin.login:
                    cookie = signin.logged_in(state, asked)
                response.set_data(method(state, asked))
        except Code as refused:
            response.set_data(refused.code)
        if cookie != asked.cookie:
            # Every caller gets a session of ASP.NET, signed in or not.
            response.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax")
        return response

    return api


METHODS: dict[str, Method] = {
    **signin.METHODS,
    **invitations.METHODS,
    **sessions.METHODS,
    **actions.METHODS,
    **reports.METHODS,
    **hierarchy.METHODS,
    **users.METHODS,
    **groups.METHODS,
}
