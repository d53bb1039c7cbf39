"""Signing in and out, authcodes, and who one is.

Source: Rescue API Reference Guide, chapters logIn, logOut, requestAuthCode, requestAuthCodeSSO, getAccount.
"""

from __future__ import annotations

from sandbox.rescue.asked import Asked
from sandbox.rescue.methods.caller import Method, caller, ok
from sandbox.rescue.model import Technician
from sandbox.rescue.state import RescueState
from sandbox.rescue.tree import ADMIN_ID, ROOT_NODE_ID


def logged_in(state: RescueState, asked: Asked) -> str:
    """The value of the new cookie."""
    return state.accounts.login(asked.get("email"), asked.get("pwd"))


def login(_state: RescueState, _asked: Asked) -> str:
    """The words only; the cookie is made by who writes the answer."""
    return "OK"


def _logout(state: RescueState, asked: Asked) -> str:
    state.accounts.logout(asked.cookie)
    return "OK"


def _request_authcode(state: RescueState, asked: Asked) -> str:
    code = state.accounts.new_authcode(asked.get("email"), asked.get("pwd"))
    return ok(f"AUTHCODE:{code}")


def _request_authcode_sso(state: RescueState, asked: Asked) -> str:
    code = state.accounts.new_authcode_sso(asked.get("ssoid"), asked.get("pwd"), asked.get("company"))
    return ok(f"AUTHCODE:{code}")


def _get_account(state: RescueState, asked: Asked) -> str:
    user = caller(state, asked)
    lines = [f"{name}:{value}" for name, value in account(state, user).items()]
    return ok("\n".join(lines))


def account(state: RescueState, user: Technician) -> dict[str, str]:
    """Names of the reference and values; AdminID and TechID are 0 for who is none."""
    admin = ADMIN_ID if state.is_administrator() else 0
    technician = user.id if state.settings.technician_seat else 0
    organization = state.tree.nodes[ROOT_NODE_ID].name
    named = {"AccountID": "560961", "Organization": organization, "AdminID": str(admin), "TechID": str(technician)}
    return {**named, "Email": user.email}


METHODS: dict[str, Method] = {
    "login": login,
    "logout": _logout,
    "requestauthcode": _request_authcode,
    "requestauthcodesso": _request_authcode_sso,
    "getaccount": _get_account,
}
