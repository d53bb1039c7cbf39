"""A pretend RemotePC: its reseller API, and a page that lists the users."""

from __future__ import annotations

from flask import Flask

from sandbox.pages import add_common_pages, know_own_address
from sandbox.remotepc import api, pages
from sandbox.remotepc.state import RemotePcState
from sandbox.settings import RemotePcSettings

__all__ = ["RemotePcState", "create_remotepc"]


def create_remotepc(settings: RemotePcSettings, state: RemotePcState | None = None) -> Flask:
    """The reseller account's WSGI app."""
    state = state or RemotePcState(settings)
    app = Flask("sandbox.remotepc", static_folder=None)
    add_common_pages(app)
    app.register_blueprint(api.blueprint(state))
    app.register_blueprint(pages.blueprint(state))
    know_own_address(app, state)
    return app
