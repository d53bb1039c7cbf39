"""A fresh made-up help desk for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.generic.desk import GenericDesk


@pytest.fixture
def desk() -> Iterator[GenericDesk]:
    with GenericDesk() as opened:
        yield opened
