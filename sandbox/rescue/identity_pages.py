"""The Identity Service over HTTP: `/id-srv-api/api/oauth/…`, its login and its consent page.

IIS does not care about the case of an address. The addresses of the login and the look of both pages are made up.
Source: Rescue API Reference Guide, "Rescue Identity Service 2 API Quick Start".
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from sandbox.rescue.asked import COOKIE
from sandbox.rescue.identity import Asked, Denied
from sandbox.rescue.model import Code, Technician
from sandbox.rescue.state import RescueState

CODE_PATH = "/id-srv-api/api/oauth/code"
CONSENT_PATH = "/id-srv-api/api/oauth/consent"
LOGIN_PATH = "/id-srv/login"


def blueprint(state: RescueState) -> Blueprint:
    """The service of the account."""
    pages = Blueprint("identity", __name__, template_folder="templates")
    _add_code(pages, state)
    _add_login(pages, state)
    _add_consent(pages, state)
    _add_tokens(pages, state)
    return pages


def _add_code(pages: Blueprint, state: RescueState) -> None:
    service = state.accounts.identity

    @pages.get(CODE_PATH)
    @pages.get("/id-srv-api/api/OAuth/code")
    def code() -> Answer:
        values = request.args.to_dict()
        try:
            asked = service.asked(values)
        except KeyError:
            abort(400)
        back = f"{CODE_PATH}?{urlencode(values)}"
        with state.lock:
            person = _person(state)
            if person is None:
                return redirect(f"{LOGIN_PATH}?{urlencode({'return_url': back})}")
            try:
                service.check(asked, values)
            except Denied as denied:
                # Without the state, as the reference shows it.
                return _sent_back(asked.redirect_uri, error=denied.error, error_description=denied.description)
            if not service.consented(person, asked.client):
                return redirect(f"{CONSENT_PATH}?{urlencode(_consent_query(asked, back))}")
            return _sent_back(asked.redirect_uri, code=service.code(asked, person), state=asked.state)


def _add_login(pages: Blueprint, state: RescueState) -> None:
    @pages.get(LOGIN_PATH)
    def login_page() -> str:
        return render_template("rescue/identity_login.html", return_url=_local(request.args))

    @pages.post(LOGIN_PATH)
    def login() -> Answer:
        form = request.form
        try:
            with state.lock:
                cookie = state.accounts.login(form.get("email", ""), form.get("password", ""))
        except Code as refused:
            page = render_template("rescue/identity_login.html", return_url=_local(form), refused=refused.code)
            return Response(page, 403)
        answer = redirect(_local(form), 303)
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax")
        return answer


def _add_consent(pages: Blueprint, state: RescueState) -> None:
    service = state.accounts.identity

    @pages.get(CONSENT_PATH)
    def consent_page() -> str:
        return render_template("rescue/identity_consent.html", asked=request.args, return_url=_local(request.args))

    @pages.post(CONSENT_PATH)
    def consent() -> Answer:
        back = _local(request.form)
        try:
            asked = service.asked({name: said[0] for name, said in parse_qs(urlsplit(back).query).items()})
        except KeyError:
            abort(400)
        if request.form.get("answer") != "allow":
            return _sent_back(asked.redirect_uri, error="access_denied", error_description="user_denied")
        with state.lock:
            person = _person(state)
            if person is None:
                abort(403)
            service.consent(person, asked.client)
        return redirect(back, 303)


def _add_tokens(pages: Blueprint, state: RescueState) -> None:
    service = state.accounts.identity

    @pages.post("/id-srv-api/api/oauth/token")
    @pages.post("/id-srv-api/api/OAuth/token")
    def token() -> tuple[Response, int]:
        try:
            with state.lock:
                return jsonify(service.tokens(request.form)), 200
        except Denied as denied:
            return jsonify({"error": denied.error}), 400

    @pages.get("/id-srv-api/api/oauth/keys")
    @pages.get("/id-srv-api/api/OAuth/keys")
    def keys() -> Response:
        with state.lock:
            return jsonify({"Result": "Success", "Data": [key.published for key in service.keys]})


def _person(state: RescueState) -> Technician | None:
    """Who is signed in with this browser."""
    try:
        return state.accounts.caller("", "", request.cookies.get(COOKIE, ""))
    except Code:
        return None


def _sent_back(address: str, **told: str) -> Answer:
    """To the client's own page, everything in the query escaped."""
    return redirect(f"{address}?{urlencode(told, quote_via=quote)}")


def _consent_query(asked: Asked, back: str) -> dict[str, str]:
    return {
        "state": asked.state,
        "client_name": asked.client.name,
        "scope_name": asked.scope,
        "scope_description": "RescueApi",
        "return_url": back,
    }


def _local(values: Mapping[str, str]) -> str:
    """Where to go on, on this site only."""
    back = values.get("return_url", "")
    return back if back.startswith(f"{CODE_PATH}?") else "/"
