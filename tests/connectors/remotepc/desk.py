"""The sandbox's RemotePC as a desk for the contract and for the whole bridge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from connectors.platforms.remotepc import RemotePc
from sandbox.faults import Faults
from sandbox.remotepc import RemotePcState, create_remotepc
from sandbox.settings import RemotePcSettings
from tests.contract.accounts import AccountDesk
from tests.contract.served import served


class RemotePcDesk(AccountDesk):
    kind = "remotepc"

    def __init__(self, url: str, faults: Faults, client: httpx.Client, state: RemotePcState) -> None:
        super().__init__(url, faults, client)
        self.state = state

    @property
    def settings(self) -> RemotePcSettings:
        return self.state.settings

    def keys(self) -> dict[str, object]:
        return {"api_key": self.settings.api_key}

    def wrong_keys(self) -> dict[str, object]:
        return {"api_key": "not-the-key-of-this-account"}

    def letters(self, email: str) -> int:
        return sum(letter.to == email for letter in self.state.letters)

    def built(self) -> RemotePc:
        made = self.provider()
        assert isinstance(made, RemotePc)
        return made


@contextmanager
def opened(client: httpx.Client) -> Iterator[RemotePcDesk]:
    """The desk of a reseller account of its own, until the block ends."""
    state = RemotePcState(RemotePcSettings())
    with served(create_remotepc(state.settings, state)) as running:
        yield RemotePcDesk(running.url, running.faults, client, state)
