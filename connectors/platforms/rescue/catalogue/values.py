"""Values that parameters may have. The reference lost its lists on the way; these are in its samples, in the change
notes of its versions, and in the vendor's older page of the same method."""

from __future__ import annotations

BOOLEANS = ("true", "false")
STATUSES = ("enabled", "disabled")
NODE_STATUSES = ("Disabled", "Offline", "Online", "Busy", "Away")
NODE_TYPES = (
    "Root",
    "Masteradministrators",
    "Administrators",
    "Technicians",
    "AdministratorGroup",
    "TechnicianGroup",
    "Masteradministrator",
    "Administrator",
    "Technician",
    "AdministratorLink",
    "AdministratorGroupLink",
    "Channel",
)
LANGUAGES = ("de", "en", "es", "fr", "nl", "pt-br")

_PERMISSIONS = (
    "RemoteView",
    "SendFile",
    "SendURL",
    "ViewSystemInformation",
    "RebootClientComputer",
    "ReceiveFile",
    "SessionRecording",
    "PrivateSessions",
    "OneTimePermission",
    "FileManagement",
    "ScriptRunning",
    "UnlimitedScripting",
    "SessionTransferNotAllowed",
    "EditCustomField",
    "WindowsCredentialsRequestNotAllowed",
    "ClipboardSynchronizationNotAllowed",
    "CallingCardDeployment",
    "ScreenSharingNotAllowed",
    "CollaborationNotAllowed",
    "DeviceConfiguration",
    "ChatSuppression",
    "ChatSuppressionConsoleSwitch",
)
_SINCE_2 = ("UnattendedAccess", "SessionHoldNotAllowed", "ConnectOnLan")
PERMISSIONS = ("RemoteControl", *_PERMISSIONS, "TechEndSessionSurvey")
PERMISSIONS_2 = ("RemoteControl", *_PERMISSIONS, *_SINCE_2)
PERMISSIONS_3 = (*_PERMISSIONS, *_SINCE_2, "InviteExternalTechnicians", "RemoteControlDesktop", "RemoteControlMobile")
