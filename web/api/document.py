"""The OpenAPI document of the API, made from its operations and their schemas."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from web.api.operations import OPERATIONS, Operation
from web.api.schemas import ErrorSchema

_CONVERTER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")

ERRORS = {
    400: "The request is not right",
    401: "The token is missing or wrong",
    404: "There is no such thing",
    409: "Not possible in its present state",
    415: "The body is not JSON",
    422: "Something in the query or body is not right",
    503: "The database is away: try again after Retry-After seconds",
}


@cache
def document() -> dict[str, Any]:
    """The document as JSON has it."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))
    spec = APISpec(
        title="Deskbridge",
        version=_version(),
        openapi_version="3.1.0",
        info={"description": "Looks into the bridge and steers it. Lists come newest first, in pages."},
        plugins=[plugin],
        security=[{"administrator": []}],
    )
    spec.components.security_scheme("administrator", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Error", schema=ErrorSchema)
    for status, text in ERRORS.items():
        spec.components.response(str(status), {"description": text, "content": _content(ErrorSchema)})
    for name, found in OPERATIONS.items():
        spec.path(path=f"/api/v1{_path(found.path)}", operations={found.method.lower(): _describe(name, found)})
    return spec.to_dict()


def _describe(name: str, found: Operation) -> dict[str, Any]:
    errors = sorted({401, 503, *found.errors, *([422] if found.query or found.body else [])})
    described: dict[str, Any] = {
        "operationId": name,
        "summary": found.summary,
        "parameters": [
            {"in": "path", "name": variable, "required": True, "schema": {"type": _TYPES.get(converter, "string")}}
            for converter, variable in _CONVERTER.findall(found.path)
        ],
        "responses": {
            str(found.status): {"description": "As asked", "content": _content(found.answer)},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in errors},
        },
    }
    if found.description:
        described["description"] = found.description
    if found.query:
        described["parameters"].append({"in": "query", "schema": found.query})
    if found.body:
        needed = any(field.required for field in found.body().fields.values())
        described["requestBody"] = {"required": needed, "content": _content(found.body)}
    return described


_TYPES = {"int": "integer"}


def _content(schema: object) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _path(path: str) -> str:
    return _CONVERTER.sub(r"{\2}", path)


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def _version() -> str:
    try:
        return version("deskbridge")
    except PackageNotFoundError:
        return "0"
