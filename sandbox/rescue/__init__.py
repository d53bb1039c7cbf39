"""A pretend Rescue: its API, its posts, and pages for a customer and a technician."""

from __future__ import annotations

from flask import Flask

from sandbox.pages import add_common_pages, know_own_address
from sandbox.rescue import api, identity_pages, pages, tickets
from sandbox.rescue.soap import server as soap
from sandbox.rescue.state import RescueState
from sandbox.settings import RescueSettings

__all__ = ["RescueState", "create_rescue"]


def create_rescue(settings: RescueSettings, state: RescueState | None = None) -> Flask:
    """The account's WSGI app. Posts leave only where `posts.connect` joined the state to a sender."""
    state = state or RescueState(settings)
    app = Flask("sandbox.rescue", static_folder=None)
    add_common_pages(app)
    app.register_blueprint(api.blueprint(state))
    app.register_blueprint(identity_pages.blueprint(state))
    app.register_blueprint(soap.blueprint(state))
    app.register_blueprint(tickets.blueprint(state))
    app.register_blueprint(pages.blueprint(state))
    know_own_address(app, state)

    return app
