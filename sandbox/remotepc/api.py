"""The four calls of the reseller API, with their envelope.

The HTTP status is the envelope's code, unless `RemotePcSettings` says that the two differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.remotepc.state import Refused, RemotePcState

PREFIX = "/rpc-api/reseller/private/user"


def blueprint(state: RemotePcState) -> Blueprint:
    """The API of the account."""
    api = Blueprint("api", __name__)

    def call(name: str, work: Callable[[], Any], unauthorized: str = "NOT_AUTHORIZED") -> None:
        def answer() -> Response:
            try:
                _guard(state, unauthorized)
                return _said(state, {"status": "OK", "code": 200, "message": work()})
            except Refused as refused:
                errors = [{"description": refused.word}]
                told = {"status": refused.status, "code": refused.code, "errorsCount": 1, "errors": errors}
                return _said(state, told)

        api.add_url_rule(f"{PREFIX}/{name}", name, answer, methods=["POST"])

    call("add", lambda: state.add(_object()))
    call("invite", lambda: _invited(state))
    call("signin", lambda: {"rpc_redirect_link": state.sign_in(_object())})
    call("list", lambda: {"resellerUsersList": state.listed()}, "UNAUTHORIZED_ACCESS")
    return api


def _invited(state: RemotePcState) -> list[dict[str, str]]:
    asked = request.get_json(silent=True)
    if not isinstance(asked, list) or not asked or not all(isinstance(one, dict) for one in asked):
        raise Refused("BAD_REQUEST")
    return [{"username": one.get("invitedUserEmailId", ""), "status": state.invite(one)} for one in asked]


def _object() -> dict[str, Any]:
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        raise Refused("BAD_REQUEST")
    return asked


def _guard(state: RemotePcState, unauthorized: str) -> None:
    settings = state.settings
    if request.remote_addr not in settings.allowed_addresses:
        raise Refused("Forbidden", "Forbidden", 403)
    if request.headers.get("Authorization") != f"Bearer {settings.api_key}":
        raise Refused(unauthorized, "UNAUTHORIZED", 401)
    if settings.forced_words:
        raise _forced(settings.forced_words.pop(0))


def _forced(word: str) -> Refused:
    if word == "INTERNAL_SERVER_ERROR":
        return Refused(word, word, 500)
    return Refused(word)


def _said(state: RemotePcState, told: dict[str, Any]) -> Response:
    """The envelope; the two codes differ where a test wants that, once each."""
    settings = state.settings
    status = settings.next_statuses.pop(0) if settings.next_statuses else told["code"]
    code = settings.next_codes.pop(0) if settings.next_codes else told["code"]
    response = jsonify({**told, "code": code})
    response.status_code = status
    return response
