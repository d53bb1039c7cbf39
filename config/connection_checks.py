"""What connections are to each other: none of them is wrong alone."""

from __future__ import annotations

from collections.abc import Mapping

from config.problems import Severity
from config.report import Report
from connectors import registry
from connectors.contract import ConnectionConfig


def check_users(connections: Mapping[str, ConnectionConfig], report: Report) -> None:
    """Warn of connections that sign in at one system as one user."""
    first: dict[tuple[str, str, str], str] = {}
    for name, config in connections.items():
        user_of = registry.kind(config.kind).user_of
        user = user_of(config) if user_of else ""
        if not user:
            continue
        other = first.setdefault((config.kind, config.base_url, user), name)
        if other != name:
            report.add(
                ("connections", name),
                f"signs in as the same user as connections.{other}: they end each other's sign-in, or reach its "
                "limits together without knowing of each other",
                "give each a user of its own",
                severity=Severity.WARNING,
            )
