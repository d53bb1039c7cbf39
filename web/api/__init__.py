"""`/api/v1`: JSON for administrators, by bearer token. Described by `/api/v1/openapi.json`."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, jsonify, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from store.paging import BadCursor
from web import auth
from web.api import views as _views  # noqa: F401 - registers the operations
from web.api.document import document
from web.api.operations import blueprint
from web.services import services
from workers.commands import Absent, Conflict, Invalid

__all__ = ["blueprint", "problem"]

PUBLIC = frozenset({"api.openapi"})
TOKEN_NAMES = frozenset({"token", "access_token", "admin_token", "api_key", "key"})


def problem(status: int, error: str, problems: Mapping[str, object] | None = None) -> tuple[Response, int]:
    """An error as the API says it."""
    body: dict[str, object] = {"error": error}
    if problems:
        body["problems"] = problems
    return jsonify(body), status


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return jsonify(document())


@blueprint.before_request
def admit() -> tuple[Response, int] | None:
    """Only an administrator comes further. A token in a URL ends in logs, so it is refused, right or wrong."""
    if request.endpoint in PUBLIC:
        return None
    in_url = not TOKEN_NAMES.isdisjoint(request.args)
    if in_url or not auth.same(auth.bearer(request), services().house.settings.admin_token):
        answer, status = problem(401, "unauthorized")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="deskbridge"'
        return answer, status
    return None


@blueprint.after_request
def seal(response: Response) -> BaseResponse:
    return auth.guard(response)


@blueprint.errorhandler(ValidationError)
def not_valid(error: ValidationError) -> tuple[Response, int]:
    return problem(422, "not right", _flat(error.messages_dict))


@blueprint.errorhandler(Invalid)
def not_possible(error: Invalid) -> tuple[Response, int]:
    return problem(422, "not right", error.problems)


@blueprint.errorhandler(BadCursor)
def bad_cursor(error: BadCursor) -> tuple[Response, int]:
    return problem(422, "not right", {"cursor": [str(error)]})


@blueprint.errorhandler(Absent)
def absent(error: Absent) -> tuple[Response, int]:
    return problem(404, str(error))


@blueprint.errorhandler(Conflict)
def conflict(error: Conflict) -> tuple[Response, int]:
    return problem(409, str(error))


@blueprint.errorhandler(HTTPException)
def http_error(error: HTTPException) -> tuple[Response, int]:
    return problem(error.code or 500, error.name.lower())


def _flat(messages: Mapping[str, object]) -> dict[str, object]:
    """marshmallow's messages, each a list of texts by its field's name."""
    return {str(name): texts if isinstance(texts, list) else [str(texts)] for name, texts in messages.items()}
