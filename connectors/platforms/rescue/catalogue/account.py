"""Signing in, the account, its hierarchy, and tickets that sign a technician in."""

from __future__ import annotations

from bridge.errors import Rejected
from connectors.platforms.rescue.catalogue.model import AUTHCODE, OF_A_SIGNED_CALL, Method, Parameter, aspx, read
from connectors.platforms.rescue.catalogue.values import BOOLEANS
from connectors.platforms.rescue.replies import NO_SUCH_NODE, Meaning

EMAIL = Parameter("email", "sEmail", required=True)
PASSWORD = Parameter("pwd", "sPassword", required=True)

LOG_IN = Method("logIn", aspx("login"), (EMAIL, PASSWORD), read("ERROR", "INVALID", "LIMITREACHED"), operation="login")
LOG_OUT = Method("logOut", aspx("logout"), (), read("ERROR", "NOTLOGGEDIN"), operation="logout")
REQUEST_AUTH_CODE = Method(
    "requestAuthCode",
    aspx("requestAuthCode"),
    (EMAIL, PASSWORD),
    read("ERROR", "INVALID", "requestAuthCode_PollRateExceeded"),
    outputs=("AUTHCODE",),
    operation="requestAuthCode",
)
REQUEST_AUTH_CODE_SSO = Method(
    "requestAuthCodeSSO",
    aspx("requestAuthCodeSSO"),
    (
        Parameter("ssoid", "sSSOID", required=True),
        PASSWORD,
        Parameter("company", "sCompany", required=True),
    ),
    read("ERROR", "INVALID", "INVALIDPARAM_COMPANY"),
    outputs=("AUTHCODE",),
    operation="requestAuthCodeSSO",
)

GET_ACCOUNT = Method(
    "getAccount",
    aspx("getAccount"),
    (AUTHCODE,),
    read(*OF_A_SIGNED_CALL),
    outputs=("AccountID", "Organization", "AdminID", "TechID", "Email"),
    operation="getAccount",
)

HIERARCHY_KEYS = ("NodeID", "ParentID", "Name", "Email", "Description", "Status", "Type")
_OF_HIERARCHY = read(
    *OF_A_SIGNED_CALL,
    "HAS_NO_RIGHT",
    own={
        "INVALIDPARAM_ISNODE": Meaning(
            Rejected, "isnode is neither true nor false: Deskbridge must send one of them, which is a bug to report"
        ),
        "INVALIDPARAM_NODE": NO_SUCH_NODE,
    },
)
_ISNODE = Parameter("isnode", values=BOOLEANS)
_OF_NODE = Parameter("node")
GET_HIERARCHY = Method(
    "getHierarchy",
    aspx("getHierarchy"),
    (_ISNODE, _OF_NODE, AUTHCODE),
    _OF_HIERARCHY,
    outputs=HIERARCHY_KEYS,
    operation="getHierarchy",
)
GET_HIERARCHY_2 = Method(
    "getHierarchy_v2",
    aspx("getHierarchy_v2"),
    (_ISNODE, _OF_NODE, Parameter("filteroffline", values=BOOLEANS), AUTHCODE),
    _OF_HIERARCHY,
    outputs=HIERARCHY_KEYS,
    operation="getHierarchy_v2",
)

_TICKET = (
    Parameter("ssoid", required=True),
    Parameter("Password", required=True),
    Parameter("CompanyID", required=True),
)
_OF_A_TICKET = read(
    own={
        "INVALIDPASSWORD": Meaning(
            Rejected, "the single sign-on ID or its password is wrong: whoever asked must correct it"
        ),
        "INVALIDCOMPANYID": Meaning(Rejected, "Rescue does not know the company: an operator must correct its number"),
        "MISSINGPARAMETERS": Meaning(
            Rejected, "the single sign-on ID, its password or the company is missing: whoever asked must give all three"
        ),
    }
)
GET_LOGIN_TICKET = Method("getLoginTicket", "/SSO/GetLoginTicket.aspx", _TICKET, _OF_A_TICKET, outputs=("OK:[link]",))
GET_DTC_LOGIN_TICKET = Method(
    "getDTCLoginTicket",
    "/SSO/GetDTCLoginTicket.aspx",
    (*_TICKET, Parameter("arch", values=("64",))),
    _OF_A_TICKET,
    outputs=("[link]",),
)

ACCOUNT = (
    LOG_IN,
    LOG_OUT,
    REQUEST_AUTH_CODE,
    REQUEST_AUTH_CODE_SSO,
    GET_ACCOUNT,
    GET_HIERARCHY,
    GET_HIERARCHY_2,
    GET_LOGIN_TICKET,
    GET_DTC_LOGIN_TICKET,
)
