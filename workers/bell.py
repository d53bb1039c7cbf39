"""The doorbell: a job in RQ that says there is work. Losing it costs a second, never a delivery.

One queue only, because RQ dequeues safely only then; JSON, because pickle runs what is forged in Redis; no
retries on the client, because a lost reply would enqueue twice (see docs/decisions).
"""

from __future__ import annotations

import threading
from typing import Any

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

log = structlog.get_logger(__name__)

QUEUE = "deskbridge"
JOB = "workers.jobs.ring"
PENDING_ENOUGH = 3
"""With so many rings waiting, another one tells nobody anything new."""
PAUSE_SECONDS = 0.02
RING_TTL = 60


def connect(url: str, *, reply_seconds: float | None = 2.0) -> Redis:
    """A Redis client. `rediss://` works with a platform's self-signed certificate.

    `reply_seconds` bounds each command; a listener that blocks for its queue waits without bound (None).
    """
    options: dict[str, Any] = {"ssl_cert_reqs": None} if url.startswith("rediss://") else {}
    return Redis.from_url(
        url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=2, socket_timeout=reply_seconds, **options
    )


def queue(redis: Redis) -> Queue:
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


class Bell:
    """Rings for the workers. Without a Redis nobody hears it, and the clock works by itself."""

    def __init__(self, url: str | None) -> None:
        self._redis = connect(url) if url else None

    def ring(self) -> bool:
        """Enqueue a ring unless enough are waiting. False when nobody could hear it."""
        if self._redis is None:
            return False
        try:
            waiting = queue(self._redis)
            if waiting.count < PENDING_ENOUGH:
                waiting.enqueue_call(JOB, result_ttl=0, failure_ttl=RING_TTL, ttl=RING_TTL)
        except RedisError as error:
            log.warning("redis away", reason=type(error).__name__)
            return False
        return True

    def answers(self) -> bool:
        """Whether the Redis is there."""
        try:
            return self._redis is not None and bool(self._redis.ping())
        except RedisError:
            return False

    def close(self) -> None:
        if self._redis is not None:
            self._redis.close()


class Ringer:
    """Rings outside of requests: many calls of `ring` in a short while become one."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._called = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ringer", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        self._called.set()

    def stop(self) -> None:
        self._stopping.set()
        self._called.set()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            self._called.wait()
            if self._stopping.is_set():
                return
            self._called.clear()
            self._bell.ring()
            self._stopping.wait(PAUSE_SECONDS)
