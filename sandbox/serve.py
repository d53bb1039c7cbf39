"""Runs the vendors on loopback: on given or free ports, for tests, for the demo, in the foreground."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self
from urllib.parse import quote
from wsgiref.types import WSGIApplication

from flask import Flask, render_template
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.beyondtrust import ApplianceState, Gate, LiveModel, create_appliance
from sandbox.beyondtrust.events import OutboundQueue
from sandbox.clock import Clock
from sandbox.crm import CrmState, create_crm
from sandbox.crm import hooks as crm_hooks
from sandbox.faults import Faults, FaultyApp
from sandbox.helpdesk import HelpdeskState, create_helpdesk
from sandbox.helpdesk import hooks as helpdesk_hooks
from sandbox.pages import add_common_pages
from sandbox.remotepc import RemotePcState, create_remotepc
from sandbox.rescue import RescueState, create_rescue
from sandbox.rescue import posts as rescue_posts
from sandbox.sender import HookSender
from sandbox.settings import SandboxSettings


class _Silent(WSGIRequestHandler):
    """No line per request on stderr; `Faults.seen` remembers them."""

    def log_error(self, format: str, *args: object) -> None:
        """A request that a fault cut in the middle would be quoted here, credentials and all."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


class _Server:
    """One app on its port, with its thread."""

    def __init__(self, host: str, port: int, app: WSGIApplication, name: str) -> None:
        # Bound here, because werkzeug ends the process when a port is taken.
        with socket.create_server((host, port), backlog=128) as bound:
            self._server: BaseWSGIServer = make_server(
                host, port, app, threaded=True, request_handler=_Silent, fd=bound.fileno()
            )
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name=name, daemon=True)
        self.url = f"http://{host}:{self._server.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(timeout=10)
        self._server.server_close()


@dataclass(frozen=True, slots=True)
class AllFaults:
    """The fault switches of each vendor."""

    helpdesk: Faults
    rescue: Faults
    appliance: Faults
    remotepc: Faults
    crm: Faults

    def clear(self) -> None:
        for faults in (self.helpdesk, self.rescue, self.appliance, self.remotepc, self.crm):
            faults.clear()


