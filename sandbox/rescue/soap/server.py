"""The service over HTTP: one address, one action each, codes with HTTP 200 and faults with HTTP 500."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request
from lxml import etree

from sandbox.rescue.asked import COOKIE, Asked
from sandbox.rescue.methods import signin
from sandbox.rescue.model import Code
from sandbox.rescue.soap import codes
from sandbox.rescue.soap.envelope import Element, Fault, fault, operation_of, read, reply
from sandbox.rescue.soap.kinds import values
from sandbox.rescue.soap.operations import OPERATIONS, Operation, create_users
from sandbox.rescue.soap.parameters import AUTHCODE
from sandbox.rescue.state import RescueState

CREATE_USERS = "createUsers"


def blueprint(state: RescueState) -> Blueprint:
    """`/API/API.asmx`, in any case, as IIS takes it."""
    service = Blueprint("soap", __name__)

    @service.post("/API/API.asmx")
    @service.post("/API/api.asmx")
    @service.post("/api/API.asmx")
    @service.post("/api/api.asmx")
    def answer() -> Response:
        if request.mimetype != "text/xml":
            return Response(status=415)
        response = Response(mimetype="text/xml")
        try:
            body, cookie = _answer(state)
            response.set_data(body)
        except Fault as refused:
            response.status_code, cookie = 500, ""
            response.set_data(fault(refused))
        if cookie:
            response.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax")
        return response

    return service


def _answer(state: RescueState) -> tuple[bytes, str]:
    """The reply, and the cookie of who has just logged in, or came without one."""
    call = read(request.get_data())
    name = operation_of(request.headers.get("SOAPAction"), call)
    if name == CREATE_USERS:
        return _created(state, call), ""
    operation = OPERATIONS.get(name)
    version = re.fullmatch(r"requestPINCode(?:V(\d))?", name)
    if operation is None or (version and int(version[1] or 1) not in state.settings.pin_versions):
        raise Fault(f"Server did not recognize the value of HTTP Header SOAPAction: {name}.")
    asked = Asked.of(request, _text_method(name), values(call, operation.parameters))
    cookie = asked.new_cookie
    try:
        state.calls.add(asked, state.clock.now())
        state.raise_forced(asked.method)
        with state.lock:
            if name == "login":
                cookie = signin.logged_in(state, asked)
            outs = operation.run(state, asked)
    except Code as refused:
        return _refused(name, operation, refused.code), cookie
    return reply(name, (f"{name}Result", codes.result(name, "OK")), outs), cookie


def _text_method(name: str) -> str:
    """`requestpincode_v3` for requestPINCodeV3."""
    return re.sub(r"(?<=[a-z])v(\d)$", r"_v\1", name.lower())


def _refused(name: str, operation: Operation, code: str) -> bytes:
    return reply(name, (f"{name}Result", codes.result(name, code)), operation.refused)


def _created(state: RescueState, call: etree._Element) -> bytes:
    asked = Asked.of(request, CREATE_USERS, values(call, AUTHCODE))
    state.calls.add(asked, state.clock.now())
    inside: list[Element]
    try:
        state.raise_forced(asked.method)
        with state.lock:
            inside = create_users(state, asked, call)
    except Code as refused:
        inside = [("state", refused.code), ("createUserInfos", [])]
    return reply(CREATE_USERS, (f"{CREATE_USERS}Result", inside), [])
