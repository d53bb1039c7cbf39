"""The access token: one for all workers, renewed early, renewed once for all when it is refused."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Barrier, Thread

import httpx
import pytest

from bridge.errors import AccessDenied, RateLimited, Unavailable
from connectors.platforms.beyondtrust.wire.api import Api
from connectors.platforms.beyondtrust.wire.signin import PasswordSignIn, sign_in
from store.database import Database
from store.sealing import Sealer
from store.vault import DatabaseVault
from tests.connectors.beyondtrust.appliance import (
    CLIENT_ID,
    CLIENT_SECRET,
    OLD,
    PASSWORD,
    REFUSED_TOKEN,
    Appliance,
    api,
    bench,
    commands,
)
from tests.contract.workshop import MemoryVault

INFO = "<get_api_info><api_version>1.22.2</api_version></get_api_info>"


@dataclass
class AgeingVault(MemoryVault):
    """Forgets what is older than it may be, by a clock that the test turns."""

    now: float = 0.0
    until: dict[str, float] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        return None if self.now >= self.until.get(name, float("inf")) else super().get(name)

    def put(self, name: str, value: str, *, seconds: float | None = None) -> None:
        super().put(name, value, seconds=seconds)
        self.until[name] = float("inf") if seconds is None else self.now + seconds


def test_the_token_is_asked_for_as_the_guide_says() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return appliance(request)

    appliance = Appliance({"get_api_info": INFO})
    with commands(answer) as given:
        given.get_api_info()
    asked, used = requests
    basic = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    assert (asked.method, asked.url.path, asked.url.query) == ("POST", "/oauth2/token", b"")
    assert asked.headers["authorization"] == f"Basic {basic}"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert used.headers["authorization"] == "Bearer token-1"


def test_one_token_serves_many_requests_and_workers() -> None:
    appliance, vault = Appliance({"get_api_info": INFO}), MemoryVault()
    for _ in range(2):
        with commands(appliance, vault) as given:
            given.get_api_info()
            given.get_api_info()
    assert appliance.tokens == ["token-1"]


@pytest.mark.parametrize("life", [3600, 1799, "1799", 1799.0])
def test_a_token_is_renewed_before_it_runs_out(life: object) -> None:
    appliance, vault = Appliance({"get_api_info": INFO}, life=life), AgeingVault()
    with commands(appliance, vault) as given:
        given.get_api_info()
        vault.now = float(str(life)) - 61
        given.get_api_info()
        assert appliance.tokens == ["token-1"]
        vault.now = float(str(life)) - 59
        given.get_api_info()
    assert appliance.tokens == ["token-1", "token-2"]


@pytest.mark.parametrize(("life", "kept"), [(100, 50.0), (1, 0.5), (None, 600.0), ("soon", 600.0), (-5, 600.0)])
def test_a_short_or_untold_life(life: object, kept: float) -> None:
    vault = MemoryVault()
    with commands(Appliance({"get_api_info": INFO}, life=life), vault) as given:
        given.get_api_info()
    assert list(vault.seconds.values()) == [kept]


@pytest.mark.parametrize("spelled", ["Bearer", "bearer", "BEARER"])
def test_the_kind_of_token_in_any_case(spelled: str) -> None:
    with commands(Appliance({"get_api_info": INFO}, token_type=spelled)) as given:
        assert given.get_api_info().api_version == "1.22.2"


@pytest.mark.parametrize(
    "refusal",
    [
        lambda: httpx.Response(200, json=dict(REFUSED_TOKEN)),
        lambda: httpx.Response(403, json=dict(REFUSED_TOKEN)),
        lambda: httpx.Response(400, json=dict(REFUSED_TOKEN)),
        lambda: httpx.Response(401),
        # As the guide prints it: without commas.
        lambda: httpx.Response(200, text='{\n  "error": "access_denied"\n  "message": "The resource owner"\n}'),
    ],
)
def test_an_evicted_token_is_renewed_once_for_all(refusal: Callable[[], httpx.Response]) -> None:
    appliance, vault = Appliance({"get_api_info": INFO}, refusal=refusal), MemoryVault()
    with commands(appliance, vault) as one, commands(appliance, vault) as other:
        one.get_api_info()
        other.get_api_info()
        appliance.valid = set()
        one.get_api_info()
        other.get_api_info()
    assert appliance.tokens == ["token-1", "token-2"]


def test_a_client_that_comes_late_with_the_refused_token_takes_the_new_one() -> None:
    appliance, vault = Appliance({"get_api_info": INFO}), MemoryVault()
    with bench(appliance, vault) as (config, given):
        one, other = sign_in(config, given), sign_in(config, given)
        refused = one.current().value
        assert one.renew(refused).value == "token-2"
        assert other.renew(refused).value == "token-2"
    assert appliance.tokens == ["token-1", "token-2"]


def test_two_workers_over_the_database_renew_once(database: Database) -> None:
    appliance = Appliance({"get_api_info": INFO})
    with bench(appliance) as (config, given):
        shared = replace(given, vault=DatabaseVault(database, config.name, Sealer(["made-up-secret"])))
        one, other = Api(config, shared), Api(config, shared)
        one.access_token()
        start, seen = Barrier(2), list[str]()

        def refused(client: Api) -> None:
            start.wait(10)
            seen.append(client.access_token(refused="token-1"))

        threads = [Thread(target=refused, args=(client,)) for client in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == ["token-2", "token-2"]
    assert appliance.tokens == ["token-1", "token-2"]


def test_a_token_that_is_refused_again_stops_the_connection() -> None:
    appliance = Appliance({"get_api_info": httpx.Response(401)})
    with commands(appliance) as given, pytest.raises(AccessDenied) as denied:
        given.get_api_info()
    assert appliance.calls == ["get_api_info"] * 2
    assert "token-" not in str(denied.value)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, json={"error": "invalid_client"}),
        httpx.Response(400, json={"error": "invalid_client"}),
        httpx.Response(200, json={"error": "invalid_client"}),
        httpx.Response(404),
    ],
)
def test_a_refused_client_is_the_operators_to_mend(answer: httpx.Response) -> None:
    appliance = Appliance({"/oauth2/token": answer})
    with commands(appliance) as given, pytest.raises(AccessDenied) as denied:
        given.get_api_info()
    assert appliance.asked == []
    assert CLIENT_SECRET not in str(denied.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(500), Unavailable),
        (httpx.Response(429), RateLimited),
        (httpx.Response(200, text="<html>"), Unavailable),
        (httpx.Response(200, json=["token"]), Unavailable),
        (httpx.Response(200, json={"access_token": "with space", "token_type": "Bearer"}), Unavailable),
        (httpx.Response(200, json={"access_token": "t", "token_type": "mac"}), Unavailable),
        (httpx.ConnectError("nobody there"), Unavailable),
    ],
)
def test_what_is_no_token_waits(answer: httpx.Response, error: type[Exception]) -> None:
    vault = MemoryVault()
    with commands(Appliance({"/oauth2/token": answer}), vault) as given, pytest.raises(error):
        given.get_api_info()
    assert vault.kept == {}


def test_another_account_has_another_token() -> None:
    appliance, vault = Appliance({"get_api_info": INFO}), MemoryVault()
    for client_id in ("one", "two"):
        with commands(appliance, vault, client_id=client_id, client_secret=CLIENT_SECRET) as given:
            given.get_api_info()
    assert len(vault.kept) == 2


def test_no_secret_is_shown() -> None:
    with bench(Appliance()) as (config, given), bench(Appliance(), **OLD) as (old, _):
        way = sign_in(config, given)
        shown = repr((way, way.current(), sign_in(old, given), sign_in(old, given).current()))
    assert CLIENT_SECRET not in shown
    assert PASSWORD not in shown
    assert "token-1" not in shown


def test_a_password_cannot_be_renewed() -> None:
    with pytest.raises(AccessDenied):
        PasswordSignIn("bridge", PASSWORD).renew(PASSWORD)


def test_the_token_can_be_had_for_the_web_socket() -> None:
    with api(Appliance()) as given:
        assert given.access_token() == "token-1"
        assert given.access_token(refused="token-1") == "token-2"
