"""Sessions: which there are, what was said in them, what an administrator may do with them."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.errors import NobodyThere, Rejected
from connectors.platforms.rescue.catalogue.model import (
    AUTHCODE,
    NODE,
    NODE_REF,
    OF_A_SIGNED_CALL,
    SESSION,
    Method,
    Parameter,
    aspx,
    read,
    write,
)
from connectors.platforms.rescue.catalogue.values import BOOLEANS
from connectors.platforms.rescue.replies import CODES_OF_A_SESSION, NO_SUCH_NODE, Meaning

_FIRST = ("ID", "Status", "Entry ID", "Entry", "Technician ID", "Technician", "Start Time", "Waiting Time")
_LAST = ("Language", "Transferred To", "Transferred Comment", "Is Lead Technician", "HandingOff")
COLUMNS = (*_FIRST, *(f"Custom Field {number}" for number in range(3)), *_LAST)
COLUMNS_3 = (*_FIRST, *(f"Custom Field {number}" for number in range(6)), *_LAST)
_OF_A_LISTING = read(*OF_A_SIGNED_CALL, own={"INVALIDPARAM_NODE": NO_SUCH_NODE})

GET_SESSION = Method(
    "getSession",
    aspx("getSession"),
    # Without a node it lists all: the document says both "optional" and "required".
    (Parameter("node", "iNodeID"), NODE_REF, AUTHCODE),
    _OF_A_LISTING,
    outputs=COLUMNS,
    operation="getSession",
)
GET_SESSION_2 = Method(
    "getSession_v2",
    aspx("getSession_v2"),
    (NODE, NODE_REF, AUTHCODE),
    _OF_A_LISTING,
    outputs=COLUMNS,
    operation="getSession_V2",
)
GET_SESSION_3 = Method(
    "getSession_v3",
    aspx("getSession_v3"),
    (NODE, NODE_REF, AUTHCODE),
    _OF_A_LISTING,
    outputs=COLUMNS_3,
    operation="getSession_V3",
)

GET_CHAT = Method(
    "getChat",
    aspx("getChat"),
    (SESSION, AUTHCODE),
    {**read(*OF_A_SIGNED_CALL, "INVALIDPARAM_SESSION"), "ERROR": CODES_OF_A_SESSION["ERROR"]},
    outputs=("CHATLOG",),
    operation="getChat",
)
# Asked for after the chat was found: here ERROR is a fault.
GET_NOTE = Method(
    "getNote",
    aspx("getNote"),
    (SESSION, AUTHCODE),
    read(*OF_A_SIGNED_CALL, "INVALIDPARAM_SESSION"),
    outputs=("NOTE",),
    operation="getNote",
)


def _of_an_action(*names: str, own: Mapping[str, Meaning]) -> Mapping[str, Meaning]:
    signed = ("ERROR", "NOTLOGGEDINASADMIN", "INVALID_SECRETAUTHCODE", "USER_DELETED_OR_DISABLED")
    return write(*signed, *names, own=own)


def _offline(what: str) -> Mapping[str, Meaning]:
    """ACTIONFAILED where the document gives a closed console as the reason."""
    return {
        "ACTIONFAILED": Meaning(
            NobodyThere, f"the technician is offline and the session {what}: a technician must open the console"
        )
    }


START_SESSION = Method(
    "startSession",
    aspx("startSession"),
    # By the vendor's page of the operation; the reference's sample says iSessionID and iNodeID.
    (Parameter("session", "iSession", required=True), Parameter("node", "iNode", required=True), AUTHCODE),
    _of_an_action("INVALIDPARAM_SESSION", own={**_offline("is not started"), "INVALIDPARAM_NODE": NO_SUCH_NODE}),
    operation="startSession",
    writes=True,
)
HOLD_SESSION = Method(
    "holdSession",
    aspx("holdSession"),
    (SESSION, AUTHCODE),
    _of_an_action(
        own={
            "ACTIONFAILED": Meaning(
                Rejected, "the session cannot be put on hold, it may be already: whoever asked must look at it"
            ),
            "INVALIDPARAM_SESSION": Meaning(
                Rejected, "the session is no number: whoever asked must give the session's number"
            ),
        }
    ),
    operation="holdSession",
    writes=True,
)
TRANSFER_SESSION = Method(
    "transferSession",
    aspx("transferSession"),
    (SESSION, NODE, NODE_REF, Parameter("comment", "sComment"), AUTHCODE),
    _of_an_action(
        own={
            **_offline("is not transferred"),
            "INVALIDPARAM_NODE": Meaning(
                Rejected,
                "the session cannot go there: whoever asked must name a technician of this account as NODE, a channel"
                " as CHANNEL",
            ),
        }
    ),
    operation="transferSession",
    writes=True,
)
CLOSE_SESSION = Method(
    "closeSession",
    aspx("closeSession"),
    (Parameter("session", "iSession", required=True), AUTHCODE),
    _of_an_action("INVALIDPARAM_SESSION", own=_offline("is not closed")),
    operation="closeSession",
    writes=True,
)
CANCEL_ACTION = Method(
    "cancelAction",
    aspx("cancelAction"),
    (Parameter("session", "iSession", required=True), AUTHCODE),
    _of_an_action("INVALIDPARAM_SESSION", own=_offline("goes on with its action")),
    operation="cancelAction",
    writes=True,
)

IS_ANY_TECH_AVAILABLE = Method(
    "isAnyTechAvailableOnChannel",
    aspx("isAnyTechAvailableOnChannel"),
    (
        Parameter("ChannelID", "iChannelID", required=True),
        Parameter("ExcludingAwayAndBusy", "bExcludingAwayAndBusy", values=BOOLEANS),
    ),
    read("ERROR"),
    outputs=("TRUE", "FALSE", "HASONLINETECHNICIANS"),
    successes=("OK", "TRUE", "FALSE"),
    operation="isAnyTechAvailableOnChannel",
)

SESSIONS = (
    GET_SESSION,
    GET_SESSION_2,
    GET_SESSION_3,
    START_SESSION,
    HOLD_SESSION,
    TRANSFER_SESSION,
    CLOSE_SESSION,
    CANCEL_ACTION,
    IS_ANY_TECH_AVAILABLE,
    GET_CHAT,
    GET_NOTE,
)
