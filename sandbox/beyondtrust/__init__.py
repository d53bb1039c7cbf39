"""A pretend BeyondTrust Remote Support appliance: its API, its events, its live state, and pages for people."""

from __future__ import annotations

from flask import Flask

from sandbox.beyondtrust import pages
from sandbox.beyondtrust.api import commands, configuration, oauth, scripts, start_session
from sandbox.beyondtrust.api.oauth import Gate
from sandbox.beyondtrust.live import LiveModel, wire
from sandbox.beyondtrust.reports import records, reporting
from sandbox.beyondtrust.reports.archives import Archives
from sandbox.beyondtrust.state import ApplianceState
from sandbox.pages import add_common_pages, know_own_address

__all__ = ["ApplianceState", "Gate", "LiveModel", "create_appliance"]


def create_appliance(state: ApplianceState, live: LiveModel, gate: Gate) -> Flask:
    """The appliance's WSGI app. Events leave only where an `OutboundQueue` listens to the state.

    Close `live` before the server, so that no web socket outlives it.
    """
    app = Flask("sandbox.beyondtrust", static_folder=None)
    add_common_pages(app)
    app.register_blueprint(oauth.blueprint(state, gate))
    app.register_blueprint(commands.blueprint(state, gate))
    app.register_blueprint(reporting.blueprint(state, gate, Archives(live)))
    app.register_blueprint(wire.blueprint(live, gate))
    app.register_blueprint(configuration.blueprint(state, gate))
    app.register_blueprint(scripts.blueprint(state))
    app.register_blueprint(records.blueprint(state))
    app.register_blueprint(start_session.blueprint(state))
    app.register_blueprint(pages.blueprint(state))
    know_own_address(app, state)

    return app
