"""`deskbridge beyondtrust …`: everything that an operator would do with an appliance by hand.

`commands` is given an `Opener` as the context's object (`connectors.command_line.desk.Opener`).
"""

from __future__ import annotations

from connectors.command_line.desk import group_of
from connectors.platforms.beyondtrust.command_line import (
    appliances,
    archives,
    config,
    downloads,
    live,
    people,
    reports,
    sessions,
    starting,
)
from connectors.platforms.beyondtrust.command_line.desk import Desk

commands = group_of(
    Desk,
    "Work with a BeyondTrust Remote Support appliance.",
    (
        people.reps,
        people.teams,
        people.rep_status,
        people.clients,
        sessions.key,
        sessions.attributes,
        sessions.join,
        sessions.transfer,
        sessions.chat,
        sessions.virtual_customer,
        sessions.leave,
        sessions.terminate,
        appliances.info,
        appliances.appliances,
        appliances.health,
        appliances.failover,
        appliances.import_jump,
        reports.session,
        reports.sessions,
        reports.surveys,
        reports.summary,
        reports.team_activity,
        reports.presentations,
        reports.licenses,
        reports.vault_activity,
        downloads.recordings,
        downloads.backup,
        downloads.endpoint_licenses,
        archives.archive,
        starting.link,
        starting.snippet,
        starting.button,
        starting.script,
        config.config,
        live.live,
    ),
)
