"""Several workers with one Rescue user: threads and processes, one real database, the simulated Rescue over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import pytest

from bridge.errors import RateLimited
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport, new_client
from connectors.platforms.rescue import Rescue, signin
from connectors.platforms.rescue.identity import TOKEN_PATH, Identity
from connectors.platforms.rescue.schema import KeysSchema
from sandbox.rescue.tree import ROOT_NODE_ID
from sandbox.serve import Sandbox
from store.database import Database
from store.sealing import Sealer
from store.vault import DatabaseVault
from tests.connectors.rescue.signed_worker import SECRET, work
from tests.harness import until
from tests.whole import month
from workers.turns import Turns

ROOT = Path(__file__).parents[3]
THREADS, PROCESSES, ENDINGS = 4, 2, 3
REPORT_SECONDS = 0.1


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def person(sandbox: Sandbox) -> dict[str, str]:
    account = sandbox.settings.rescue
    return {"email": account.email, "password": account.password}


def single_sign_on(sandbox: Sandbox) -> dict[str, str]:
    account = sandbox.settings.rescue
    return {
        "auth": "sso",
        "sso_id": account.sso_id,
        "sso_password": account.sso_password,
        "company_id": account.company_id,
    }


def asked(sandbox: Sandbox, call: str) -> int:
    return sum(seen.path == f"/API/{call}.aspx" for seen in sandbox.faults.rescue.requests())


def _some_more_work(sandbox: Sandbox) -> None:
    """Wait until the workers have asked a hundred times more."""
    enough = asked(sandbox, "getAccount") + 100
    until(lambda: asked(sandbox, "getAccount") > enough, 60)


class Workers:
    """Threads and processes that put one question, all at once, until they are told to stop; ended with the block."""

    def __init__(
        self,
        url: str,
        base_url: str,
        keys: Mapping[str, object],
        question: str = "account",
        *,
        threads: int = THREADS,
        processes: int = PROCESSES,
    ) -> None:
        self._database = Database(url, pool_size=threads)
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(threads)
        self._begun = [threading.Event() for _ in range(threads)]
        asked = (self._database, base_url, keys, self._ended)
        self._threads = [self._pool.submit(work, *asked, one.set, question) for one in self._begun]
        module = "tests.connectors.rescue.signed_worker"
        command = [sys.executable, "-m", module, url, base_url, json.dumps(keys), question]
        self._processes = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(processes)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._pool.shutdown()
        self._database.close()
        for process in self._processes:
            process.kill()
            process.communicate()

    def begun(self) -> None:
        """Wait until each has had an answer."""
        assert all(one.wait(60) for one in self._begun)
        assert all(process.stdout and process.stdout.readline() for process in self._processes)

    def stop(self) -> list[Counter[str]]:
        """What came of each worker's questions."""
        self._ended.set()
        came = [thread.result(60) for thread in self._threads]
        return came + [Counter(json.loads(process.communicate(timeout=60)[0])) for process in self._processes]


@pytest.mark.parametrize("way", ["authcode", "sso"])
def test_one_authcode_for_all_workers_also_when_somebody_kills_it(
    database: Database, database_url: str, sandbox: Sandbox, way: str
) -> None:
    keys = single_sign_on(sandbox) if way == "sso" else {"authcode": "an-older-authcode", **person(sandbox)}
    call = "requestAuthCodeSSO" if way == "sso" else "requestAuthCode"
    with Workers(database_url, sandbox.rescue_url, keys) as workers:
        workers.begun()
        assert asked(sandbox, call) == 1
        sandbox.rescue.accounts.end_authcode()
        until(lambda: asked(sandbox, call) == 2, 60)
        _some_more_work(sandbox)
        came = workers.stop()
    assert asked(sandbox, call) == 2
    assert len(came) == THREADS + PROCESSES
    assert [dict(one) for one in came if not one["answered"] or set(one) - {"answered", "throttled"}] == []


def test_one_refresh_token_for_all_workers(database: Database, database_url: str, sandbox: Sandbox) -> None:
    """The vendor ends the access token again and again; each refresh token works once only."""
    account = sandbox.settings.rescue
    redirect = account.redirect_uris[0]
    keys = {"auth": "oauth", "client_id": account.public_client_id, "redirect_uri": redirect}
    service = sandbox.rescue.accounts.identity
    config = ConnectionConfig("rescue", "rescue", sandbox.rescue_url, (), KeysSchema().load(keys))
    vault = DatabaseVault(database, "rescue", Sealer([SECRET]))
    with new_client() as client:
        identity = Identity(config, Workshop(Transport("rescue", sandbox.rescue_url, client=client), vault))
        asked_for = service.asked({"client_id": "12", "redirect_uri": redirect, "state": "s"})
        identity.authorized(service.code(asked_for, sandbox.rescue.owner), "")
    with Workers(database_url, sandbox.rescue_url, keys) as workers:
        workers.begun()
        for _ in range(ENDINGS):
            _some_more_work(sandbox)
            with sandbox.rescue.lock:
                sandbox.rescue.accounts.log_everybody_out()
        _some_more_work(sandbox)
        came = workers.stop()
    pages = [seen.status for seen in sandbox.faults.rescue.requests() if seen.path == TOKEN_PATH]
    # The exchange of the code, the first token, and one for each ending: nobody came with a token that was used up.
    assert pages == [200] * (2 + ENDINGS)
    # A worker whose token ends twice during one call says so.
    told = {"answered", "AccessDenied NOTLOGGEDIN"}
    assert [dict(one) for one in came if not one["answered"] or set(one) - told] == []


