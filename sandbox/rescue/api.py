"""`/API/<method>.aspx` by GET and POST, and the token endpoint of the Identity Service.

Source: Rescue API Reference Guide. Errors are HTTP 200 with the bare code as the whole body; an address
without `.aspx` does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Blueprint, Response, abort, jsonify, request

from sandbox.rescue.listing import session_table
from sandbox.rescue.model import Code, Pin, RescueSession, Technician
from sandbox.rescue.state import CHANNEL_ID, RescueState

Values = dict[str, str]
Method = Callable[[RescueState, Values], str]
COOKIE = "ASP.NET_SessionId"


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
        values = {key.lower(): value for key, value in request.values.items()}
        response = Response(mimetype="text/html")
        try:
            state.raise_forced(name)
            if method is _login:
                response.set_cookie(COOKIE, _logged_in(state, values), httponly=True, samesite="Lax")
            with state.lock:
                response.set_data(method(state, values))
        except Code as refused:
            response.set_data(refused.code)
        return response

    @api.post("/id-srv-api/api/OAuth/token")
    @api.post("/id-srv-api/api/oauth/token")
    def token() -> tuple[Response, int]:
        return _token(state)

    return api


def _token(state: RescueState) -> tuple[Response, int]:
    form = request.form
    if form.get("grant_type") not in ("client_credentials", "refresh_token"):
        return jsonify({"error": "unsupported_grant_type"}), 400
    with state.lock:
        if form["grant_type"] == "refresh_token":
            tokens = state.accounts.refreshed_token(form.get("refresh_token", ""), form.get("client_secret", ""))
        elif form.get("scope", "") != state.settings.scope:
            return jsonify({"error": "invalid_scope"}), 400
        else:
            tokens = state.accounts.new_token(form.get("client_id", ""), form.get("client_secret", ""))
    if tokens is None:
        return jsonify({"error": "invalid_client"}), 400
    answer = {"access_token": tokens[0], "refresh_token": tokens[1], "token_type": "Bearer"}
    return jsonify({**answer, "expires_in": state.settings.token_seconds, "scope": state.settings.scope}), 200


def _caller(state: RescueState, values: Values) -> Technician:
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    return state.accounts.caller(values.get("authcode", ""), bearer, request.cookies.get(COOKIE, ""))


def _ok(body: str) -> str:
    return f"OK\n\n{body}"


def _logged_in(state: RescueState, values: Values) -> str:
    with state.lock:
        return state.accounts.login(values.get("email", ""), values.get("pwd", ""))


def _login(_state: RescueState, _values: Values) -> str:
    return "OK"


def _logout(state: RescueState, _values: Values) -> str:
    state.accounts.logout(request.cookies.get(COOKIE, ""))
    return "OK"


def _request_authcode(state: RescueState, values: Values) -> str:
    code = state.accounts.new_authcode(values.get("email", ""), values.get("pwd", ""))
    return _ok(f"AUTHCODE:{code}")


def _request_authcode_sso(state: RescueState, values: Values) -> str:
    code = state.accounts.new_authcode_sso(values.get("ssoid", ""), values.get("pwd", ""), values.get("company", ""))
    return _ok(f"AUTHCODE:{code}")


def _pin(state: RescueState, values: Values, node_id: str = "") -> Pin:
    caller = _caller(state, values)
    offline = values.get("notechconsole", "0").lower() in ("1", "true")
    return state.request_pin(caller, values, node_id=node_id, notechconsole=offline)


def _request_pin(state: RescueState, values: Values) -> str:
    return _ok(f"PINCODE:{_pin(state, values).code}")


def _request_pin_v3(state: RescueState, values: Values) -> str:
    return _ok(f"PINCODE:{_pin(state, values, values.get('nodeid', '')).code}")


def _generate_email_text(state: RescueState, values: Values) -> str:
    _caller(state, values)
    pin = values.get("pincode", "")
    if not re.fullmatch(r"[0-9]{6}", pin):
        raise Code("INVALIDPINFORMAT")
    link = f"{state.base_url}/R?i=2&Code={pin}"
    text = "Please click the link below to request a live support session:"
    return _ok(f"SUBJECT:Connection email link\nTEXT:{text}\nLINK:{link}\nSIGNATURE:Best Regards, Support Team")


def _asked_session(state: RescueState, values: Values) -> RescueSession:
    _caller(state, values)
    identity = values.get("session", "")
    session = state.sessions.get(int(identity)) if re.fullmatch(r"[0-9]{1,18}", identity) else None
    if session is None:
        raise Code(state.settings.unknown_session_code)
    return session


def _get_chat(state: RescueState, values: Values) -> str:
    return _ok(f"CHATLOG:{_asked_session(state, values).transcript()}")


def _get_note(state: RescueState, values: Values) -> str:
    return _ok(f"NOTE:{_asked_session(state, values).note}")


def _get_session(state: RescueState, values: Values) -> str:
    _caller(state, values)
    return _ok(session_table(state, values.get("node", ""), values.get("noderef", "NODE").upper()))


def _get_account(state: RescueState, values: Values) -> str:
    caller = _caller(state, values)
    lines = ("AccountID:560961", "Organization:Example Company", "AdminID:337365", f"TechID:{caller.id}")
    return _ok("\n".join((*lines, f"Email:{caller.email}")))


def _is_any_tech_available(state: RescueState, values: Values) -> str:
    _caller(state, values)
    if values.get("channelid") != str(CHANNEL_ID):
        raise Code("ERROR")
    return str(any(one.console_open for one in state.technicians.values())).upper()


METHODS: dict[str, Method] = {
    "login": _login,
    "logout": _logout,
    "requestauthcode": _request_authcode,
    "requestauthcodesso": _request_authcode_sso,
    "requestpincode": _request_pin,
    "requestpincode_v2": _request_pin,
    "requestpincode_v3": _request_pin_v3,
    "generateemailtext": _generate_email_text,
    "getchat": _get_chat,
    "getnote": _get_note,
    "getsession_v3": _get_session,
    "getaccount": _get_account,
    "isanytechavailableonchannel": _is_any_tech_available,
}
