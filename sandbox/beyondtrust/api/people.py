"""Commands about representatives and teams.

Source: Remote Support 23.2 API guide, chapters get_logged_in_reps, set_rep_status, get_support_teams.
"""

from __future__ import annotations

from html import escape

from lxml import etree

from sandbox.beyondtrust.api.action import Action, Values, action, flag, whole
from sandbox.beyondtrust.api.answers import add, add_all, element, iso
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import Representative


def _logged_in_reps(state: ApplianceState, _values: Values) -> etree._Element:
    root = element("logged_in_reps")
    for rep in state.representatives.values():
        if rep.logged_in:
            one = add(root, "rep", id=str(rep.id))
            link = start_link(state, rep)
            add_all(
                one,
                display_name=rep.public_name,
                public_display_name=rep.public_name,
                private_display_name=rep.private_name,
                type="Normal",
                direct_link=f'<a href="{escape(link)}">{escape(rep.public_name)}</a>',
                logged_in_since=iso(rep.logged_in_since) if rep.logged_in_since else "",
                presentation_count="0",
                support_session_count=str(sessions_of(state, rep)),
                showing_on_rep_list="1",
            )
    return root


def start_link(state: ApplianceState, rep: Representative) -> str:
    return f"{state.base_url}/api/start_session?id={rep.id}&name={rep.public_name.replace(' ', '%20')}"


def sessions_of(state: ApplianceState, rep: Representative) -> int:
    return sum(1 for one in state.sessions.values() if one.open and one.member(rep.id))


def _set_rep_status(state: ApplianceState, values: Values) -> str:
    state.set_status(whole(values, "rep_id") or 0, values["code_name"])
    return "Successfully set status"


def _support_teams(state: ApplianceState, values: Values) -> etree._Element:
    root = element("support_teams")
    members = flag(values, "showmembers")
    for team in state.teams.values():
        one = add(root, "support_team", id=str(team.id))
        add(one, "name", team.name)
        issues = add(one, "issues")
        for issue in team.issues:
            add(add(issues, "issue", id=str(issue.id)), "title", issue.title)
        waiting = [s for s in state.sessions.values() if s.open and s.queue.kind == "team" and s.queue.id == team.id]
        add(one, "support_session_count", str(len(waiting)))
        if members:
            _add_members(add(one, "members"), [state.representatives[rep_id] for rep_id in team.members])
    return root


def _add_members(parent: etree._Element, members: list[Representative]) -> None:
    for rep in members:
        add_all(
            add(parent, "representative", id=str(rep.id)),
            username=rep.username,
            display_name=rep.public_name,
            public_display_name=rep.public_name,
            private_display_name=rep.private_name,
        )


ACTIONS: dict[str, Action] = {
    "get_logged_in_reps": action(_logged_in_reps, "logged_in_reps"),
    "set_rep_status": action(_set_rep_status, needs="rep_id code_name"),
    "get_support_teams": action(_support_teams, "support_teams", takes="showmembers"),
}
