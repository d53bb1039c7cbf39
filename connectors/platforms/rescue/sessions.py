"""Sessions of Rescue: which there are, what was said in them, and what an administrator may do with them."""

from __future__ import annotations

from bridge.errors import Unavailable
from connectors import xml
from connectors.platforms.rescue import replies
from connectors.platforms.rescue.api import Api
from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.catalogue.model import Method
from connectors.platforms.rescue.catalogue.sessions import COLUMNS, COLUMNS_3
from connectors.platforms.rescue.listing import SessionListing, elements_of, table_of
from connectors.platforms.rescue.words import NodeRef

NEWEST = 3
AVAILABLE = "isAnyTechAvailableOnChannel"
YES_OR_NO = ("TRUE", "FALSE")
VERSIONS = {1: "getSession", 2: "getSession_v2", NEWEST: "getSession_v3"}


class Sessions:
    """What the API says of sessions, and takes as orders about them."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def listed(self, node: str, noderef: str = NodeRef.NODE, *, version: int = NEWEST) -> SessionListing:
        """By the text table: the sessions of a technician, a group or (`CHANNEL`) a channel, closed ones too.

        Version 1 lists everybody's without a node. Its states are in the account's language: decide by `by_soap`.
        """
        reply = self._api.ask(VERSIONS[version], _of_node(node, noderef))
        return table_of(reply, COLUMNS_3 if version == NEWEST else COLUMNS)

    def by_soap(self, node: str, noderef: str = NodeRef.NODE, *, version: int = NEWEST) -> SessionListing:
        """The same with each session's state, and no row that cannot be told apart."""
        method = METHODS[VERSIONS[version]]
        return elements_of(self._api.soap(method.operation, _elements(method, _of_node(node, noderef)), write=False))

    def start(self, session: str, node: str) -> None:
        """Let a technician pick a waiting session up. Raises NobodyThere when their console is closed."""
        self._api.order("startSession", {"session": session, "node": node})

    def hold(self, session: str) -> None:
        """Put a running session on hold."""
        self._api.order("holdSession", {"session": session})

    def transfer(self, session: str, node: str, noderef: str = NodeRef.NODE, *, comment: str = "") -> None:
        """Hand a session to a technician or (`CHANNEL`) a channel. Raises NobodyThere when nobody can take it."""
        told = {"comment": comment} if comment else {}
        self._api.order("transferSession", {"session": session, "node": node, "noderef": noderef, **told})

    def close(self, session: str) -> None:
        """End a session."""
        self._api.order("closeSession", {"session": session})

    def cancel(self, session: str) -> None:
        """Stop what is being done to a session, such as its transfer."""
        self._api.order("cancelAction", {"session": session})

    def chat(self, session: str) -> str:
        """The whole chat log as text. Raises NotFound for an unknown session."""
        return replies.value_of(self._api.ask("getChat", {"session": session}), "CHATLOG")

    def note(self, session: str) -> str:
        """The technician's notes of a session that exists: here ERROR means a fault."""
        return replies.value_of(self._api.ask("getNote", {"session": session}), "NOTE")

    def anybody_on(self, channel: str, *, only_free: bool = True) -> bool:
        """Whether a technician could take a session of the channel; without only_free those away or busy count."""
        reply = self._api.ask(AVAILABLE, _of_channel(channel, only_free=only_free))
        said = replies.body_of(reply)
        if said not in YES_OR_NO:
            raise reply.unclear("was answered with neither TRUE nor FALSE", code="unreadable")
        return said == "TRUE"

    def anybody_by_soap(self, channel: str, *, only_free: bool = True) -> bool:
        """The same by SOAP."""
        method = METHODS[AVAILABLE]
        parameters = _elements(method, _of_channel(channel, only_free=only_free))
        said = xml.text(self._api.soap(method.operation, parameters, write=False), "bHasOnlineTechnicians")
        if said.strip().upper() not in YES_OR_NO:
            raise Unavailable("Rescue answered with neither TRUE nor FALSE", code="unreadable")
        return said.strip().upper() == "TRUE"


def _of_channel(channel: str, *, only_free: bool) -> dict[str, str]:
    return {"ChannelID": channel, "ExcludingAwayAndBusy": "true" if only_free else "false"}


def _of_node(node: str, noderef: str) -> dict[str, str]:
    return {**({"node": node} if node else {}), "noderef": noderef}


def _elements(method: Method, data: dict[str, str]) -> list[tuple[str, str]]:
    """The same values by their names in SOAP, in the catalogue's order."""
    return [(one.soap, data[one.name]) for one in method.parameters if one.name in data]
