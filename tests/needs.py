"""Real parts that a machine may lack: tests without them are skipped and say so, but never where all must be there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

COMPLETE = "DESKBRIDGE_TESTS_COMPLETE"
"""Set where nothing may be missing, as in CI: what is lacking then fails."""


def lacking(what: str) -> NoReturn:
    """This test needs something that is not installed."""
    if os.environ.get(COMPLETE):
        pytest.fail(what)
    pytest.skip(what)
