from __future__ import annotations

from tests.contract.accounts import AccountContract


class TestRemotePc(AccountContract):
    pass
