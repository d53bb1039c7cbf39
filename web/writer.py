"""Group commit: requests that come at the same time share one durable transaction, and each waits for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from store import inbox
from store.database import Database, DatabaseAway
from store.inbox import NewDelivery, Receipt

MOST_AT_ONCE = 256
WAIT_SECONDS = 15.0


class CannotStore(Exception):
    """The delivery is not in the database: the sender must send it again."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    new: Sequence[NewDelivery]
    receipts: Future[list[Receipt]] = field(default_factory=Future)


class InboxWriter:
    """One thread that stores deliveries. An acknowledged one is committed; a failed one was told so."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()

    def store(self, new: Sequence[NewDelivery]) -> list[Receipt]:
        """Store them, all or none, and return when they are durable. Raises CannotStore."""
        waiting = _Waiting(new)
        self._queue.put(waiting)
        try:
            return waiting.receipts.result(WAIT_SECONDS)
        except (*DatabaseAway, TimeoutError) as error:
            raise CannotStore(type(error).__name__) from error

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join(WAIT_SECONDS)

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            stopping = False
            while len(batch) < MOST_AT_ONCE and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    stopping = True
                    break
                batch.append(following)
            self._store(batch)
            if stopping:
                return

    def _store(self, batch: list[_Waiting]) -> None:
        try:
            with self._database.write() as connection:
                receipts = iter(inbox.store_many(connection, [new for waiting in batch for new in waiting.new]))
        except Exception as error:  # noqa: BLE001 - every caller must hear of it, whatever it is
            for waiting in batch:
                waiting.receipts.set_exception(error)
            return
        for waiting in batch:
            waiting.receipts.set_result([next(receipts) for _ in waiting.new])
