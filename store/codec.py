"""Values of the domain as JSON text and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from cattrs.preconf.json import make_converter
from cattrs.strategies import configure_tagged_union

from bridge.document import Block

T = TypeVar("T")

_converter = make_converter()
_converter.register_unstructure_hook(datetime, lambda moment: moment.astimezone(UTC).isoformat())
_converter.register_structure_hook(datetime, lambda text, _type: datetime.fromisoformat(text))
# What a route asks of a platform beyond the common words is plain JSON already.
_converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _type: value)
configure_tagged_union(Block, _converter, tag_name="block")


def dump(value: object, of: Any = None) -> str:
    """The value as compact JSON. `of` names the type where it is a union."""
    text = json.dumps(_converter.unstructure(value, unstructure_as=of), ensure_ascii=False, separators=(",", ":"))
    # Half of a surrogate pair, which JSON can carry, is nothing that a database stores.
    return text.encode("utf-8", "replace").decode()


def plain(value: object) -> Any:
    """The value as JSON-safe data."""
    return _converter.unstructure(value)


def load(text: str, kind: type[T]) -> T:
    """The value of that type which `dump` wrote. Unknown keys of older or newer code are ignored."""
    return _converter.structure(json.loads(text), kind)


def load_strings(text: str) -> Mapping[str, str]:
    return load(text, dict[str, str])
