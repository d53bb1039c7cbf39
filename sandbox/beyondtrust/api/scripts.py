"""The client scripting API: files that the representative console runs.

Source: Remote Support 23.2 API guide, chapter "Representative Console Scripting and Client Scripting API". In a
file, `login` comes first and `delete_script_file` last, as the guide says of every file that is generated.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from sandbox.beyondtrust.api.action import CUSTOM, attributes
from sandbox.beyondtrust.api.oauth import parameters
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError

Values = Mapping[str, str]
HOST = 255
COMMON = frozenset({"type", "operation", "action"})
CLIENT = frozenset({"client.comments", "client.hostname", "client.private_ip", "client.public_ip", "client.tag"})
RDP = {"jumpoint", "username", "display_size", "quality", "console"}
SHELL = {"jumpoint", "username", "protocol", "port", "terminal"}
LOGIN = frozenset({"mechanism", "username", "password"})
ACTIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "login": (frozenset(), LOGIN),
    "generate_session_key": (frozenset(), frozenset({"public_portal_hostname"})),
    "push_and_start_local": (frozenset({"hostname"}), frozenset()),
    "push_and_start_remote": (frozenset({"target"}), frozenset({"jumpoint"})),
    "start_jump_item_session": (frozenset(), CLIENT | {"jump.method", "credential_id", "search_string"}),
    "start_rdp_session": (frozenset({"target"}), frozenset(RDP)),
    "start_vnc_session": (frozenset({"target"}), frozenset({"jumpoint", "port"})),
    "start_shell_jump_session": (frozenset({"target"}), frozenset(SHELL)),
    "start_vpro_session": (frozenset({"target", "jumpoint"}), frozenset()),
    "delete_script_file": (frozenset(), frozenset()),
}
"""Of each action, the parameters that it needs and those that it takes."""
IN_BROWSER = frozenset({"generate_session_key", "start_jump_item_session"})
NO_FIELDS = frozenset({"login", "delete_script_file"})
OPERATIONS = {"rep": "generate", "web_console": "execute"}


def blueprint(state: ApplianceState) -> Blueprint:
    """A page for anybody: what it makes is worth nothing without a sign-in at the console."""
    pages = Blueprint("client_script", __name__)

    @pages.route("/api/client_script", methods=["GET", "POST"])
    @pages.route("/api/client_script.ns", methods=["GET", "POST"])
    def client_script() -> AnyResponse:
        values = parameters()
        try:
            _check(state, values)
        except ApiError as refused:
            return Response(f"{refused}\n", 400, mimetype="text/plain")
        if values["type"] == "web_console":
            return redirect("/console", 303)
        site = state.settings.company.replace(" ", "").lower()
        disposition = {"Content-Disposition": f'attachment; filename="script.brcs-{site}"'}
        return Response(_file(values), mimetype="application/octet-stream", headers=disposition)

    return pages


def _check(state: ApplianceState, values: Values) -> None:
    kind, name = values.get("type", ""), values.get("action", "")
    if OPERATIONS.get(kind) is None or values.get("operation") != OPERATIONS[kind]:
        raise ApiError("Invalid type or operation.")
    if name not in ACTIONS or (kind == "web_console" and name not in IN_BROWSER):
        raise ApiError("Unknown action.")
    needs, takes = ACTIONS[name]
    custom = {one for one in values if one.startswith(CUSTOM) and name not in NO_FIELDS}
    if not needs <= {one for one, value in values.items() if value}:
        raise ApiError("A required parameter is missing.")
    if values.keys() - needs - takes - COMMON - custom:
        raise ApiError("There is a parameter that is not known.")
    state.checked_attributes(attributes(values))
    _check_together(name, values)
    if any(len(values.get(one, "")) > HOST for one in (*CLIENT, "hostname", "public_portal_hostname", "credential_id")):
        raise ApiError("A parameter is too long.")


def _check_together(name: str, values: Values) -> None:
    given = LOGIN & values.keys()
    if name == "login" and given and (given != LOGIN or values["mechanism"] != "username_password"):
        raise ApiError("mechanism, username and password go together.")
    if name == "start_jump_item_session" and not (CLIENT | {"search_string"}) & values.keys():
        raise ApiError("A client.* parameter or search_string must be given.")


def _file(values: Values) -> str:
    asked = {name: value for name, value in values.items() if name not in ("type", "operation", "action")}
    line = urlencode({"action": values["action"], **asked}, quote_via=quote)
    others = () if values["action"] in NO_FIELDS else ("action=login",)
    last = () if values["action"] == "delete_script_file" else ("action=delete_script_file",)
    return "\n".join(["BRCS1.0", *others, line, *last])
