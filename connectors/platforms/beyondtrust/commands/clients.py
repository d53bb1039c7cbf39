"""Who is connected to the appliance: representatives, customers, attendees, Jumpoints. Values and their XML. Pure.

(Guide, API Command: get_connected_client_list and get_connected_clients.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import TypedDict

from connectors.platforms.beyondtrust.commands.answers import (
    attribute,
    expect,
    flag,
    inside,
    moment_in,
    number,
    said,
    within,
)
from connectors.platforms.beyondtrust.wire.elements import instant
from connectors.xml import Element, child, children, local


@dataclass(frozen=True, slots=True)
class ApplianceSummary:
    """How many clients of each type are connected to one appliance."""

    id: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ClientRef:
    type: str
    id: str
    """Valid only while the client is connected."""


@dataclass(frozen=True, slots=True)
class ConnectedClientList:
    """Who is connected (get_connected_client_list); no `clients` when only the summary was asked for."""

    appliances: tuple[ApplianceSummary, ...] = ()
    clients: tuple[ClientRef, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientConnection:
    """A client's connection to one appliance."""

    appliance_id: str = ""
    purpose: str = ""
    """`primary` or `traffic`."""
    receive_traffic_node: bool | None = None
    connected_since: datetime | None = None
    private_ip: str = ""


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """Why and when a client connected, failed to, or left."""

    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConnectedClient:
    """What all connected clients have (get_connected_clients)."""

    id: str
    _: KW_ONLY
    hostname: str = ""
    platform: str = ""
    platform_id: str = ""
    timezone_offset: int | None = None
    """Seconds from UTC."""
    connected_since: datetime | None = None
    connections: tuple[ClientConnection, ...] = ()
    """Connections and events only where they were asked for."""
    events: tuple[ClientEvent, ...] = ()
    """At most the last 20 of each connection."""


@dataclass(frozen=True, slots=True)
class ConnectedRepresentative(ConnectedClient):
    _: KW_ONLY
    user_id: str = ""
    type: str = ""
    """`Normal` or `Invited`."""
    username: str = ""
    public_display_name: str = ""
    private_display_name: str = ""
    start_session_url: str = ""
    presentation_count: int | None = None
    support_session_count: int | None = None
    showing_on_rep_list: bool | None = None
    routing_idle: bool | None = None
    routing_busy: bool | None = None
    routing_enabled: bool | None = None
    routing_available: bool | None = None
    support_license: str = ""
    lsids: tuple[str, ...] = ()
    """The sessions that the representative is in."""


@dataclass(frozen=True, slots=True)
class ConnectedSupportCustomer(ConnectedClient):
    _: KW_ONLY
    name: str = ""
    non_interactive: str = ""
    """`rdp`, `shelljump`, or empty for a session with a person at the other end."""
    lsid: str = ""


@dataclass(frozen=True, slots=True)
class ConnectedPresentationAttendee(ConnectedClient):
    _: KW_ONLY
    name: str = ""


@dataclass(frozen=True, slots=True)
class ConnectedPushAgent(ConnectedClient):
    """A Jumpoint."""

    _: KW_ONLY
    name: str = ""


def connected_client_list(root: Element) -> ConnectedClientList:
    expect(root, "connected_client_list")
    return ConnectedClientList(
        appliances=tuple(
            ApplianceSummary(
                attribute(one, "id"),
                {attribute(count, "type"): number(said(count)) or 0 for count in children(one, "count")},
            )
            for one in inside(root, "connected_client_summary", "appliance_summary")
        ),
        clients=tuple(
            ClientRef(attribute(one, "type"), attribute(one, "id")) for one in children(root, "connected_client")
        ),
    )


class _Common(TypedDict):
    """What all connected clients have."""

    hostname: str
    platform: str
    platform_id: str
    timezone_offset: int | None
    connected_since: datetime | None
    connections: tuple[ClientConnection, ...]
    events: tuple[ClientEvent, ...]


def connected_clients(root: Element) -> tuple[ConnectedClient, ...]:
    """Clients of a type that is not known here are left out."""
    return tuple(
        CLIENTS[local(one)](one) for one in children(expect(root, "connected_clients")) if local(one) in CLIENTS
    )


def _common(client: Element) -> _Common:
    return {
        "hostname": said(client, "hostname"),
        "platform": said(client, "platform"),
        "platform_id": attribute(child(client, "platform"), "id"),
        "timezone_offset": number(said(client, "timezone_offset")),
        "connected_since": moment_in(client, "connected_since"),
        # The guide draws the event log beside the connection in one place and below it in another.
        "connections": tuple(_connection(one) for one in within(client, "client_connection")),
        "events": tuple(
            ClientEvent(said(one), instant(attribute(one, "ts")))
            for log in within(client, "event_log")
            for one in children(log, "event")
        ),
    }


def _connection(element: Element) -> ClientConnection:
    return ClientConnection(
        appliance_id=said(element, "appliance_id"),
        purpose=said(element, "purpose"),
        receive_traffic_node=flag(said(element, "receive_traffic_node")),
        connected_since=moment_in(element, "connected_since"),
        private_ip=said(element, "private_ip"),
    )


def _representative(client: Element) -> ConnectedRepresentative:
    # The guide prints the element's name with an I for the l.
    sessions = inside(client, "support_session_lsids", "lsid") or inside(client, "support_session_isids", "lsid")
    return ConnectedRepresentative(
        attribute(client, "id"),
        **_common(client),
        user_id=said(client, "user_id"),
        type=said(client, "type"),
        username=said(client, "username"),
        public_display_name=said(client, "public_display_name"),
        private_display_name=said(client, "private_display_name"),
        start_session_url=said(client, "start_session_url"),
        presentation_count=number(said(client, "presentation_count")),
        support_session_count=number(said(client, "support_session_count")),
        showing_on_rep_list=flag(said(client, "showing_on_rep_list")),
        routing_idle=flag(said(client, "routing_idle")),
        routing_busy=flag(said(client, "routing_busy")),
        routing_enabled=flag(said(client, "routing_enabled")),
        routing_available=flag(said(client, "routing_available")),
        support_license=said(client, "support_license"),
        lsids=tuple(said(one) for one in sessions),
    )


def _customer(client: Element) -> ConnectedSupportCustomer:
    return ConnectedSupportCustomer(
        attribute(client, "id"),
        **_common(client),
        name=said(client, "name"),
        non_interactive=said(client, "non_interactive"),
        lsid=said(client, "lsid"),
    )


def _attendee(client: Element) -> ConnectedPresentationAttendee:
    return ConnectedPresentationAttendee(attribute(client, "id"), **_common(client), name=said(client, "name"))


def _push_agent(client: Element) -> ConnectedPushAgent:
    return ConnectedPushAgent(attribute(client, "id"), **_common(client), name=said(client, "name"))


CLIENTS: Mapping[str, Callable[[Element], ConnectedClient]] = {
    "connected_representative": _representative,
    "connected_support_customer": _customer,
    "connected_presentation_attendee": _attendee,
    "connected_push_agent": _push_agent,
}
