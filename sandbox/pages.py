"""What the pages of all vendors share: look, headers, and no forms from strange sites."""

from __future__ import annotations

from typing import Protocol

from flask import Blueprint, Flask, Response, abort, request

POLICY = "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"


class HasAddress(Protocol):
    """A vendor's state, which writes links to itself."""

    base_url: str


def know_own_address(app: Flask, state: HasAddress) -> None:
    """Where nobody said under which address the vendor is reached, the first request says it."""

    @app.before_request
    def look() -> None:
        if not state.base_url:
            state.base_url = request.host_url.rstrip("/")


def add_common_pages(app: Flask) -> None:
    """The base template, the style sheet and the headers of every answer."""
    app.register_blueprint(
        Blueprint("common", __name__, static_folder="static", static_url_path="/static", template_folder="templates")
    )

    @app.before_request
    def refuse_strange_forms() -> None:
        # The pages know no login, so a page elsewhere could post into a sandbox on somebody's laptop.
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin and origin != request.host_url.rstrip("/"):
            abort(403)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Not "no-referrer": browsers would then send our own forms with `Origin: null`.
        response.headers["Referrer-Policy"] = "same-origin"
        return response
