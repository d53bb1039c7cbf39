"""`/api/command`: every action of the guide, refused where its parameters are not what the guide asks for.

Source: Remote Support 23.2 API guide, chapter "Remote Support Command API". The roots of get_api_info,
check_health and generate_session_key are those of real answers; the texts of errors are made up.
"""

from __future__ import annotations

from flask import Blueprint, Response

from sandbox.beyondtrust.api import clients, jumps, keyed, people, station
from sandbox.beyondtrust.api.action import Action, Answer
from sandbox.beyondtrust.api.answers import document, element, refusal
from sandbox.beyondtrust.api.oauth import Gate, guarded, parameters
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError, NotAllowed

ACTIONS: dict[str, Action] = {
    **people.ACTIONS,
    **keyed.ACTIONS,
    **clients.ACTIONS,
    **station.ACTIONS,
    **jumps.ACTIONS,
}


def blueprint(state: ApplianceState, gate: Gate) -> Blueprint:
    """The command API of the appliance."""
    api = Blueprint("command", __name__)
    guarded(gate, api)

    @api.route("/api/command", methods=["GET", "POST"])
    @api.route("/api/command.ns", methods=["GET", "POST"])
    def command() -> Response:
        values = parameters()
        action = ACTIONS.get(values.get("action", ""))
        root = action.root if action else ""
        try:
            with state.lock:
                state.raise_forced(values.get("action", ""))
                answer = _answer(state, action, values)
        except (ApiError, NotAllowed) as refused:
            return refusal(state.settings, "command", root, str(refused))
        made = element("success", answer) if isinstance(answer, str) else answer
        return document(state.settings, "command", made)

    return api


def _answer(state: ApplianceState, action: Action | None, values: dict[str, str]) -> Answer:
    if action is None:
        raise ApiError("Unknown action." if values.get("action") else "Missing required parameter: action.")
    permission = state.settings.command_permission
    if permission == "deny" or (action.full and permission == "read_only"):
        raise ApiError("The API account does not have permission to perform this action.")
    action.check(values, old=state.settings.old)
    return action.handler(state, values)
