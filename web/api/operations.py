"""One decorator makes an operation: its route, the check of what comes in, the writing of what goes out, its document.

So the OpenAPI document cannot say anything else than what the code does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request
from marshmallow import Schema, ValidationError

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

View = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    """As Flask writes it, below /api/v1."""
    summary: str
    description: str
    query: type[Schema] | None
    body: type[Schema] | None
    answer: type[Schema]
    status: int
    errors: tuple[int, ...]


OPERATIONS: dict[str, Operation] = {}
"""By the name of the view."""


def operation(
    method: str,
    path: str,
    *,
    answer: type[Schema],
    query: type[Schema] | None = None,
    body: type[Schema] | None = None,
    status: int = 200,
    errors: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """The view gets `filters` or `body` as its schema loaded them, and returns what `answer` writes."""

    def register(view: View) -> View:
        summary, _, description = (view.__doc__ or "").partition("\n")
        OPERATIONS[view.__name__] = Operation(
            method, path, summary.strip(), " ".join(description.split()), query, body, answer, status, errors
        )

        def endpoint(**path_values: Any) -> tuple[Response, int]:
            loaded = dict(path_values)
            _refuse_strange(query)
            if query:
                loaded["filters"] = query().load(request.args.to_dict())
            if body:
                loaded["body"] = body().load(_json())
            return jsonify(answer().dump(view(**loaded))), status

        blueprint.add_url_rule(path, view.__name__, endpoint, methods=[method])
        return view

    return register


def _refuse_strange(query: type[Schema] | None) -> None:
    if query is None and request.args:
        raise ValidationError({name: ["is not known here"] for name in request.args})


def _json() -> Mapping[str, Any]:
    """The body, which may be left out where nothing in it is required."""
    if not request.get_data(cache=True):
        return {}
    data = request.get_json()
    if not isinstance(data, dict):
        raise ValidationError({"body": ["expected a JSON object"]})
    return data
