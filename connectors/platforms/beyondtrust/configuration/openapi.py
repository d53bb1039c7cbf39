"""The appliance's own description of its Configuration API, read (guide, "Configuration API"; OpenAPI 3).

Pure. Which resources there are and what they take is known from that document alone. It comes from outside, so
its size, its depth and what its aliases would unfold to are bounded before anything is built of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import yaml

from bridge.errors import MalformedPayload

MAX_BYTES = 8 * 1024 * 1024
"""Today's has a third of a megabyte."""
MAX_NODES = 1_000_000
"""With every alias unfolded; today's has 20,000."""
MAX_DEPTH = 64
"""Today's is nested 12 deep."""
MAX_REFERENCES = 32
"""That follow one another."""
METHODS = ("get", "post", "patch", "put", "delete")

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where PyYAML was built with it: five times as fast."""
Tree: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    """`path` or `query`; others are left out."""
    required: bool
    schema: Tree
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, references in it resolved one level deep."""

    method: str
    path: str
    """As described, such as `/jump-group/{id}`."""
    summary: str
    parameters: tuple[Parameter, ...]
    body: Tree | None
    """The schema of the JSON that it takes; None for none."""
    media_types: tuple[str, ...]
    """Of what it answers when all is well."""

    @property
    def query(self) -> Mapping[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters if parameter.place == "query"}


