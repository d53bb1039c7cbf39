"""The console's blueprint: who comes in, which headers go out, how values are shown."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from web import auth
from web.console import show
from web.services import services

blueprint = Blueprint(
    "console",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/console/static",
)

OPEN = frozenset({"console.static", "console.sign_in_form", "console.sign_in"})
"""What can be reached without being signed in."""

for _name in show.FILTERS:
    blueprint.add_app_template_filter(show.FILTERS[_name], _name)
blueprint.add_app_template_global(auth.csrf_token)


@blueprint.before_request
def admit() -> Response | None:
    """Only an administrator comes further, and only forms of our own pages change anything."""
    if request.endpoint not in OPEN and not auth.signed_in(services()):
        wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("console.sign_in_form", next=wanted), 303)
    if request.method == "POST":
        given = request.form.get("csrf", "")
        if not given:
            abort(400, "This form has no token: reload the page and try again.")
        if not auth.right_csrf(given):
            abort(403, "This form is from another session: reload the page and try again.")
    return None


@blueprint.after_request
def seal(response: Response) -> Response:
    return auth.guard(response)
