"""Which sessions there were, and what their customers answered: the second way in beside the posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from bridge.errors import Rejected, Unreadable
from bridge.model import Session, SessionSummary, Survey
from connectors.contract import ConnectionConfig, Vault
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.reports.conversation import Reports, Wanted
from connectors.platforms.rescue.reports.sessions import Labels, custom_labels, sessions_of, surveys_of
from connectors.platforms.rescue.reports.tables import Area
from connectors.platforms.rescue.words import NodeType

ROOT = "root-node"
ROOT_SECONDS = 86_400.0


def summaries(
    reports: Reports, labels: Labels, node: Callable[[], str], since: datetime, until: datetime
) -> Iterator[SessionSummary]:
    """The sessions that began in that time, and those whose customers answered in it: two reports.

    Raises Unreadable at the end for rows of a text report that cannot be taken apart.
    """
    root = node()
    began = reports.ask(Wanted(Area.SESSION, since, until, root))
    for session in sessions_of(began, labels):
        yield SessionSummary(session.id, session.reference, session.started_at, ended=session.ended, told=session)
    answered = reports.ask(Wanted(Area.CUSTOMER_SURVEY, since, until, root))
    for session_id, survey in surveys_of(answered, labels, custom_labels(began, labels)):
        yield _surveyed(session_id, survey)
    lost = began.unreadable + answered.unreadable
    if lost:
        raise Unreadable(
            f"{lost} rows of reports from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} cannot be taken apart: a "
            f"delimiter or a line feed stands in a name; what could be read was brought",
            code="unreadable",
        )


def _surveyed(session_id: str, survey: Survey) -> SessionSummary:
    """Whoever was asked what they think of it has seen its end."""
    told = Session(session_id, surveys=(survey,), surveyed_by=frozenset({survey.by}), ended=True)
    return SessionSummary(session_id, ended=True, surveyed_by=frozenset({survey.by}), told=told)


def node_of(config: ConnectionConfig, administration: Administration, vault: Vault) -> str:
    """Whose sessions are reported: what the connection says, else the node that the whole account hangs from.

    That is asked for once a day. Raises Rejected when the hierarchy shows none.
    """
    kept = config.keys["report_node"] or vault.get(ROOT)
    if not kept:
        kept = next((node.id for node in administration.hierarchy() if node.type is NodeType.ROOT), "")
        if not kept:
            raise Rejected("the hierarchy shows no root: set report_node of the connection", code="root")
        vault.put(ROOT, kept, seconds=ROOT_SECONDS)
    return str(kept)
