"""The tree of an account: folders, groups, users, links and channels.

Source: Rescue API Reference Guide, chapters getHierarchy, createUser, createGroup, moveNode, deleteNode. The
types of users are written as a real reply writes them: `MasterAdministrator`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from sandbox.rescue.model import Code, Technician

ROOT, MASTERS, ADMINISTRATORS, TECHNICIANS = "Root", "MasterAdministrators", "Administrators", "Technicians"
ADMINISTRATOR_GROUP, TECHNICIAN_GROUP = "AdministratorGroup", "TechnicianGroup"
MASTER, ADMINISTRATOR, TECHNICIAN = "MasterAdministrator", "Administrator", "Technician"
ADMINISTRATOR_LINK, ADMINISTRATOR_GROUP_LINK, CHANNEL = "AdministratorLink", "AdministratorGroupLink", "Channel"

USERS_IN = {
    MASTERS: MASTER,
    ADMINISTRATORS: ADMINISTRATOR,
    ADMINISTRATOR_GROUP: ADMINISTRATOR,
    TECHNICIANS: TECHNICIAN,
    TECHNICIAN_GROUP: TECHNICIAN,
}
"""What a user is who is made or moved there."""
GROUPS_IN = {
    ADMINISTRATORS: ADMINISTRATOR_GROUP,
    ADMINISTRATOR_GROUP: ADMINISTRATOR_GROUP,
    TECHNICIANS: TECHNICIAN_GROUP,
    TECHNICIAN_GROUP: TECHNICIAN_GROUP,
}
LINKS_IN = {ADMINISTRATOR_LINK: TECHNICIAN_GROUP, ADMINISTRATOR_GROUP_LINK: TECHNICIAN_GROUP}

ROOT_NODE_ID = 337360
MASTERS_ID, ADMINISTRATORS_ID, TECHNICIANS_ID = 337361, 337362, 337363
GROUP_ID, ADMIN_ID, OWNER_ID, SECOND_ID = 337364, 337365, 337366, 337367
ADMIN_GROUP_ID, SECOND_GROUP_ID, ADMINISTRATOR_ID = 337368, 337369, 337370
LINK_ID, GROUP_LINK_ID = 337371, 337372
CHANNEL_ID, SECOND_CHANNEL_ID = 1902861082, 1902861083


@dataclass(slots=True)
class Group:
    """A folder that the account has from the start, or a group of users."""

    id: int
    parent_id: int
    name: str
    type: str
    description: str = ""
    disabled: bool = False
    permissions: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    standard_limit: int = 0
    mobile_limit: int = 0
    rpat_limit: int = 0
    email: str = ""

    @property
    def status(self) -> str:
        return "Disabled" if self.disabled else "Offline"


@dataclass(slots=True)
class Link:
    """An administrator or their group, shown again where they administrate."""

    id: int
    parent_id: int
    name: str
    type: str
    target_id: int
    email: str = ""
    description: str = ""
    disabled: bool = False

    @property
    def status(self) -> str:
        return "Offline"


@dataclass(slots=True)
class Channel:
    id: int
    parent_id: int
    name: str
    assigned: set[int] = field(default_factory=set)
    """Technicians and their groups."""
    type: str = CHANNEL
    email: str = ""
    description: str = ""
    disabled: bool = False

    @property
    def status(self) -> str:
        return "Offline"


Node = Group | Technician | Link | Channel


class Tree:
    """Every node by its id, and the technicians once more. Not locked: RescueState does that."""

    def __init__(self, email: str, sso_id: str) -> None:
        self.nodes: dict[int, Node] = {}
        self.technicians: dict[int, Technician] = {}
        self._ids = count(337400)
        self.owner = Technician(OWNER_ID, "Technician 1", email, sso_id, parent_id=GROUP_ID, account_holder=True)
        for node in self._first_nodes(email, sso_id):
            self.add(node)

    def _first_nodes(self, email: str, sso_id: str) -> Iterator[Node]:
        permissions = ["RemoteControlDesktop", "RemoteControlMobile", "RemoteView", "SendFile", "EditCustomField"]
        master = Technician(ADMIN_ID, "Technician 1", email, sso_id, type=MASTER, account_holder=True)
        master.parent_id, master.console_open = MASTERS_ID, False
        administrator = Technician(ADMINISTRATOR_ID, "Administrator 1", "administrator1@example.com")
        administrator.type, administrator.parent_id, administrator.console_open = ADMINISTRATOR, ADMIN_GROUP_ID, False
        yield Group(ROOT_NODE_ID, 0, "Example Company", ROOT)
        yield Group(MASTERS_ID, ROOT_NODE_ID, "Master Administrators", MASTERS)
        yield Group(ADMINISTRATORS_ID, ROOT_NODE_ID, "Administrators", ADMINISTRATORS)
        yield Group(TECHNICIANS_ID, ROOT_NODE_ID, "Technicians", TECHNICIANS)
        yield master
        yield Group(ADMIN_GROUP_ID, ADMINISTRATORS_ID, "Administrators 1", ADMINISTRATOR_GROUP)
        yield administrator
        yield Group(GROUP_ID, TECHNICIANS_ID, "Support", TECHNICIAN_GROUP, "First: line", False, permissions)
        yield Group(SECOND_GROUP_ID, TECHNICIANS_ID, "Second line", TECHNICIAN_GROUP)
        yield self.owner
        yield Technician(SECOND_ID, "Technician 2", "technician2@example.com", parent_id=GROUP_ID)
        yield Link(LINK_ID, GROUP_ID, administrator.name, ADMINISTRATOR_LINK, administrator.id, administrator.email)
        yield Link(GROUP_LINK_ID, SECOND_GROUP_ID, "Administrators 1", ADMINISTRATOR_GROUP_LINK, ADMIN_GROUP_ID)
        yield Channel(CHANNEL_ID, ROOT_NODE_ID, "Support channel", {GROUP_ID})
        yield Channel(SECOND_CHANNEL_ID, ROOT_NODE_ID, "Second channel")

    def add(self, node: Node) -> None:
        self.nodes[node.id] = node
        if isinstance(node, Technician) and node.type == TECHNICIAN:
            self.technicians[node.id] = node

    def new_id(self) -> int:
        return next(self._ids)

    def find(self, identity: str | int) -> Node | None:
        """The node of this id, which callers write as text."""
        text = str(identity).strip()
        return self.nodes.get(int(text)) if text.isascii() and text.isdigit() else None

    def user(self, identity: str | int, refusal: str = "INVALIDPARAM_NODE") -> Technician:
        node = self.find(identity)
        if not isinstance(node, Technician):
            raise Code(refusal)
        return node

    def users(self) -> Iterator[Technician]:
        return (node for node in self.nodes.values() if isinstance(node, Technician))

    def channels(self) -> Iterator[Channel]:
        return (node for node in self.nodes.values() if isinstance(node, Channel))

    def group_of(self, technician: Technician) -> Group | None:
        group = self.nodes.get(technician.parent_id)
        return group if isinstance(group, Group) else None

    def above(self, node: Node) -> Iterator[Node]:
        """Its parent, the parent's parent, up to the root."""
        parent = self.nodes.get(node.parent_id)
        while parent is not None:
            yield parent
            parent = self.nodes.get(parent.parent_id)

    def below(self, node: Node) -> list[Node]:
        """The node and all under it, parents first."""
        found, waiting = [], [node]
        while waiting:
            one = waiting.pop()
            found.append(one)
            waiting += [other for other in self.nodes.values() if other.parent_id == one.id and other.id != one.id]
        return found

    def parent_disabled(self, node: Node) -> bool:
        return any(one.disabled for one in self.above(node))

    def of_channel(self, channel: Channel) -> list[Technician]:
        """The technicians that the channel is assigned to, themselves or by one of their groups."""
        return [
            one
            for one in self.technicians.values()
            if channel.assigned & {one.id, *(group.id for group in self.above(one))}
        ]

    def remove(self, node: Node) -> list[Technician]:
        """Take the node and all under it away; the technicians among them."""
        gone = self.below(node)
        for one in gone:
            self.nodes.pop(one.id, None)
            self.technicians.pop(one.id, None)
            if isinstance(one, Technician):
                one.deleted = True
            for channel in self.channels():
                channel.assigned.discard(one.id)
        return [one for one in gone if isinstance(one, Technician)]
