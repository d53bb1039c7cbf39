"""The system state model: what is so at this moment, as tables of rows.

Source: Remote Support 23.2 API guide, chapters "System State Model of the Real-Time API" and "Download Reports
with Archive" (which knows some fields more: see ARCHIVE_ONLY).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sandbox.beyondtrust.reports.participants import PUBLIC_SITE
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApplianceSession, Queue, Representative

Natural = tuple[str, str]
"""A table and whatever makes a row of it the same row as before."""
Fields = dict[str, Any]
Reference = Callable[[str, str], int]
"""The id of a row by its table and what makes it itself."""

NAMES = (
    "customer_client",
    "queue",
    "representative",
    "representative_queue",
    "representative_support_session",
    "support_session",
    "support_session_attribute",
    "support_session_skill",
    "presentation_session",
    "attendee",
    "presenter",
)
ARCHIVE_ONLY: Mapping[str, frozenset[str]] = {
    "customer_client": frozenset({"connected", "private_ip", "public_ip"}),
    "representative": frozenset(
        {
            "connected",
            "console_in_focus",
            "hostname",
            "operating_system",
            "private_ip",
            "public_ip",
            "selected_support_session_id",
        }
    ),
    "representative_support_session": frozenset({"selected_support_session_service_tool"}),
}
GENERAL = "general"


def people(state: ApplianceState, row_id: Reference) -> Iterator[tuple[Natural, Fields]]:
    """Queues, and the representatives who are logged in."""
    yield from _queues(state)
    for rep in state.representatives.values():
        if rep.logged_in:
            yield from _representative(state, rep, row_id)


def _queues(state: ApplianceState) -> Iterator[tuple[Natural, Fields]]:
    began = _unix(state.started_at)
    yield ("queue", GENERAL), {"created_timestamp": began, "name": "General Queue", "type": "prewait"}
    for team in state.teams.values():
        fields: Fields = {"code_name": team.code_name, "created_timestamp": began, "name": team.name}
        yield ("queue", f"team:{team.id}"), fields | {"support_team_id": str(team.id), "type": "team"}
    for rep in state.representatives.values():
        if rep.logged_in_since is not None:
            since = _unix(rep.logged_in_since)
            fields = {"created_timestamp": since, "name": rep.private_name, "type": "personal"}
            yield ("queue", f"rep:{rep.id}"), fields


def _representative(state: ApplianceState, rep: Representative, row_id: Reference) -> Iterator[tuple[Natural, Fields]]:
    since = _unix(rep.logged_in_since) if rep.logged_in_since else 0
    name = str(rep.gsnumber)
    yield (
        ("representative", name),
        {
            "connected": 1,
            "console_in_focus": 1,
            "created_timestamp": since,
            "hostname": rep.hostname,
            "operating_system": rep.os,
            "private_display_name": rep.private_name,
            "private_ip": rep.private_ip,
            "public_display_name": rep.public_name,
            "public_ip": rep.public_ip,
            "queue_id": row_id("queue", f"rep:{rep.id}"),
            "routing_available": int(rep.status == "available"),
            "routing_busy": int(rep.status == "busy"),
            "routing_enabled": 1,
            "routing_idle": int(rep.status == "away"),
            "selected_support_session_id": None,
            "skill_code_names": "",
            "type": "normal",
            "user_id": rep.id,
            "username": rep.username,
        },
    )
    for team in state.teams.values():
        if rep.id in team.members:
            yield (
                ("representative_queue", f"{name}:{team.id}"),
                {
                    "created_timestamp": since,
                    "queue_id": row_id("queue", f"team:{team.id}"),
                    "representative_id": row_id("representative", name),
                    "role": "member",
                },
            )


def session_rows(
    state: ApplianceState, session: ApplianceSession, row_id: Reference
) -> Iterator[tuple[Natural, Fields]]:
    """A session and all that belongs to it; nothing once it is over."""
    if not session.open:
        return
    began, mine = _unix(session.started_at), row_id("support_session", session.lsid)
    own: Fields = {"created_timestamp": began, "support_session_id": mine}
    yield ("support_session", session.lsid), _about(state, session, row_id)
    if session.customer_left_at is None:
        yield (
            ("customer_client", session.lsid),
            {
                **own,
                "client_type": "web_chat" if session.virtual else "desktop",
                "connected": 1,
                "elevated": 0,
                "hostname": session.hostname,
                "operating_system": session.os,
                "private_ip": session.private_ip,
                "public_ip": session.public_ip,
            },
        )
    for member in session.present:
        fields = {**own, "created_timestamp": _unix(member.joined_at)}
        fields |= {"representative_id": row_id("representative", str(member.gsnumber))}
        fields |= {"selected_support_session_service_tool": "screen_sharing"}
        yield ("representative_support_session", f"{session.lsid}:{member.gsnumber}"), fields
    for name, value in session.attributes.items():
        yield ("support_session_attribute", f"{session.lsid}:{name}"), {**own, "code_name": name, "value": value}
    for skill in session.skills:
        yield ("support_session_skill", f"{session.lsid}:{skill}"), {**own, "code_name": skill}


def _about(state: ApplianceState, session: ApplianceSession, row_id: Reference) -> Fields:
    began = _unix(session.started_at)
    team = row_id("queue", f"team:{session.team_ids[-1]}") if session.team_ids else None
    named = [issue for one in state.teams.values() for issue in one.issues if issue.code_name == session.queue.issue]
    return {
        "created_timestamp": began,
        "customer_company": session.company,
        "customer_company_code": session.company_code,
        "customer_description": session.details,
        "customer_name": session.customer_name,
        "estimated_pickup_timestamp": began + 60,
        "issue_code_name": session.queue.issue,
        "issue_description": named[0].title if named else "",
        "lsid": session.lsid,
        "primary_team_queue_id": team,
        "priority": session.priority,
        "public_site_id": 1,
        "public_site_name": PUBLIC_SITE,
        "queue_entry_timestamp": began,
        "queue_id": _queue_id(session.queue, row_id),
        "start_method": session.start_method,
    }


def _queue_id(queue: Queue, row_id: Reference) -> int:
    return row_id("queue", GENERAL if queue.kind == "general" else str(queue))


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())
