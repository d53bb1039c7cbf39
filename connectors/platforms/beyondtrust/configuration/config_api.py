"""The Configuration API: what its own description lists is listed, read, made, changed and deleted.

Nothing of its resources stands here. A resource is named by its path, with the ids in it: `jump-group`,
`team/5/user`. The account needs "Configuration API > Allow Access" (guide, "Configuration API").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from bridge.errors import AccessDenied, ConnectorError, MalformedPayload, NotFound, Rejected
from connectors.http import Reply
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.configuration.config_values import body_of, kinds_of, query_of, settable
from connectors.platforms.beyondtrust.configuration.openapi import Description, Operation, Tree, read
from connectors.platforms.beyondtrust.wire.api import Api
from connectors.platforms.beyondtrust.wire.errors import ACCESS_DENIED, without

FOLDER = "/api/config/v1"
DESCRIPTION_PATH = f"{FOLDER}/openapi.yaml"
MAX_PAGES = 10_000
HEADERS = {"Accept": "application/json"}
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,<>]*\brel\s*=\s*"?next\b"?', re.I)


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that a resource takes: a parameter of its list, or a field of its body."""

    method: str
    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A path of the description and what can be done with it, method to summary."""

    path: str
    methods: Mapping[str, str]


class ConfigApi:
    """The Configuration API of one appliance. Raises WrongInput for what its description does not know."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @cached_property
    def description(self) -> Description:
        """Asked for once. Raises MalformedPayload for what is no description."""
        if not self._api.dialect.bearer:
            raise Rejected("an appliance of 2008 has no Configuration API", code="unsupported")
        reply = self._api.request("GET", DESCRIPTION_PATH, write=False)
        return read(reply.content)

    def resources(self) -> list[Resource]:
        """All of them, in the order of the description."""
        found: dict[str, dict[str, str]] = {}
        for operation in self.description.operations:
            found.setdefault(operation.path.strip("/"), {})[operation.method] = operation.summary
        return [Resource(path, methods) for path, methods in found.items()]

    def fields(self, resource: str) -> Iterator[Taken]:
        """What a resource takes, method by method; ids in its path may be given or left as `{id}`."""
        path = "/" + resource.strip("/")
        if not self.description.methods(path):
            raise WrongInput("the resource", "is not in the appliance's description")
        for method in self.description.methods(path):
            found = self.description.find(method, path)
            if found is not None:
                yield from _taken(self.description, found)

    def list(self, resource: str, query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Each item of a list, page after page; where the resource is no list, the one thing that it is."""
        operation, path = self._operation("get", resource)
        asked: Mapping[str, str] | None = query_of(operation, query or {})
        seen = set[frozenset[tuple[str, str]]]()
        while asked is not None:
            if len(seen) >= MAX_PAGES or frozenset(asked.items()) in seen:
                raise MalformedPayload("the list's pages lead in a circle, or are without end")
            seen.add(frozenset(asked.items()))
            reply = self._send(operation, path, query=asked)
            page = reply.json()
            yield from page if isinstance(page, list) else [page]
            asked = next_page(reply)

    def get(self, resource: str, id: str = "") -> Any:
        """One resource."""
        operation, path = self._operation("get", resource, id)
        if operation.media_types and not any("json" in found for found in operation.media_types):
            raise Rejected(f"{operation.path} is a file ({', '.join(operation.media_types)})", code="file")
        return self._send(operation, path).json()

    def create(self, resource: str, fields: Mapping[str, Any]) -> Any:
        """Make one, or do what the resource's POST does; None where nothing is answered."""
        operation, path = self._operation("post", resource)
        return _told(self._send(operation, path, body_of(self.description, operation, fields, whole=True)))

    def patch(self, resource: str, id: str, fields: Mapping[str, Any]) -> Any:
        """Change these fields, leave the others; the resource as it is then."""
        operation, path = self._operation("patch", resource, id)
        return _told(self._send(operation, path, body_of(self.description, operation, fields, whole=False)))

    def delete(self, resource: str, id: str = "") -> None:
        operation, path = self._operation("delete", resource, id)
        self._send(operation, path)

    def _operation(self, method: str, resource: str, id: str = "") -> tuple[Operation, str]:
        """What does it, and its path on the appliance."""
        parts = [*resource.strip("/").split("/"), *([id] if id else [])]
        path = "/" + "/".join(parts)
        found = self.description.find(method, path)
        if found is None:
            others = ", ".join(self.description.methods(path))
            told = f"can only be asked for: {others}" if others else "is not in the appliance's description"
            raise WrongInput("the resource", told)
        return found, (self.description.prefix or FOLDER) + "/" + "/".join(quote(part, safe="") for part in parts)

    def _send(
        self, operation: Operation, path: str, body: Any = None, *, query: Mapping[str, str] | None = None
    ) -> Reply:
        method = operation.method.upper()
        sent = [*map(str, (query or {}).values()), *map(str, (body or {}).values())]
        try:
            return self._api.request(
                method,
                path,
                write=method != "GET",
                explain=lambda reply: refused(reply, sent),
                headers=HEADERS,
                params=query,
                json=body,
            )
        except AccessDenied as failure:
            if failure.code != ACCESS_DENIED or not sent:
                raise
            # The description itself says so; our sign-in was good enough to read it.
            message = f"{failure}; an appliance says the same of parameters and fields that it does not know"
            raise AccessDenied(message, code=failure.code) from None


def _taken(description: Description, operation: Operation) -> Iterator[Taken]:
    for one in operation.query.values():
        yield Taken(operation.method, one.name, _type(description, one.schema), one.required, one.description)
    if operation.body is None:
        return
    needed = description.required(operation.body) if operation.method == "post" else set()
    for name, schema in settable(description, operation.body).items():
        told = str(schema.get("description", ""))
        yield Taken(operation.method, name, _type(description, schema), name in needed, told)


def _type(description: Description, schema: Tree) -> str:
    """In words: the types, or the values to choose from."""
    choices = schema.get("enum")
    return " | ".join(map(str, choices)) if isinstance(choices, list) else " | ".join(kinds_of(description, schema))


def next_page(reply: Reply) -> dict[str, str] | None:
    """The query of the next page by the Link header. Only that: its host may be another name of the appliance."""
    found = _NEXT.search(reply.headers.get("link", ""))
    if not found:
        return None
    return dict(parse_qsl(urlsplit(found[1]).query, keep_blank_values=True))


def refused(reply: Reply, sent: list[str]) -> ConnectorError | None:
    """What the appliance says against our fields: their names, and its words without any that we sent."""
    if reply.status not in (404, 422):
        return None
    told = reply.json_or_none()
    body = told if isinstance(told, dict) else {}
    errors: Any = body.get("errors")
    lines = [f"{name}: {' '.join(map(str, found))}" for name, found in errors.items()] if _bag(errors) else []
    words = without("; ".join([str(body.get("message", "")), *lines]), sent)
    message = f"{reply.where} was answered {reply.status}: {words}"
    return (NotFound if reply.status == 404 else Rejected)(message, code=str(reply.status))


def _bag(errors: Any) -> bool:
    return isinstance(errors, dict) and all(isinstance(found, list) for found in errors.values())


def _told(reply: Reply) -> Any:
    return reply.json() if reply.content.strip() else None
