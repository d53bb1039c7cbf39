"""Our words in somebody's requests, by templates that the operator wrote. Pure.

A template is parsed TOML whose text values hold `{name}`: values are put into it after it was parsed, never spliced
into JSON, a form or a path as text, and what a value says is not filled again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bridge.errors import NotFound
from connectors.tickets.generic.mapping import as_text

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def fill(template: Any, values: Mapping[str, object]) -> Any:
    """The template with its placeholders filled. A text that is one placeholder becomes the value itself."""
    if isinstance(template, dict):
        return {name: fill(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [fill(part, values) for part in template]
    if not isinstance(template, str):
        return template
    whole = PLACEHOLDER.fullmatch(template)
    if whole:
        return values[whole[1]]
    return PLACEHOLDER.sub(lambda found: _inline(values[found[1]]), template)


def _inline(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def fill_form(template: Mapping[str, Any], values: Mapping[str, object]) -> dict[str, str | list[str]]:
    """Form fields: texts as they are, a list of texts as a field that comes again, everything else as JSON text."""
    filled = {name: fill(part, values) for name, part in template.items()}
    return {name: value if _texts(value) else _inline(value) for name, value in filled.items()}


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def fill_path(template: str, values: Mapping[str, object]) -> str:
    """The path with its placeholders percent-encoded. Raises NotFound for a value that could leave its place."""
    for name in placeholders(template):
        if {"", ".", ".."} & set(str(values[name]).split("/")):
            raise NotFound(f"this {name} cannot stand in a path", code="path")
    return PLACEHOLDER.sub(lambda found: quote(str(values[found[1]]), safe=""), template)


def placeholders(template: Any) -> frozenset[str]:
    """Names of the placeholders in a template."""
    if isinstance(template, Mapping):
        return frozenset().union(*map(placeholders, template.values()))
    if isinstance(template, list):
        return frozenset().union(*map(placeholders, template))
    return frozenset(PLACEHOLDER.findall(template)) if isinstance(template, str) else frozenset()


def used_by(call: Mapping[str, Any]) -> frozenset[str]:
    """Names of the placeholders that a call's path and bodies have."""
    return placeholders([call.get(part) for part in ("path", "json", "form")])


def reworded(values: Mapping[str, object], words: Mapping[str, Mapping[str, Any]]) -> dict[str, object]:
    """The values with the system's own words for them, where the call has a table of such words."""
    return {name: words[name].get(as_text(value), value) if name in words else value for name, value in values.items()}