@dataclass(frozen=True)
class Description:
    """The whole document."""

    tree: Tree

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """In the order of the document. Raises MalformedPayload where it is not what OpenAPI says."""
        paths = _mapping(self.tree.get("paths"), "paths")
        return tuple(
            self._operation(method, str(path), item, _mapping(item[method], "an operation"))
            for path, found in paths.items()
            for item in [self.resolved(_mapping(found, "a path"))]
            for method in METHODS
            if method in item
        )

    @property
    def prefix(self) -> str:
        """The path before every resource, by the first server; empty where none is told."""
        servers = self.tree.get("servers")
        first = servers[0] if isinstance(servers, list) and servers else {}
        url = str(first.get("url", "")) if isinstance(first, Mapping) else ""
        path = "" if "{" in url else urlsplit(url).path
        return path.rstrip("/") if path.startswith("/") else ""

    def find(self, method: str, path: str) -> Operation | None:
        """The operation of a concrete path such as `/jump-group/5`; what is literal goes before what is a parameter."""
        fitting = [found for found in self.operations if found.method == method and _fits(found.path, path)]
        return min(fitting, key=lambda found: found.path.count("{"), default=None)

    def methods(self, path: str) -> tuple[str, ...]:
        """What can be done with a concrete path."""
        return tuple(dict.fromkeys(found.method for found in self.operations if _fits(found.path, path)))

    def resolved(self, node: Tree) -> Tree:
        """The node, or what its reference names; references lead nowhere out of the document."""
        for _ in range(MAX_REFERENCES):
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = _mapping(self._at(reference), "a reference")
        raise MalformedPayload("the description's references lead in a circle, or too far")

    def properties(self, schema: Tree) -> dict[str, Tree]:
        """The fields of an object by name, with those of all its parts and alternatives."""
        return {
            str(name): self.resolved(_mapping(found, "a property"))
            for part in self._parts(schema, ("allOf", "oneOf", "anyOf"))
            for name, found in _mapping(part.get("properties") or {}, "properties").items()
        }

    def required(self, schema: Tree) -> set[str]:
        """The fields that an object cannot do without; those of alternatives are not known."""
        return {str(name) for part in self._parts(schema, ("allOf",)) for name in _list(part.get("required"))}

    def _parts(self, schema: Tree, words: Sequence[str], depth: int = 0) -> Iterator[Tree]:
        """The schema, and what it is put together from by these words."""
        if depth > MAX_REFERENCES:
            raise MalformedPayload("the description's schemas are nested without end")
        told = self.resolved(schema)
        yield told
        for part in (part for word in words for part in _list(told.get(word))):
            yield from self._parts(_mapping(part, "a schema"), words, depth + 1)

    def _at(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            raise MalformedPayload("the description refers to another document")
        node: Any = self.tree
        for step in reference[2:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or step not in node:
                raise MalformedPayload("the description refers to something that is not in it")
            node = node[step]
        return node

    def _operation(self, method: str, path: str, item: Tree, told: Tree) -> Operation:
        parameters = [*_list(item.get("parameters")), *_list(told.get("parameters"))]
        body = self.resolved(_mapping(told.get("requestBody") or {}, "a request body"))
        schema = _json(body)
        return Operation(
            method,
            path,
            str(told.get("summary", "")),
            tuple(self._parameters(parameters)),
            None if schema is None else self.resolved(schema),
            tuple(self._media_types(_mapping(told.get("responses") or {}, "responses"))),
        )

    def _parameters(self, found: Sequence[Any]) -> Iterator[Parameter]:
        for node in found:
            told = self.resolved(_mapping(node, "a parameter"))
            schema = self.resolved(_mapping(told.get("schema") or {}, "a schema"))
            name, place = str(told.get("name", "")), str(told.get("in", ""))
            if place in ("path", "query"):
                yield Parameter(name, place, bool(told.get("required")), schema, str(told.get("description", "")))

    def _media_types(self, responses: Tree) -> Iterator[str]:
        for status, node in responses.items():
            if str(status).startswith("2"):
                yield from map(str, self.resolved(_mapping(node, "a response")).get("content") or ())


def read(content: bytes) -> Description:
    """The description. Raises MalformedPayload for what is none, is too large or would unfold to too much."""
    if len(content) > MAX_BYTES:
        raise MalformedPayload(f"the description is larger than {MAX_BYTES} bytes")
    try:
        _bounded(content)
        tree = yaml.load(content, Loader)  # noqa: S506  # the safe loader, in C or in Python
    except (yaml.YAMLError, ValueError, RecursionError, UnicodeError) as failure:
        # PyYAML's own message quotes the text.
        mark = getattr(failure, "problem_mark", None)
        raise MalformedPayload(f"the description is no YAML{f', line {mark.line + 1}' if mark else ''}") from None
    found = _mapping(tree, "the description")
    if not str(found.get("openapi", "")).startswith("3."):
        raise MalformedPayload("the description is not of OpenAPI 3")
    return Description(found)


def _bounded(content: bytes) -> None:
    """Raise MalformedPayload for more nodes than bearable, counted with every alias unfolded, or too deep ones."""
    sizes: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = [(None, 0)]
    for event in yaml.parse(content, Loader):
        anchor, size = getattr(event, "anchor", None), 0
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append((anchor, 1))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = open_.pop()
        elif isinstance(event, yaml.AliasEvent):
            # One that is not known yet would contain itself.
            anchor, size = None, sizes.get(event.anchor or "", MAX_NODES)
        elif isinstance(event, yaml.ScalarEvent):
            size = 1
        if anchor and size:
            sizes[anchor] = size
        open_[-1] = (open_[-1][0], open_[-1][1] + size)
        if open_[-1][1] >= MAX_NODES or len(open_) > MAX_DEPTH:
            raise MalformedPayload("the description is nested too deep, or unfolds to too much")


def _json(node: Tree) -> Tree | None:
    """The schema of a body's JSON form."""
    for media_type, told in (node.get("content") or {}).items():
        if re.match(r"application/([\w.-]+\+)?json", str(media_type)):
            return _mapping(_mapping(told, "a body").get("schema") or {}, "a schema")
    return None


def _fits(template: str, path: str) -> bool:
    wanted, given = template.strip("/").split("/"), path.strip("/").split("/")
    return len(wanted) == len(given) and all(
        part == value or (part.startswith("{") and value != "") for part, value in zip(wanted, given, strict=True)
    )


def _mapping(node: Any, what: str) -> Tree:
    if not isinstance(node, Mapping):
        raise MalformedPayload(f"{what} should be a mapping in the description")
    return node


def _list(node: Any) -> Sequence[Any]:
    return node if isinstance(node, list) else ()
