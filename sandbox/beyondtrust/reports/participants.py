"""Who took part in a session, as every report about it tells.

Source: Remote Support 23.2 API guide, chapter SupportSession.
"""

from __future__ import annotations

from lxml import etree

from sandbox.beyondtrust.api.answers import add, add_all
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import ApplianceSession, Member

PUBLIC_SITE = "Default"


def add_people(root: etree._Element, state: ApplianceState, session: ApplianceSession) -> None:
    """Who took part: the first customer, the last owner and team, and the lists of all of them."""
    if not state.settings.sparse:
        add(root, "primary_customer", session.customer_name, gsnumber=str(session.customer_gsnumber))
    if session.primary is not None and not state.settings.sparse:
        rep = session.primary.rep
        add(root, "primary_rep", rep.private_name, gsnumber=str(session.primary.gsnumber), id=str(rep.id))
    if session.team_ids and not state.settings.sparse:
        add(root, "primary_team", state.teams[session.team_ids[-1]].name, id=str(session.team_ids[-1]))
    _add_customer(add(root, "customer_list"), state, session)
    reps = add(root, "rep_list")
    for member in session.members:
        _add_member(reps, state, session, member)
    teams = add(root, "team_list")
    for team_id in session.team_ids:
        last = str(int(team_id == session.team_ids[-1]))
        add(teams, "team", state.teams[team_id].name, id=str(team_id), primary_team=last)


def _add_customer(parent: etree._Element, state: ApplianceState, session: ApplianceSession) -> None:
    sparse = state.settings.sparse
    one = add(parent, "customer", gsnumber=str(session.customer_gsnumber))
    add_all(
        one,
        username=session.customer_name,
        public_ip=session.public_ip,
        private_ip="Unknown" if sparse else session.private_ip,
        hostname=session.hostname,
        os="Unknown" if sparse else session.os,
        primary_cust="1",
    )
    add_all(
        add(one, "info"),
        name=session.customer_name,
        company=session.company,
        company_code=session.company_code,
        issue=str(session.issue_id) if session.issue_id else "",
        details=session.details,
    )


def _add_member(parent: etree._Element, state: ApplianceState, session: ApplianceSession, member: Member) -> None:
    rep = member.rep
    one = add(parent, "representative", gsnumber=str(member.gsnumber), id=str(rep.id))
    add_all(
        one,
        username=rep.username,
        display_name=rep.private_name,
        public_display_name=rep.public_name,
        private_display_name=rep.private_name,
        display_number=str(100 + rep.id),
        public_ip=rep.public_ip,
        private_ip=rep.private_ip,
    )
    if not state.settings.sparse:
        add(one, "hostname", rep.hostname)
    add_all(
        one,
        os=rep.os,
        session_owner=str(int(member.owner)),
        primary_rep=str(int(member is session.primary)),
        seconds_involved=str(member.seconds_involved(state.clock.now())),
    )
    if member.invited:
        add(one, "invited", "1")
