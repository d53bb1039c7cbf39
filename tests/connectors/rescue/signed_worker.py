"""One worker process that shares a Rescue user with others: `python -m … DATABASE_URL BASE_URL KEYS_AS_JSON QUESTION`.

It says so when the first answer came, asks for the account, or for the reports of the last day, until its standard
input ends, and prints in JSON how often it was answered, and what else came.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

from bridge.errors import ConnectorError, RateLimited
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Transport, new_client
from connectors.platforms.rescue import Rescue
from connectors.platforms.rescue.schema import KeysSchema
from store.database import Database
from store.sealing import Sealer
from store.vault import DatabaseVault
from workers.turns import Turns, patiently

SECRET = "made-up-secret-of-at-least-32-characters"


QUESTIONS: Mapping[str, Callable[[Rescue], object]] = {
    "account": lambda connector: connector.probe(),
    "reports": lambda connector: list(connector.sessions_since(datetime.now(UTC) - timedelta(days=1))),
}


def work(
    database: Database,
    base_url: str,
    keys: Mapping[str, object],
    ended: threading.Event,
    begun: Callable[[], object],
    question: str = "account",
) -> Counter[str]:
    """What came of the questions that one connector put, one after the other; `begun` is called at the first answer."""
    config = ConnectionConfig("rescue", "rescue", base_url, (), KeysSchema().load(keys))
    turns, came = Turns(config, database, time.time), Counter[str]()
    with new_client() as client:
        transport = Transport("rescue", base_url, client=client, throttle=turns.throttle, hold=turns.hold)
        connector = Rescue(config, Workshop(transport, DatabaseVault(database, "rescue", Sealer([SECRET]))))
        while not ended.is_set():
            try:
                with patiently() if question == "reports" else nullcontext():
                    QUESTIONS[question](connector)
                came["answered"] += 1
                if came["answered"] == 1:
                    begun()
            except RateLimited as limited:
                came[limited.code] += 1
                ended.wait(min(limited.retry_after or 0.1, 0.1))
            except ConnectorError as error:
                came[f"{type(error).__name__} {error.code}"] += 1
    return came


def main() -> None:
    database = Database(sys.argv[1])
    ended = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(ended,), daemon=True).start()
    came = work(database, sys.argv[2], json.loads(sys.argv[3]), ended, _begun, sys.argv[4])
    database.close()
    sys.stdout.write(json.dumps(came))


def _begun() -> None:
    sys.stdout.write("begun\n")
    sys.stdout.flush()


def _wait_for_the_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    main()
