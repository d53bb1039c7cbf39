"""Freshservice's desk, which is the other dialect of the same fake."""

from tests.connectors.freshdesk.conftest import client, freshservice

__all__ = ["client", "freshservice"]
