"""The parameters of the operations, by their names on the wire.

Source: the PHP and C# samples of the Rescue API Reference Guide; those of SMS, filters and RPAT are guesses by the
same habit.
"""

from __future__ import annotations

from sandbox.rescue.soap.kinds import ADDON, NODE_REF, STATUS, Parameter, array, boolean, integer, text

AUTHCODE = {"sAuthCode": Parameter("authcode", text)}
NODE = {"iNodeID": Parameter("node", integer, "0"), **AUTHCODE}
SESSION = {"iSessionID": Parameter("session", integer, "0"), "iSession": Parameter("session", integer), **AUTHCODE}
"""The reference calls it iSession in two samples, iSessionID in all others."""
PIN = {
    **{f"sCField{number}": Parameter(f"cfield{number}", text) for number in range(6)},
    "sTracking0": Parameter("tracking0", text),
    "bNoTechConsole": Parameter("notechconsole", boolean, "false"),
    **AUTHCODE,
}
FOR_NODE = {"iNodeID": Parameter("nodeid", integer)}
SMS = {"sPhoneNumber": Parameter("phonenumber", text), "sLangCode": Parameter("langcode", text)}
USER = {
    "iNodeID": Parameter("node", integer, "0"),
    "sName": Parameter("name", text),
    "sNick": Parameter("nick", text),
    "sEmail": Parameter("email", text),
    "sSSOID": Parameter("ssoid", text),
    "sPwd": Parameter("pwd", text),
    "sConfPwd": Parameter("confpwd", text),
    "sOldPwd": Parameter("oldpwd", text),
    "eStatus": Parameter("status", STATUS, "enabled"),
    "sDescription": Parameter("description", text),
    "eAddons": Parameter("addons", ADDON, "true"),
    **AUTHCODE,
}
GROUP = {
    "iNodeID": Parameter("node", integer, "0"),
    "sName": Parameter("name", text),
    "eStatus": Parameter("status", STATUS, "enabled"),
    "sDescription": Parameter("description", text),
    "aPermission": Parameter("permission", array),
    "aLockedPermission": Parameter("lockedpermission", array),
    "iStandardConcurrentLimit": Parameter("standardconcurrentlimit", integer, "0"),
    "iMobileConcurrentLimit": Parameter("mobileconcurrentlimit", integer, "0"),
    **AUTHCODE,
}
RPAT_LIMIT = {"iRPATConcurrentLimit": Parameter("rpatconcurrentlimit", integer, "0")}
NEW_USER = {
    "iUniqueId": Parameter("uniqueid", integer, "0"),
    "iParentID": Parameter("parentid", integer, "0"),
    "sName": Parameter("name", text),
    "sNick": Parameter("nick", text),
    "sEmail": Parameter("email", text),
    "sSSOID": Parameter("ssoid", text),
    "sPwd": Parameter("pwd", text),
    "sConfPwd": Parameter("confpwd", text),
    "eStatus": Parameter("status", STATUS, "enabled"),
    "sDescription": Parameter("description", text),
    "eAddOns": Parameter("addons", ADDON, "true"),
}
REPORT_NODE = {**NODE, "eNodeRef": Parameter("noderef", NODE_REF, "NODE")}
PARENT = {"iParentID": Parameter("parent", integer, "0"), **AUTHCODE}
CHANNEL = {"iEntryID": Parameter("entry", integer, "0"), **NODE}
HIERARCHY = {"bIsNode": Parameter("isnode", boolean, "false"), **NODE}
DATES = {"sBeginDate": "bdate", "sEndDate": "edate", "dBeginDate": "bdate", "dEndDate": "edate"}
