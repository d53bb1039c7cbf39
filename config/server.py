"""The web server: Granian over WSGI, bound, sized and stopped as a Heroku-style platform wants it.

What trying Granian 2.8.7 showed:
- `::` takes IPv4 too (the peer is then `::ffff:a.b.c.d`).
- After SIGTERM the port closes at once, every accepted request is answered, also those still waiting for a
  thread, and the exit code is 0. Requests not yet accepted are reset.
- A worker that is told to end a third time never ends and answers nobody. Platforms send SIGTERM to all
  processes, perhaps twice, and the main process passes it on: hence `_only_first_signal`.
- `backpressure` counts connections, idle keep-alive ones too: a small number locks everybody out.
- `header_read_timeout` closes idle connections as well. Nothing ends a body that never comes: a slow sender
  holds a thread until it leaves.
- A worker that dies is replaced at once; one that dies again within 5.5 s ends the server with exit code 1.
- The WSGI environment holds the whole process environment, secrets included: never log or report it.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from functools import partial
from importlib import import_module
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from config import logs
from config.settings import Settings

TARGET = "app:create_app"
LOOPBACK = "127.0.0.1"
END_SIGNALS = (signal.SIGTERM, signal.SIGINT)
BLOCKING_THREADS = 64
"""Requests at work at the same time in each worker: receiving waits for the commit, which many share."""
BACKPRESSURE = 1024
"""Connections accepted at the same time by each worker."""
SHUTDOWN_SECONDS = 20
"""Then workers are killed: the platform kills everything after 30 s."""
ORPHAN_SECONDS = 1.0
IDLE_MILLISECONDS = 100_000
"""Longer than the 90 s for which Heroku keeps an idle connection (devcenter.heroku.com/articles/http-routing), so
that no delivery is sent into one that is just closing."""


def bind_address(settings: Settings) -> str:
    """This machine only, unless the platform gave a port: then every address, IPv6 where there is one."""
    if not settings.port_given:
        return LOOPBACK
    return "::" if _has_dual_stack() else "0.0.0.0"  # noqa: S104  # the platform's router must reach us


def granian_options(settings: Settings, *, host: str | None = None) -> dict[str, Any]:
    """The keyword arguments of `granian.Granian`; `host` overrules the address to bind."""
    return {
        "address": host or bind_address(settings),
        "port": settings.port,
        "interface": Interfaces.WSGI,
        "http": HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=IDLE_MILLISECONDS),
        "websockets": False,
        "workers": settings.web_concurrency,
        "blocking_threads": BLOCKING_THREADS,
        "backpressure": BACKPRESSURE,
        "workers_kill_timeout": SHUTDOWN_SECONDS,
        "respawn_failed_workers": True,
        "log_access": False,
        "log_level": LogLevels(settings.log_level.lower()),
        # Its own lines go where all others go.
        "log_dictconfig": {
            "filters": {"ours": {"()": f"{__name__}.NotAboutThreads"}},
            "loggers": {"_granian": {"propagate": True, "filters": ["ours"]}},
        },
    }


class NotAboutThreads(logging.Filter):
    """Drops the advice to use fewer threads: ours mostly wait for a commit that they share, and nobody can set them."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "threads" not in record.getMessage()


def serve(settings: Settings, *, target: str = TARGET, host: str | None = None) -> None:
    """Serve the WSGI factory `module:function` until SIGTERM or SIGINT. Call it once, in the main thread.

    Raises SystemExit(1) when the workers keep dying.
    """
    logs.configure(settings)
    # A worker is born with its signals held back, so that none is lost before `_only_first_signal` waits for it.
    os.register_at_fork(before=partial(_hold_signals, True), after_in_parent=partial(_hold_signals, False))
    Granian(target, **granian_options(settings, host=host)).serve(target_loader=_load)


def _has_dual_stack() -> bool:
    if not socket.has_dualstack_ipv6():
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


def _hold_signals(hold: bool) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK if hold else signal.SIG_UNBLOCK, END_SIGNALS)


def _load(target: str) -> Any:
    """The application, made in a worker process before Granian sets its signal handlers there."""
    _only_first_signal()
    _end_with(os.getppid())
    module, _, factory = target.partition(":")
    return getattr(import_module(module), factory)()


def _end_with(parent: int) -> None:
    """End this worker when the main process was killed: it would keep the port and serve old code for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ORPHAN_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="orphan", daemon=True).start()


def _only_first_signal() -> None:
    """Pass the first SIGTERM or SIGINT on to Granian's handler, once it is there, and no other."""
    inherited = {number: signal.getsignal(number) for number in END_SIGNALS}
    # All threads to come inherit the mask, so that only `sigwait` sees the signals.
    _hold_signals(True)

    def wait() -> None:
        number = signal.Signals(signal.sigwait(END_SIGNALS))
        while signal.getsignal(number) == inherited[number]:
            time.sleep(0.02)
        handler = signal.getsignal(number)
        if callable(handler):
            handler(number, None)

    threading.Thread(target=wait, name="first-signal", daemon=True).start()
