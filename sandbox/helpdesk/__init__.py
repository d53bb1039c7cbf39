"""A help desk that speaks Zendesk's API, with pages for an agent and a customer."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.helpdesk import api, pages
from sandbox.helpdesk.model import Refused
from sandbox.helpdesk.state import HelpdeskState
from sandbox.pages import add_common_pages, know_own_address
from sandbox.settings import HelpdeskSettings

__all__ = ["HelpdeskState", "create_helpdesk"]


def create_helpdesk(settings: HelpdeskSettings, state: HelpdeskState | None = None) -> Flask:
    """The help desk's WSGI app. Webhooks leave only where `hooks.connect` joined the state to a sender."""
    state = state or HelpdeskState(settings)
    app = Flask("sandbox.helpdesk", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask types the base class
    add_common_pages(app)
    app.register_blueprint(api.blueprint(state))
    app.register_blueprint(pages.blueprint(state))
    know_own_address(app, state)

    @app.errorhandler(HTTPException)
    def wrong_address(error: HTTPException) -> Response | HTTPException:
        if request.path.startswith("/api/") and error.code in (404, 405):
            return api.answer_refused(Refused.not_found())
        return error

    return app
