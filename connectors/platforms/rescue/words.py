"""Words that Rescue chooses from a list, and the whole of a word that is not on ours."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

UNKNOWN = "UNKNOWN"


class Word(StrEnum):
    """A word of a list; one that we do not know is kept as it came, under the name UNKNOWN."""

    @classmethod
    def _missing_(cls, value: object) -> Self:
        text = str(value).strip()
        for member in cls:
            if member.value.casefold() == text.casefold():
                return member
        strange = str.__new__(cls, text)
        strange._name_, strange._value_ = UNKNOWN, text
        return strange

    @property
    def known(self) -> bool:
        return self.name != UNKNOWN


class NodeStatus(Word):
    """Whether somebody may sign in, and is there."""

    DISABLED = "Disabled"
    OFFLINE = "Offline"
    ONLINE = "Online"
    BUSY = "Busy"
    AWAY = "Away"

    @property
    def there(self) -> bool:
        """Whether the technician's console is open."""
        return self in (NodeStatus.ONLINE, NodeStatus.BUSY, NodeStatus.AWAY)


class NodeType(Word):
    """What stands in an account's hierarchy."""

    ROOT = "Root"
    MASTER_ADMINISTRATORS = "Masteradministrators"
    ADMINISTRATORS = "Administrators"
    TECHNICIANS = "Technicians"
    ADMINISTRATOR_GROUP = "AdministratorGroup"
    TECHNICIAN_GROUP = "TechnicianGroup"
    MASTER_ADMINISTRATOR = "Masteradministrator"
    ADMINISTRATOR = "Administrator"
    TECHNICIAN = "Technician"
    ADMINISTRATOR_LINK = "AdministratorLink"
    ADMINISTRATOR_GROUP_LINK = "AdministratorGroupLink"
    CHANNEL = "Channel"
    PSEUDO_GROUP = "PseudoGroup"


class NodeRef(Word):
    """Whether a number is that of a node of the hierarchy or of a channel."""

    NODE = "NODE"
    CHANNEL = "CHANNEL"


class SessionState(Word):
    """A session's state as SOAP tells it, in no language (`bStatus`)."""

    STARTING = "SESSION_STARTING"
    CONNECTING = "SESSION_CONNECTING"
    WAITING = "SESSION_WAITING"
    OFFLINE = "SESSION_OFFLINE"
    PICKED_UP = "SESSION_PICKEDUP"
    CLOSED_BY_CUSTOMER = "SESSION_CLOSEDBYCUSTOMER"
    CLOSED_BY_TECHNICIAN = "SESSION_CLOSEDBYTECHNICIAN"
    TRANSFERRING = "SESSION_TRANSFERINGBUTNOTPICKEDUP"
    REVOKED = "SESSION_REVOKED"
    TRANSFERRED_UNSEEN = "SESSION_CLOSED_TRANSFERREDANOTHERTECH_WITHOUTPICKUP"
    CUSTOMER_LEFT_UNSEEN = "SESSION_CUSTOMERLEFTSESSION_WASNOTPICKEDUP"
    WAITED_TOO_LONG = "SESSION_WAITINGTIMEOUT_PICKEDUP"
    WAITED_TOO_LONG_UNSEEN = "SESSION_WAITINGTIMEOUT_NOTPICKEDUP"
    TIMED_OUT = "SESSION_SYSTEMTIMEOUT_PICKEDUP"
    TIMED_OUT_UNSEEN = "SESSION_SYSTEMTIMEOUT_NOTPICKEDUP"
    ABORTED = "SESSION_ABORTED_TECHDELETEDORDISABLED"
    TRANSFERRED = "SESSION_CLOSED_TRANSFERREDANOTHERTECH"
    REBOOTING = "SESSION_REBOOTING"
    CONNECTION_PROBLEM = "SESSION_CONNECTIONPROBLEM"
    ON_HOLD = "SESSION_ONHOLD"
    ON_HOLD_CUSTOMER_LEFT = "SESSION_ONHOLDBUTCUSTOMERLEFT"
    IDLE_TOO_LONG = "SESSION_TIMEOUT_SESSIONIDLETECHSIDE"
    CUSTOMER_LEFT_TRANSFER_UNSEEN = "SESSION_CUSTOMERLEFTSESSION_DURINGTRANSFER_WITHOUTPICKUP"
    CUSTOMER_LEFT_TRANSFER = "SESSION_CUSTOMERLEFTSESSION_DURINGTRANSFER"
    CLOSED_BY_WAITING_CUSTOMER = "SESSION_CLOSEDBYWAITINGCUSTOMER"
    CLOSED_BY_ACTIVE_CUSTOMER = "SESSION_CLOSEDBYACTIVECUSTOMER"
    CLOSED_RECONNECTING = "SESSION_CLOSED_DURINGRECONNECTING"
    CLOSED_REBOOTING = "SESSION_CLOSED_DURINGREBOOTING"
    ACCESS_EXPIRED = "SESSION_UACCESS_EXPIRED_WASPICKEDUPBEFORE"
    ACCESS_EXPIRED_UNSEEN = "SESSION_UACCESS_EXPIRED_NOTPICKEDUPBEFORE"
    ACCESS_REVOKED_BY_CUSTOMER = "SESSION_UACCESS_REVOKEDBYCUSTOMER_WASPICKEDUPBEFORE"
    ACCESS_REVOKED_BY_CUSTOMER_UNSEEN = "SESSION_UACCESS_REVOKEDBYCUSTOMER_NOTPICKEDUPBEFORE"
    ACCESS_REVOKED_BY_ADMINISTRATOR = "SESSION_UACCESS_REVOKEDBYADMIN_WASPICKEDUPBEFORE"
    ACCESS_REVOKED_BY_ADMINISTRATOR_UNSEEN = "SESSION_UACCESS_REVOKEDBYADMIN_NOTPICKEDUPBEFORE"
    TERMS_DECLINED = "SESSION_TERMSANDCONDITIONSDECLINED"
    CONNECTION_LOST = "SESSION_TIMEOUT_TECHCONNECTIONLOSTORSESSIONWASNOTCLOSEDBYTECH"
    NOT_SUPPORTED = "SESSION_STATUS_NOT_SUPPORTED_VALUE"

    @property
    def open(self) -> bool:
        """Whether it goes on; of a word that we do not know nobody can say so."""
        return self in _OPEN


_OPEN = frozenset(
    {
        SessionState.STARTING,
        SessionState.CONNECTING,
        SessionState.WAITING,
        SessionState.OFFLINE,
        SessionState.PICKED_UP,
        SessionState.TRANSFERRING,
        SessionState.REBOOTING,
        SessionState.CONNECTION_PROBLEM,
        SessionState.ON_HOLD,
        SessionState.ON_HOLD_CUSTOMER_LEFT,
    }
)
