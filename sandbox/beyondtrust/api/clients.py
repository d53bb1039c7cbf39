"""Commands about the clients that are connected: representatives' consoles and customers' clients.

Source: Remote Support 23.2 API guide, chapters get_connected_client_list and get_connected_clients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from sandbox.beyondtrust.api.action import Action, Values, action, flag
from sandbox.beyondtrust.api.answers import add, add_all, add_time, element, unix
from sandbox.beyondtrust.api.people import sessions_of, start_link
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApiError, ApplianceSession, Representative

TYPES = ("representative", "support_customer", "presentation_attendee", "push_agent")
MOST_IDS = 100
AGENT_ID = "9001"


@dataclass(frozen=True, slots=True)
class _Client:
    id: str
    type: str
    since: datetime
    private_ip: str
    fill: Callable[[etree._Element], None]


def _clients(state: ApplianceState, values: Values) -> list[_Client]:
    wanted = values.get("type", "all").split(",")
    if any(one not in (*TYPES, "all") for one in wanted):
        raise ApiError("Invalid value of type.")
    everybody = [
        *(_rep_client(state, rep) for rep in state.representatives.values() if rep.logged_in),
        *(_customer_client(one) for one in state.sessions.values() if one.open and not one.customer_left_at),
        _Client(AGENT_ID, "push_agent", state.started_at, "10.0.0.9", lambda parent: add_all(parent, name="London")),
    ]
    return [one for one in everybody if "all" in wanted or one.type in wanted]


def _rep_client(state: ApplianceState, rep: Representative) -> _Client:
    def fill(parent: etree._Element) -> None:
        add_all(
            parent,
            user_id=str(rep.id),
            type="Normal",
            username=rep.username,
            public_display_name=rep.public_name,
            private_display_name=rep.private_name,
            start_session_url=start_link(state, rep),
            presentation_count="0",
            support_session_count=str(sessions_of(state, rep)),
            showing_on_rep_list="1",
            routing_idle=str(int(rep.status == "away")),
            routing_busy=str(int(rep.status == "busy")),
            routing_enabled="1",
            routing_available=str(int(rep.status == "available")),
            support_license="Full",
        )
        lsids = add(parent, "support_session_lsids")
        for session in state.sessions.values():
            if session.open and session.member(rep.id):
                add(lsids, "lsid", session.lsid)

    since = rep.logged_in_since or state.started_at
    return _Client(str(rep.gsnumber), "representative", since, rep.private_ip, fill)


def _customer_client(session: ApplianceSession) -> _Client:
    def fill(parent: etree._Element) -> None:
        add_all(parent, name=session.customer_name, lsid=session.lsid)

    return _Client(str(session.customer_gsnumber), "support_customer", session.started_at, session.private_ip, fill)


def _connected_client_list(state: ApplianceState, values: Values) -> etree._Element:
    found = _clients(state, values)
    only_summary = flag(values, "summary_only")
    root = element("connected_client_list")
    summary = add(add(root, "connected_client_summary"), "appliance_summary", id=state.settings.appliance_id)
    wanted = values.get("type", "all").split(",")
    for kind in (*TYPES, "pinned_client"):
        if "all" in wanted or kind in wanted:
            add(summary, "count", str(sum(1 for one in found if one.type == kind)), type=kind)
    if not only_summary:
        for one in found:
            add(root, "connected_client", type=one.type, id=one.id)
    return root


def _connected_clients(state: ApplianceState, values: Values) -> etree._Element:
    ids = [one for one in values.get("id", "").split(",") if one]
    if len(ids) > MOST_IDS:
        raise ApiError("A maximum of 100 IDs is supported.")
    connections = flag(values, "include_connections")
    root = element("connected_clients")
    for client in _clients(state, values):
        if not ids or client.id in ids:
            one = add(root, f"connected_{client.type}", id=client.id)
            if connections:
                _add_connections(one, state, client)
            add(one, "hostname", "HOST")
            add(one, "platform", "Windows (x64)", id="winNT-64")
            add(one, "timezone_offset", "0")
            if connections:
                add_time(one, "connected_since", client.since, "ts")
            client.fill(one)
    return root


def _add_connections(parent: etree._Element, state: ApplianceState, client: _Client) -> None:
    outer = add(parent, "client_connections")
    one = add(outer, "client_connection")
    add_all(one, appliance_id=state.settings.appliance_id, purpose="primary", receive_traffic_node="0")
    add_time(one, "connected_since", client.since, "ts")
    add(one, "private_ip", client.private_ip)
    add(add(outer, "event_log"), "event", "Connected", ts=unix(client.since))


ACTIONS: dict[str, Action] = {
    "get_connected_client_list": action(_connected_client_list, "connected_client_list", takes="type summary_only"),
    "get_connected_clients": action(_connected_clients, "connected_clients", takes="type id include_connections"),
}
