"""Every command of the command API as a method (guide, Remote Support Command API)."""

from __future__ import annotations

from connectors.platforms.beyondtrust.commands.appliance_commands import ApplianceCommands
from connectors.platforms.beyondtrust.commands.chat_commands import ChatCommands
from connectors.platforms.beyondtrust.commands.session_commands import SessionCommands


class Commands(SessionCommands, ChatCommands, ApplianceCommands):
    """`Commands(api)`: each method has the name of its command and raises what `Api` raises.

    One that changes something raises UnknownOutcome when it may have been done and no clear answer came.
    """
