"""Addresses outside the API for single sign-on: login tickets, and a PIN without signing in.

Source: Rescue API Reference Guide, chapters getLoginTicket, getDTCLoginTicket, getPINCode.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections.abc import Callable
from html import escape

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.rescue.asked import COOKIE
from sandbox.rescue.model import FIELD_LENGTHS, Code, Technician
from sandbox.rescue.state import RescueState

MOST_TICKETS = 1_000
REQUIRED = ("ssoid", "password", "companyid")


def blueprint(state: RescueState) -> Blueprint:
    """`/SSO/…`, `/TechConsole/…` and `/Integration/…`."""
    pages = Blueprint("tickets", __name__)

    @pages.route("/SSO/GetLoginTicket.aspx", methods=["GET", "POST"])
    def login_ticket() -> Response:
        def answer(technician: Technician) -> str:
            ticket = _ticket(state, technician, secrets.token_hex(24))
            return f"OK:{state.base_url}/SSO/Login.aspx?Ticket={ticket}"

        return _answered(state, answer)

    @pages.route("/SSO/GetDTCLoginTicket.aspx", methods=["GET", "POST"])
    def console_ticket() -> Response:
        def answer(technician: Technician) -> str:
            ticket = _ticket(state, technician, str(uuid.UUID(bytes=secrets.token_bytes(16))))
            bits = "&arch=64" if _values().get("arch") == "64" else ""
            company = state.settings.company_id
            return f"{state.base_url}/TechConsole/DesktopApp/DownloadSSO.aspx?companyid={company}&ticket={ticket}{bits}"

        return _answered(state, answer)

    @pages.get("/SSO/Login.aspx")
    def login() -> AnyResponse:
        technician = _used(state)
        answer = redirect("/technician", 303)
        answer.set_cookie(COOKIE, state.accounts.admit(technician), httponly=True, samesite="Lax")
        return answer

    @pages.get("/TechConsole/DesktopApp/DownloadSSO.aspx")
    def download() -> Response:
        technician = _used(state)
        state.switch_console(technician, open_=True)
        return Response(f"The console of {technician.name} is open.", mimetype="text/plain")

    @pages.route("/Integration/HewlettPackard/GetPinCode", methods=["GET", "POST"])
    def pin_code() -> Response:
        try:
            with state.lock:
                state.raise_forced("getPINCode")
                pin = _pin(state)
        except Code as refused:
            return Response(refused.code, mimetype="text/html")
        return Response(f"<html><head><title>PIN code</title></head><body>{escape(pin)}</body></html>")

    @pages.errorhandler(Code)
    def refused(error: Code) -> tuple[Response, int]:
        return Response(error.code, mimetype="text/plain"), 403

    return pages


def _values() -> dict[str, str]:
    return {name.lower(): value for name, value in request.values.items()}


def _answered(state: RescueState, answer: Callable[[Technician], str]) -> Response:
    try:
        with state.lock:
            state.raise_forced(request.path.rpartition("/")[2].removesuffix(".aspx"))
            return Response(answer(_signed_on(state)), mimetype="text/html")
    except Code as refused:
        return Response(refused.code, mimetype="text/html")


def _signed_on(state: RescueState) -> Technician:
    values = _values()
    if not all(values.get(name) for name in REQUIRED):
        raise Code("MISSINGPARAMETERS")
    if values["companyid"] != state.settings.company_id:
        raise Code("INVALIDCOMPANYID")
    technician = state.technician_by_sso(values["ssoid"])
    if technician is None or not hmac.compare_digest(values["password"].encode(), state.settings.sso_password.encode()):
        raise Code("INVALIDPASSWORD")
    return technician


def _ticket(state: RescueState, technician: Technician, ticket: str) -> str:
    state.login_tickets[ticket] = technician
    while len(state.login_tickets) > MOST_TICKETS:
        del state.login_tickets[next(iter(state.login_tickets))]
    return ticket


def _used(state: RescueState) -> Technician:
    """A ticket opens one door once."""
    with state.lock:
        technician = state.login_tickets.pop(_values().get("ticket", ""), None)
    if technician is None or technician.disabled or technician.deleted:
        raise Code("INVALIDTICKET")
    return technician


def _pin(state: RescueState) -> str:
    values = _values()
    if not values.get("companyid") or not values.get("ssoid"):
        raise Code("MISSINGPARAMETER")
    technician = state.technician_by_sso(values["ssoid"])
    if technician is None or values["companyid"] != state.settings.company_id:
        raise Code("NOTTECHNICIAN")
    lens = values.get("islenspincode") == "1"
    if lens and not technician.lens:
        raise Code("NOPERMISSIONFORLENS")
    fields = {name: values.get(name, "") for name in FIELD_LENGTHS}
    given = {**fields, "cfield0": values.get("name", ""), "tracking0": values.get("trackingid", "")}
    return state.request_pin(technician, given, notechconsole=values.get("notechconsole") == "1", lens=lens).code
