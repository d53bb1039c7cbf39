"""`deskbridge remotepc …`: what an operator would do with a reseller account by hand.

`commands` is given an `Opener` as the context's object (`connectors.command_line.desk.Opener`).
"""

from __future__ import annotations

from connectors.command_line.desk import group_of
from connectors.platforms.remotepc.command_line import users
from connectors.platforms.remotepc.command_line.desk import Desk

commands = group_of(
    Desk,
    "Work with the users of a RemotePC reseller account.",
    (users.users, users.invite, users.add, users.signin_link),
)
