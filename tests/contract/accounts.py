"""The contract of account providers: inherited by each one's tests, which bring a pretend vendor."""

from __future__ import annotations

from abc import ABC, abstractmethod

import httpx
import pytest

from bridge.accounts import AccountRequest, Standing
from bridge.errors import AccessDenied, ConnectorError, RateLimited, Rejected, Unavailable, UnknownOutcome
from connectors import registry
from connectors.contract import AccountProvider, Capability, ConnectionConfig, Role, Workshop
from connectors.http import Transport
from sandbox.faults import Faults
from tests.contract.workshop import MemoryVault

PASSWORD = "Made-up-pass-1"
SOMEBODY = AccountRequest("customer@example.com", 2, "Customer", "One")


class AccountDesk(ABC):
    """A pretend provider over real HTTP."""

    kind: str

    def __init__(self, url: str, faults: Faults, client: httpx.Client) -> None:
        self.url = url
        self.faults = faults
        self._client = client

    @abstractmethod
    def keys(self) -> dict[str, object]:
        """The connection's own keys, with good credentials."""

    @abstractmethod
    def wrong_keys(self) -> dict[str, object]: ...

    @abstractmethod
    def letters(self, email: str) -> int:
        """How many letters the provider sent to that address."""

    def provider(self, keys: dict[str, object] | None = None) -> AccountProvider:
        kind = registry.kind(self.kind)
        config = ConnectionConfig("accounts", self.kind, self.url, (), kind.schema().load(keys or self.keys()))
        transport = Transport("accounts", self.url, client=self._client)
        built: AccountProvider = kind.build(config, Workshop(transport, MemoryVault()))
        return built

    def secrets(self) -> list[str]:
        return [str(self.keys()[name]) for name in registry.kind(self.kind).secret_keys if name in self.keys()]


class AccountContract:
    """What every account provider keeps."""

    def test_it_is_an_account_provider(self, desk: AccountDesk) -> None:
        kind = registry.kind(desk.kind)
        assert kind.role is Role.ACCOUNTS
        assert kind.capabilities >= {Capability.LIST_USERS, Capability.INVITE_USER} or Capability.ADD_USER in (
            kind.capabilities
        )
        assert desk.provider().capabilities == kind.capabilities

    def test_somebody_is_invited_once(self, desk: AccountDesk) -> None:
        provider = desk.provider()
        assert provider.invite_user(SOMEBODY) is Standing.INVITED
        assert provider.invite_user(SOMEBODY) in (Standing.ALREADY_INVITED, Standing.EXISTS)
        assert desk.letters(SOMEBODY.email) == 1

    def test_somebody_is_added_once_and_listed(self, desk: AccountDesk) -> None:
        provider = desk.provider()
        assert provider.add_user(SOMEBODY, PASSWORD) is Standing.ADDED
        assert provider.add_user(SOMEBODY, PASSWORD) is Standing.EXISTS
        [user] = provider.users()
        assert (user.email, user.computers_allotted, user.computers_used) == (SOMEBODY.email, 2, 0)
        assert desk.letters(SOMEBODY.email) == 1

    def test_a_user_is_not_invited(self, desk: AccountDesk) -> None:
        provider = desk.provider()
        provider.add_user(SOMEBODY, PASSWORD)
        assert provider.invite_user(SOMEBODY) is Standing.EXISTS

    def test_an_address_that_is_none_is_refused(self, desk: AccountDesk) -> None:
        with pytest.raises(Rejected) as caught:
            desk.provider().add_user(AccountRequest("nobody", 1, "Customer", "One"), PASSWORD)
        assert "e-mail" in str(caught.value)
        assert "nobody" not in str(caught.value)

    def test_wrong_credentials_stop_the_connection(self, desk: AccountDesk) -> None:
        with pytest.raises(AccessDenied):
            desk.provider(desk.wrong_keys()).probe()

    def test_the_probe_is_one_line_without_secrets(self, desk: AccountDesk) -> None:
        said = desk.provider().probe()
        assert said
        assert "\n" not in said
        assert not [secret for secret in desk.secrets() if secret in said]

    @pytest.mark.parametrize("write", ["invite", "add"])
    def test_a_write_that_was_cut_off_may_have_been_done(self, desk: AccountDesk, write: str) -> None:
        desk.faults.cut_after()
        with pytest.raises(UnknownOutcome):
            _write(desk.provider(), write)

    @pytest.mark.parametrize("write", ["invite", "add"])
    def test_a_server_error_settles_nothing_for_a_write(self, desk: AccountDesk, write: str) -> None:
        desk.faults.fail(status=502)
        with pytest.raises(UnknownOutcome):
            _write(desk.provider(), write)

    def test_a_list_that_failed_may_be_asked_for_again(self, desk: AccountDesk) -> None:
        desk.faults.fail(status=503)
        with pytest.raises(Unavailable) as caught:
            desk.provider().users()
        assert not isinstance(caught.value, UnknownOutcome)

    def test_too_many_calls_wait(self, desk: AccountDesk) -> None:
        desk.faults.fail(status=429, retry_after=7)
        with pytest.raises(RateLimited) as caught:
            desk.provider().users()
        assert caught.value.retry_after == 7

    def test_garbage_settles_nothing(self, desk: AccountDesk) -> None:
        desk.faults.garbage(times=2)
        with pytest.raises(Unavailable):
            desk.provider().users()
        with pytest.raises(UnknownOutcome):
            desk.provider().invite_user(SOMEBODY)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
    def test_no_secret_is_told(self, desk: AccountDesk, status: int) -> None:
        desk.faults.fail(status=status)
        provider = desk.provider()
        with pytest.raises(ConnectorError) as caught:
            provider.add_user(SOMEBODY, PASSWORD)
        told = f"{caught.value!r} {caught.value} {provider!r} {caught.value.__cause__!r}"
        assert not [secret for secret in (*desk.secrets(), PASSWORD, SOMEBODY.email) if secret in told]


def _write(provider: AccountProvider, write: str) -> None:
    if write == "invite":
        provider.invite_user(SOMEBODY)
    else:
        provider.add_user(SOMEBODY, PASSWORD)
