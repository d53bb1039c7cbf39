"""Freshservice's desk, which is the other dialect of the same fake."""

from tests.connectors.freshdesk.conftest import freshservice

__all__ = ["freshservice"]