class Sandbox:
    """The vendors and a front page. Ports are taken at once, requests are answered from `start` on."""

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self.clock = Clock()
        self.helpdesk = HelpdeskState(self.settings.helpdesk, self.clock)
        self.rescue = RescueState(self.settings.rescue, self.clock)
        self.appliance = ApplianceState(self.settings.appliance, self.clock)
        self.remotepc = RemotePcState(self.settings.remotepc, self.clock)
        self.crm = CrmState(self.settings.crm, self.clock)
        self.appliance_gate = Gate(self.appliance)
        self.appliance_live = LiveModel(self.appliance)
        self.faults = AllFaults(*(Faults() for _ in range(5)))
        self.helpdesk_hooks = HookSender("helpdesk", lambda: helpdesk_hooks.policy(self.helpdesk))
        self.rescue_hooks = HookSender("rescue", lambda: rescue_posts.policy(self.rescue))
        helpdesk_hooks.connect(self.helpdesk, self.helpdesk_hooks)
        rescue_posts.connect(self.rescue, self.rescue_hooks)
        self.appliance_events = OutboundQueue(self.appliance)
        self.crm_hooks = HookSender("crm", lambda: crm_hooks.policy(self.crm))
        crm_hooks.connect(self.crm, self.crm_hooks)
        self._senders = (self.helpdesk_hooks, self.rescue_hooks, self.appliance_events, self.crm_hooks)
        self.console_url = ""
        """The bridge's own console, if the front page shall link it."""
        self._stopped = Event()
        self._servers: dict[str, _Server] = {}
        try:
            self._listen()
        except OSError:
            self.stop()
            raise

    @property
    def helpdesk_url(self) -> str:
        return self._servers["helpdesk"].url

    @property
    def rescue_url(self) -> str:
        return self._servers["rescue"].url

    @property
    def appliance_url(self) -> str:
        return self._servers["appliance"].url

    @property
    def remotepc_url(self) -> str:
        return self._servers["remotepc"].url

    @property
    def crm_url(self) -> str:
        return self._servers["crm"].url

    @property
    def front_url(self) -> str:
        return self._servers["front"].url

    def connect(
        self,
        zendesk_hook: str | None = None,
        zendesk_secret: str | None = None,
        rescue_hook: str | None = None,
        rescue_secret: str | None = None,
        appliance_hook: str | None = None,
        appliance_secret: str | None = None,
        crm_hook: str | None = None,
        crm_secret: str | None = None,
    ) -> None:
        """Say where the webhooks go from now on; None leaves a setting as it is.

        Rescue and the appliance sign nothing: their secret goes into the address of the hook as `?key=`.
        """
        desk = self.settings.helpdesk
        desk.hook_url = desk.hook_url if zendesk_hook is None else zendesk_hook
        desk.hook_secret = desk.hook_secret if zendesk_secret is None else zendesk_secret
        crm = self.settings.crm
        crm.hook_url = crm.hook_url if crm_hook is None else crm_hook
        crm.client_secret = crm.client_secret if crm_secret is None else crm_secret
        if rescue_hook is not None:
            self.settings.rescue.hook_url = _with_key(rescue_hook, rescue_secret)
        if appliance_hook is not None:
            self.settings.appliance.hook_url = _with_key(appliance_hook, appliance_secret)

    def drain(self, timeout: float = 10.0) -> bool:
        """Wait until every webhook and event was taken or given up."""
        return all(sender.drain(timeout) for sender in self._senders)

    def start(self) -> Self:
        for server in self._servers.values():
            server.start()
        return self

    def wait(self) -> None:
        """Stay in the foreground until `stop` is called from elsewhere, or Ctrl-C."""
        self._stopped.wait()

    def stop(self) -> None:
        """Free the ports and end the threads; may be called twice."""
        if not self._stopped.is_set():
            self._stopped.set()
            for sender in self._senders:
                sender.close()
            self.appliance_live.close()
            for server in self._servers.values():
                server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listen(self) -> None:
        settings, faults = self.settings, self.faults
        apps: dict[str, tuple[int, WSGIApplication]] = {
            "helpdesk": (
                settings.helpdesk_port,
                FaultyApp(create_helpdesk(settings.helpdesk, self.helpdesk), faults.helpdesk),
            ),
            "rescue": (settings.rescue_port, FaultyApp(create_rescue(settings.rescue, self.rescue), faults.rescue)),
            "appliance": (
                settings.appliance_port,
                FaultyApp(create_appliance(self.appliance, self.appliance_live, self.appliance_gate), faults.appliance),
            ),
            "remotepc": (
                settings.remotepc_port,
                FaultyApp(create_remotepc(settings.remotepc, self.remotepc), faults.remotepc),
            ),
            "crm": (settings.crm_port, FaultyApp(create_crm(settings.crm, self.crm), faults.crm)),
            "front": (settings.front_port, self._front()),
        }
        for name, (port, app) in apps.items():
            self._servers[name] = _Server(settings.host, port, app, name)
        self.helpdesk.base_url, self.rescue.base_url = self.helpdesk_url, self.rescue_url
        self.appliance.base_url = self.appliance_url
        self.remotepc.base_url, self.crm.base_url = self.remotepc_url, self.crm_url

    def _front(self) -> Flask:
        app = Flask("sandbox", static_folder=None, root_path=str(Path(__file__).parent))
        add_common_pages(app)

        @app.get("/")
        def front() -> str:
            return render_template(
                "sandbox/front.html",
                helpdesk_url=self.helpdesk_url,
                rescue_url=self.rescue_url,
                appliance_url=self.appliance_url,
                crm_url=self.crm_url,
                remotepc_url=self.remotepc_url,
                console_url=self.console_url,
            )

        return app


def _with_key(hook: str, secret: str | None) -> str:
    sign = "&" if "?" in hook else "?"
    return hook + (f"{sign}key={quote(secret, safe='')}" if secret else "")
