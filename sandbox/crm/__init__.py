"""A pretend CRM: contacts on a page, and the part of HubSpot's wire that a connector needs for them."""

from __future__ import annotations

from flask import Flask

from sandbox.crm import api, pages
from sandbox.crm.state import CrmState
from sandbox.pages import add_common_pages, know_own_address
from sandbox.settings import CrmSettings

__all__ = ["CrmState", "create_crm"]


def create_crm(settings: CrmSettings, state: CrmState | None = None) -> Flask:
    """The account's WSGI app. Webhooks leave only where `hooks.connect` joined the state to a sender."""
    state = state or CrmState(settings)
    app = Flask("sandbox.crm", static_folder=None)
    add_common_pages(app)
    app.register_blueprint(api.blueprint(state))
    app.register_blueprint(pages.blueprint(state))
    know_own_address(app, state)
    return app
