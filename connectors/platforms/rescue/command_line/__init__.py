"""`deskbridge rescue …`: what an administrator would do with an account by hand.

`commands` is given an `Opener` as the context's object (`connectors.command_line.desk.Opener`).
"""

from __future__ import annotations

from connectors.command_line.desk import group_of
from connectors.platforms.rescue.command_line import account, authorize, groups, pins, reports, sessions, users
from connectors.platforms.rescue.command_line.desk import Desk

commands = group_of(
    Desk,
    "Work with a Rescue account.",
    (
        authorize.authorize,
        authorize.logout,
        account.account,
        account.hierarchy,
        account.move,
        account.delete,
        account.login_ticket,
        users.user,
        groups.group,
        groups.channel,
        sessions.sessions,
        sessions.session,
        pins.pin,
        pins.lens_pin,
        pins.email_text,
        reports.report,
    ),
)
