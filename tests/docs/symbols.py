"""Names of the BeyondTrust package found wherever its modules stand, and the text of a test with all that it uses."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from marshmallow import Schema

from bridge import model
from connectors import oauth
from connectors.platforms import beyondtrust
from tests.docs.pages import ROOT, page


class NotThere(Exception):
    """A name that nothing has, or several things."""


@cache
def modules() -> tuple[ModuleType, ...]:
    """All modules but those of the command line, the bridge's own values, and what reads token pages."""
    found = pkgutil.walk_packages(beyondtrust.__path__, f"{beyondtrust.__name__}.")
    names = [one.name for one in found if ".command_line" not in one.name]
    return (model, oauth, beyondtrust, *map(importlib.import_module, names))


def resolve(name: str) -> Any:
    """`function`, `Class`, `Class.method`, `module.function`, by the last part of the module's name."""
    first, *rest = name.split(".")
    places = [one for one in modules() if one.__name__.rpartition(".")[2] == first]
    if rest and places:
        first, *rest = rest
    found = {id(own): own for place in places or modules() if (own := _own(place, first)) is not None}
    if len(found) != 1:
        raise NotThere(f"{name} is {'nowhere' if not found else 'ambiguous'}")
    (value,) = found.values()
    for part in rest:
        if not hasattr(value, part):
            raise NotThere(f"{name} is nowhere")
        value = getattr(value, part)
    return value


def _own(module: ModuleType, name: str) -> Any:
    """What is made in that module, not only used there."""
    value = vars(module).get(name)
    return value if getattr(value, "__module__", module.__name__) == module.__name__ else None


def arguments(value: Any) -> set[str]:
    if isinstance(value, type) and issubclass(value, Schema):
        return set(value._declared_fields)
    return set(inspect.signature(value).parameters) if callable(value) else set()


@cache
def literals() -> set[str]:
    """Every text in the package's code."""
    trees = [ast.parse(inspect.getsource(one)) for one in modules()]
    return {node.value for tree in trees for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip


def text_of(path: str, name: str) -> str:
    """The source of a test, its decorators included, with that of everything that it uses of the tests."""
    return "\n".join(_sources(path, name, set()))


def _sources(path: str, name: str, done: set[tuple[str, str]]) -> Iterator[str]:
    if (path, name) in done:
        return
    done.add((path, name))
    text, nodes = _parsed(path)
    for node in nodes:
        if name in _defined(node):
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
            yield "\n".join(text[first - 1 : node.end_lineno])
            for used in {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}:
                yield from _sources(path, used, done)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
            other = f"{(node.module or '').replace('.', '/')}.py"
            for alias in node.names:
                if name == (alias.asname or alias.name) and (ROOT / other).is_file():
                    yield from _sources(other, alias.name, done)


@cache
def _parsed(path: str) -> tuple[list[str], list[ast.stmt]]:
    """The lines of a module, and its statements."""
    text = page(path)
    return text.splitlines(), ast.parse(text).body


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
