"""What is answered when something goes wrong: plain pages, JSON for programs, never anything of the inside."""

from __future__ import annotations

import structlog
from flask import make_response, render_template, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from web import auth
from web.api import problem
from web.console.blueprint import blueprint
from workers.commands import Absent

log = structlog.get_logger(__name__)

RETRY_SECONDS = 5
PROGRAMS = ("/api/", "/hooks/")
TEXTS = {
    404: "There is no such page, or what it told of is gone.",
    405: "This page cannot be asked in that way.",
    500: "Something went wrong on our side. It is in the log.",
    503: "The database does not answer now. Nothing is lost: senders are told to send again. Please try later.",
}


@blueprint.app_errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """The page for a status. A redirect or an answer that somebody made already goes through."""
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    own = error.description if error.code in (400, 403) and request.blueprint == "console" else None
    answer = _answer(error.code, error.name, own or TEXTS.get(error.code, ""))
    for name, value in error.get_headers():
        # 405 says what is allowed.
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


@blueprint.app_errorhandler(Absent)
def absent(error: Absent) -> Response:
    return _answer(404, "Not Found", TEXTS[404])


@blueprint.app_errorhandler(OperationalError)
@blueprint.app_errorhandler(InterfaceError)
@blueprint.app_errorhandler(PoolTimeout)
@blueprint.app_errorhandler(TimeoutError)
def database_away(error: Exception) -> Response:
    log.error("database away", reason=type(error).__name__)
    answer = _answer(503, "Service Unavailable", TEXTS[503])
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _answer(status: int, name: str, text: str) -> Response:
    if request.path.startswith(PROGRAMS):
        body, _ = problem(status, name.lower())
        body.status_code = status
        return auth.guard(body)
    page = render_template("console/error.html", status=status, name=name, text=text)
    return auth.guard(make_response(page, status))
