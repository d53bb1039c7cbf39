"""The permissions of groups, as the versions of getGroup and setGroup know them.

Source: Rescue API Reference Guide, chapters getGroup to getGroup_v3; the names are those of its examples.
"""

from __future__ import annotations

from collections.abc import Iterable

FIRST = (
    *("RemoteControl", "RemoteView", "SendFile", "SendURL", "ViewSystemInformation", "RebootClientComputer"),
    *("ReceiveFile", "SessionRecording", "PrivateSessions", "FileManagement", "UnlimitedScripting"),
    *("SessionTransferNotAllowed", "WindowsCredentialsRequestNotAllowed", "ClipboardSynchronizationNotAllowed"),
    *("CallingCardDeployment", "ScreenSharingNotAllowed", "CollaborationNotAllowed", "DeviceConfiguration"),
    *("ChatSuppression", "ChatSuppressionConsoleSwitch", "EditCustomField"),
)
SECOND = (*FIRST, "UnattendedAccess", "SessionHoldNotAllowed")
REMOTE_CONTROL = ("RemoteControlDesktop", "RemoteControlMobile")
THIRD = (
    *(one for one in SECOND if one != "RemoteControl"),
    *("OneTimePermission", "ScriptRunning", "InviteExternalTechnicians", *REMOTE_CONTROL),
)
KNOWN = {1: FIRST, 2: SECOND, 3: THIRD}


def shown(permissions: Iterable[str], version: int) -> list[str]:
    """What this version of getGroup tells of them; older ones know one word for both remote controls."""
    have = set(permissions)
    if have & set(REMOTE_CONTROL):
        have.add("RemoteControl")
    return [one for one in KNOWN[version] if one in have]


def read(names: Iterable[str], version: int) -> list[str] | None:
    """The permissions that a setGroup means, or None if one of them is not known to it, or there is none."""
    given = [name.strip() for name in names if name.strip()]
    if not given or any(name not in KNOWN[version] for name in given):
        return None
    both = list(REMOTE_CONTROL) if "RemoteControl" in given else []
    return [*(name for name in given if name != "RemoteControl"), *both]
