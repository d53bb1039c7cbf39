"""The worker process: RQ listens for the doorbell in the main thread, the drain works beside it."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import structlog
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from workers import jobs
from workers.bell import connect, queue
from workers.drain import Drain
from workers.house import House

log = structlog.get_logger(__name__)

IDLE_SECONDS = 5.0
WITHOUT_REDIS_IDLE_SECONDS = 0.05
"""Nobody rings: a look at two small indexes, twenty times a second."""
RECONNECT_SECONDS = 1.0


def run_worker(house: House) -> None:
    """Work until SIGTERM or SIGINT; then finish what is under way."""
    url = house.settings.redis_url
    idle = IDLE_SECONDS if url else WITHOUT_REDIS_IDLE_SECONDS
    drain = Drain(house, "worker", threads=house.settings.worker_concurrency, idle_seconds=idle)
    jobs.answer(drain)
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    thread = threading.Thread(target=drain.run, name="drain")
    thread.start()
    log.info("worker started", threads=house.settings.worker_concurrency, redis=bool(url))
    try:
        if url:
            _listen(url, stopping)
        else:
            stopping.wait()
    finally:
        drain.stop()
        thread.join()
    log.info("worker stopped")


class Listener(SimpleWorker):
    """RQ's worker, ended by one signal and deaf to more of them: platforms send SIGTERM twice."""

    max_connection_wait_time = 2
    stopping: threading.Event

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ annotates it only in part

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """The drain has its own deadline."""


def _listen(url: str, stopping: threading.Event) -> None:
    """Take rings until stopped. A Redis that goes away is waited for; the drain looks by itself meanwhile."""
    redis = connect(url, reply_seconds=None)
    while not stopping.is_set():
        try:
            listener = Listener([queue(redis)], connection=redis, serializer=JSONSerializer, log_job_description=False)
            listener.stopping = stopping
            listener.work(logging_level="WARNING")
        except RedisError as error:
            log.warning("redis away", reason=type(error).__name__)
        stopping.wait(RECONNECT_SECONDS)
    redis.close()
