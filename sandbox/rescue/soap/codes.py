"""Result codes as SOAP says them: the operation without its version, and words in mixed case.

Source: clients of the service for the words in WORDS; the spelling of all others is a guess by the same habit.
"""

from __future__ import annotations

import re

VERSION = re.compile(r"_?[vV]\d+(_\d+)?$")
WORDS = {
    "OK": "OK",
    "ERROR": "Error",
    "INVALID": "Invalid",
    "NOTLOGGEDIN": "NotLoggedIn",
    "NOTTECHNICIAN": "NotTechnician",
    "NOTECHCONSOLERUNNING": "NoTechConsoleRunning",
    "OUTOFPINCODES": "OutOfPINCodes",
    "POLLRATEEXCEEDED": "PollRateExceeded",
    "INVALID_SECRETAUTHCODE": "Invalid_SecretAuthCode",
    "INVALIDPARAM_NODE": "InvalidParam_NodeID",
    "NO_ACCESS_TO_LENS": "NoAccessToLens",
    # guesses
    "NOTLOGGEDINASADMIN": "NotLoggedInAsAdmin",
    "ACTIONFAILED": "ActionFailed",
    "LIMITREACHED": "LimitReached",
    "INVALIDFORMAT": "InvalidFormat",
    "INVALIDDATERANGE": "InvalidDateRange",
    "INVALIDPINFORMAT": "InvalidPINFormat",
    "NOTSUPPORTED": "NotSupported",
    "INVALIDPARAM_TARGETNODE": "InvalidParam_TargetNodeID",
    "INVALIDPARAM_ENTRY": "InvalidParam_EntryID",
    "INVALIDPARAM_SESSION": "InvalidParam_SessionID",
    "INVALIDPARAM_PARENT": "InvalidParam_ParentID",
}
BARE = frozenset({"getHierarchy", "setUserStatus_v7_1"})
"""Operations whose code stands alone, in the words of the text replies."""
WITH_RET = frozenset({"startSession"})
"""Operations whose code begins with the name of its type: `startSessionRet_OK`."""


def result(operation: str, code: str) -> str:
    """`getSession_OK`, `requestPINCode_NotLoggedIn`, `startSessionRet_OK`, `OK`."""
    if operation in BARE:
        return code
    base = VERSION.sub("", operation)
    if operation in WITH_RET:
        base += "Ret"
    return f"{base}_{word(code.removeprefix(f'{base}_'))}"


def word(code: str) -> str:
    """`User_Deleted_Or_Disabled` for what has no word of its own; mixed case stays as it is."""
    if code in WORDS:
        return WORDS[code]
    if not code.isupper():
        return code
    return "_".join(part.capitalize() for part in code.split("_")).replace("Invalidparam", "InvalidParam")