def test_no_worker_ever_sees_the_limit_of_logins(database: Database, sandbox: Sandbox) -> None:
    """Two workers log in as often as they may for an hour, while every login dies at once."""
    keys = KeysSchema().load({"auth": "login", **person(sandbox)})
    config = ConnectionConfig("rescue", "rescue", sandbox.rescue_url, (), keys)
    ahead, came = [0.0], Counter[str]()

    def clock() -> float:
        return sandbox.clock.now().timestamp()

    turns = [Turns(config, database, clock) for _ in range(2)]
    with new_client() as client:
        connectors = [
            Rescue(
                config,
                Workshop(
                    Transport("rescue", config.base_url, client=client, throttle=one.throttle, hold=one.hold),
                    DatabaseVault(database, "rescue", Sealer([SECRET]), clock),
                ),
            )
            for one in turns
        ]
        for turn in range(300):
            try:
                connectors[turn % 2].probe()
                came["answered"] += 1
            except RateLimited as limited:
                came[limited.code] += 1
                step = max(limited.retry_after or 0.0, 0.01)
                ahead[0] += step
                sandbox.clock.advance(step)
            sandbox.rescue.accounts.log_everybody_out()
    assert set(came) == {"answered", "throttled"}
    assert asked(sandbox, "login") == came["answered"]
    # At nine in three minutes; of the last answer a login may be younger.
    assert ahead[0] / 45 <= came["answered"] <= 9 + ahead[0] / 20


def workshop_of(sandbox: Sandbox, database: Database, keys: dict[str, Any], client: Any) -> tuple[Any, Workshop]:
    config = ConnectionConfig("rescue", "rescue", sandbox.rescue_url, (), KeysSchema().load(keys))
    turns = Turns(config, database, lambda: sandbox.clock.now().timestamp())
    transport = Transport("rescue", config.base_url, client=client, throttle=turns.throttle, hold=turns.hold)
    return config, Workshop(transport, DatabaseVault(database, "rescue", Sealer([SECRET])))


def test_when_somebody_else_used_the_logins_up_all_workers_wait_three_minutes(
    database: Database, sandbox: Sandbox
) -> None:
    account = person(sandbox)
    with sandbox.rescue.lock:
        for _ in range(10):
            sandbox.rescue.accounts.login(account["email"], account["password"])
    with new_client() as client:
        config, workshop = workshop_of(sandbox, database, {"auth": "login", **account}, client)
        with pytest.raises(RateLimited) as limited:
            Rescue(config, workshop).probe()
        assert limited.value.code == "LIMITREACHED"
        with pytest.raises(RateLimited) as waiting:
            Rescue(config, workshop).probe()
        assert waiting.value.code == "throttled"
        assert 170 < (waiting.value.retry_after or 0) <= 180
        assert asked(sandbox, "login") == 1
        sandbox.clock.advance(181)
        Rescue(config, workshop).probe()


def test_each_purpose_has_a_login_of_its_own_which_its_workers_share(database: Database, sandbox: Sandbox) -> None:
    keys = {"authcode": sandbox.settings.rescue.authcode, **person(sandbox)}
    with new_client() as client:
        given = workshop_of(sandbox, database, keys, client)
        cookies = [signin.by_login(*given, purpose).current().value for purpose in ("", "reports") * 3]
        signed_in = workshop_of(sandbox, database, {"auth": "login", **person(sandbox)}, client)
        assert signin.sign_in(*signed_in).current().value == cookies[0]
    assert len(set(cookies)) == 2
    assert asked(sandbox, "login") == 2


@pytest.mark.parametrize("way", ["login", "authcode"])
def test_reports_of_many_workers_are_never_interleaved_and_keep_the_pace(
    database: Database, database_url: str, sandbox: Sandbox, way: str
) -> None:
    rescue = sandbox.rescue
    rescue.settings.report_interval_seconds = REPORT_SECONDS * 0.9
    signed = person(sandbox) if way == "login" else {"authcode": rescue.settings.authcode}
    keys = {"auth": way, "report_seconds": REPORT_SECONDS, "report_node": str(ROOT_NODE_ID), **signed}
    with Workers(database_url, sandbox.rescue_url, keys, "reports", threads=2, processes=1) as workers:
        workers.begun()
        came = workers.stop()
    calls = rescue.calls.all()
    talks = month.conversations(calls)[:-1]
    assert len(came) == 3
    assert [dict(one) for one in came if not one["answered"] or set(one) - {"answered"}] == [], (
        "nobody was refused, or sent away"
    )
    assert {len({call.caller for call in talk}) for talk in talks} == {1}
    assert {tuple(call.method for call in talk) for talk in talks} == {(*month.SETTERS, "getreport")}
    assert month.shortest_pause(calls) >= REPORT_SECONDS * 0.9
    assert len(rescue.calls.all("login")) == (1 if way == "login" else 0), "one login session for all conversations"
