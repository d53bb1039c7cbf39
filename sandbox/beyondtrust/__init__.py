"""A pretend BeyondTrust Remote Support appliance: its API, its events, its live state, and pages for people."""

from __future__ import annotations

from flask import Flask, request

from sandbox.beyondtrust import commands, oauth, pages, start_session
from sandbox.beyondtrust.oauth import Gate
from sandbox.beyondtrust.state import ApplianceState
from sandbox.pages import add_common_pages
from sandbox.settings import ApplianceSettings

__all__ = ["ApplianceState", "create_appliance"]


def create_appliance(settings: ApplianceSettings, state: ApplianceState | None = None) -> Flask:
    """The appliance's WSGI app. Events leave only where an `OutboundQueue` listens to the state."""
    state = state or ApplianceState(settings)
    gate = Gate(state)
    app = Flask("sandbox.beyondtrust", static_folder=None)
    add_common_pages(app)
    app.register_blueprint(oauth.blueprint(state, gate))
    app.register_blueprint(commands.blueprint(state, gate))
    app.register_blueprint(start_session.blueprint(state))
    app.register_blueprint(pages.blueprint(state))

    @app.before_request
    def know_own_address() -> None:
        if not state.base_url:
            state.base_url = request.host_url.rstrip("/")

    return app
