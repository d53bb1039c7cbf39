"""Signing in with the administrator token, and out again."""

from __future__ import annotations

import math

import structlog
from flask import current_app, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from web import auth
from web.console.blueprint import blueprint
from web.services import services

log = structlog.get_logger(__name__)


@blueprint.get("/sign-in")
def sign_in_form() -> Response:
    if auth.signed_in(services()):
        return redirect(auth.local_target(request.args.get("next", "/")), 303)
    return _form(200)


@blueprint.post("/sign-in")
def sign_in() -> Response:
    """The token against the right one. Whoever fails too often waits, and everybody with them."""
    limiter = _limiter()
    wait = limiter.wait()
    if wait:
        answer = _form(429, "Too many wrong tokens. Please wait a minute.")
        answer.headers["Retry-After"] = str(math.ceil(wait))
        return answer
    if not auth.same(request.form.get("token", "").strip(), services().house.settings.admin_token):
        limiter.failed()
        log.warning("wrong administrator token")
        return _form(401, "This is not the administrator token.")
    auth.sign_in(services())
    log.info("administrator signed in")
    return redirect(auth.local_target(request.form.get("next", "/")), 303)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    session.clear()
    return redirect(url_for("console.sign_in_form"), 303)


def _form(status: int, trouble: str = "") -> Response:
    target = auth.local_target(request.values.get("next", "/"))
    return make_response(render_template("console/sign_in.html", trouble=trouble, target=target), status)


def _limiter() -> auth.Limiter:
    limiter = current_app.extensions.setdefault("deskbridge_sign_in", auth.Limiter(services().house.clock))
    assert isinstance(limiter, auth.Limiter)
    return limiter
