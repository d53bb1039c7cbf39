"""bridge.toml: connections and routes, validated whole. Every mistake has its line and what would be right."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from marshmallow import Schema, ValidationError

from bridge.people import NOBODY, People
from bridge.provisioning import ProvisioningRoute
from bridge.route import Route
from config.connection_checks import check_users
from config.problems import ConfigurationError, Problem, Severity, guess, refuse
from config.provisioning import ProvisioningSchema, check_doubles, check_provisioning
from config.report import Report
from config.route_checks import check_people, check_same, check_tables
from config.schema_errors import Complaint, explain
from config.schemas import AgentSchema, ConnectionSchema, RouteSchema
from config.settings import CONFIG, CONFIG_TEXT, Settings
from config.toml_lines import Lines, Path
from connectors import registry
from connectors.contract import ConnectionConfig, Kind, Role

HIDDEN = "…"
SHORT_SECRET = 16
TABLES = ("connections", "routes", "provisioning", "people")
COMMON_KEYS = frozenset(ConnectionSchema().load_fields)

_NAME = re.compile(r"[a-z0-9-]{1,20}")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_SYNTAX_PLACE = re.compile(r" \((?:at line (\d+), column (\d+)|at end of document)\)$")


@dataclass(frozen=True, slots=True)
class Bridge:
    """A valid bridge.toml."""

    connections: Mapping[str, ConnectionConfig] = field(default_factory=dict, repr=False)
    routes: tuple[Route, ...] = ()
    provisioning: tuple[ProvisioningRoute, ...] = ()
    people: People = NOBODY
    warnings: tuple[Problem, ...] = ()
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Every secret in it, for `logs.register_secrets`."""


def load(text: str, environ: Mapping[str, str], *, source: str = "bridge.toml") -> Bridge:
    """The bridge that the text describes, `${VAR}` filled from `environ`.

    Raises ConfigurationError with all mistakes, each with its line in `source`.
    """
    raw = _parse(text, source)
    report = Report(source, Lines(text))
    variables = _Variables(environ, report)
    data = variables.fill(raw, ())
    for name in data.keys() - set(TABLES):
        report.add((name,), "is not a known table", guess(name, TABLES))
    connections, kinds = _connections(data, report)
    check_users(connections, report)
    tables = _tables(data, "routes", "route", report)
    check_tables(tables, kinds, report)
    routes = _load_all(RouteSchema(), tables, report)
    check_same(routes, report)
    wanted = _tables(data, "provisioning", "route", report)
    check_provisioning(wanted, kinds, [str(table.get("name")) for table in tables.values()], report)
    provisioning = _load_all(ProvisioningSchema(), wanted, report)
    check_doubles(provisioning, report)
    entries = _tables(data, "people", "agent", report)
    check_people(entries, kinds, report)
    people = People(tuple(_load_all(AgentSchema(), entries, report).values()))
    refuse(report.problems())
    # A key that is not set has an empty text: no secret, and nothing to look for anywhere.
    secrets = frozenset(filter(None, _secrets(connections, variables.used)))
    return Bridge(connections, tuple(routes.values()), tuple(provisioning.values()), people, report.problems(), secrets)


def load_from(settings: Settings, environ: Mapping[str, str]) -> Bridge:
    """The bridge that the settings point to; one without connections when they name none."""
    if settings.config_toml is not None:
        return load(settings.config_toml, environ, source=CONFIG_TEXT)
    if settings.config_path is None:
        return Bridge()
    source = str(settings.config_path)
    try:
        text = settings.config_path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError([Problem(CONFIG, "is not UTF-8", "save it as UTF-8", source)]) from None
    except OSError as error:
        fix = error.strerror or type(error).__name__
        raise ConfigurationError([Problem(CONFIG, "cannot be read", fix, source)]) from error
    return load(text, environ, source=source)


def describe(bridge: Bridge) -> dict[str, Any]:
    """The bridge as JSON has it, for people to read: secrets are replaced by `…`."""
    return {
        "connections": {name: _describe(config, bridge.secrets) for name, config in bridge.connections.items()},
        "routes": [_plain(asdict(route), bridge.secrets) for route in bridge.routes],
        "provisioning": [_plain(asdict(route), bridge.secrets) for route in bridge.provisioning],
        "people": [_plain(asdict(agent), bridge.secrets) for agent in bridge.people.agents],
        "warnings": [str(problem) for problem in bridge.warnings],
    }


def _describe(config: ConnectionConfig, secrets: frozenset[str]) -> dict[str, Any]:
    return {
        "kind": config.kind,
        "base_url": config.base_url,
        "hook_secret": [HIDDEN for _ in config.hook_secrets],
        "keys": _plain(config.keys, secrets, registry.kind(config.kind).secret_keys),
    }


def _plain(value: object, secrets: frozenset[str], hidden: frozenset[str] = frozenset()) -> Any:
    """The value in JSON's own types, without the secrets and without what stands under a hidden key."""
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(k): HIDDEN if k in hidden else _plain(v, secrets, hidden) for k, v in value.items()}
        case frozenset() | set():
            return sorted(_plain(item, secrets, hidden) for item in value)
        case list() | tuple():
            return [_plain(item, secrets, hidden) for item in value]
    text = str(value)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _parse(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _SYNTAX_PLACE.search(message)
        line, column = text.count("\n") + 1, None
        if place and place[1]:
            line, column = int(place[1]), int(place[2])
        what = _SYNTAX_PLACE.sub("", message)
        problem = Problem("", f"this is not TOML: {what}", "", source, line, column)
        raise ConfigurationError([problem]) from None


class _Variables:
    """Fills `${VAR}` in every text. An empty variable counts as missing: it is never a good secret."""

    def __init__(self, environ: Mapping[str, str], report: Report) -> None:
        self._environ = environ
        self._report = report
        self.used: dict[Path, set[str]] = {}
        """The values that were filled in, by place."""

    def fill(self, value: Any, path: Path) -> Any:
        if isinstance(value, str):
            return _VARIABLE.sub(lambda match: self._value(match[1], path), value)
        if isinstance(value, dict):
            return {key: self.fill(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, (*path, index)) for index, item in enumerate(value)]
        return value

    def _value(self, name: str, path: Path) -> str:
        value = self._environ.get(name, "")
        if not value:
            self._report.add(path, f"needs the environment variable {name}, which is not set", f"set {name}")
            self._report.broken(path)
        self.used.setdefault(path, set()).add(value)
        return value


def _connections(data: Mapping[str, Any], report: Report) -> tuple[dict[str, ConnectionConfig], dict[str, Kind | None]]:
    """The connections without mistakes, and the kinds of all, None where a kind is unknown."""
    tables = data.get("connections", {})
    if not isinstance(tables, dict):
        report.add(("connections",), "is not a table", "write [connections.NAME] for each connection")
        return {}, {}
    configs: dict[str, ConnectionConfig] = {}
    kinds: dict[str, Kind | None] = {}
    for name, table in tables.items():
        path: Path = ("connections", name)
        if not _NAME.fullmatch(name):
            report.add(path, "is not a good name", "1 to 20 of a-z, 0-9 and -, because it travels in references")
        if not isinstance(table, dict):
            report.add(path, "is not a table", f"write [connections.{name}]")
            kinds[name] = None
            continue
        kinds[name] = _kind(table.get("kind"), path, report)
        config = _connection(name, table, kinds[name], report)
        if config:
            configs[name] = config
            kinds[name] = _as_configured(kinds[name], config)
    return configs, kinds


def _as_configured(kind: Kind | None, config: ConnectionConfig) -> Kind | None:
    """The kind with what this connection of it can do."""
    if kind is None or kind.capabilities_of is None:
        return kind
    return replace(kind, capabilities=kind.capabilities_of(config.keys))


def _kind(name: object, path: Path, report: Report) -> Kind | None:
    if not isinstance(name, str) or not name.strip():
        return None  # the schema says so
    if name not in registry.names():
        report.add((*path, "kind"), f'"{name}" is not a known kind', guess(name, registry.names()))
        return None
    return registry.kind(name)


def _connection(name: str, table: dict[str, Any], kind: Kind | None, report: Report) -> ConnectionConfig | None:
    """The connection; None when it has mistakes."""
    path: Path = ("connections", name)
    secret_keys = (kind.secret_keys if kind else frozenset()) | {"hook_secret"}
    common = _load(ConnectionSchema(), table, path, report, secret_keys)
    if common is not None:
        _check_hook_secrets(common["hook_secret"], path, report, sends=kind is None or kind.role is not Role.ACCOUNTS)
    if kind is None:
        return None
    own_keys = {key: value for key, value in table.items() if key not in COMMON_KEYS}
    own = _load(kind.schema(), own_keys, path, report, secret_keys)
    if common is None or own is None:
        return None
    return ConnectionConfig(name, kind.name, common["base_url"].rstrip("/"), common["hook_secret"], own)


def _check_hook_secrets(secrets: tuple[str, ...], path: Path, report: Report, *, sends: bool) -> None:
    place = (*path, "hook_secret")
    if not sends:
        if secrets:
            message = "means nothing: this system sends no deliveries"
            report.add(place, message, "remove it", severity=Severity.WARNING)
    elif not secrets:
        message = "is missing, so nothing that this system sends can be believed"
        report.add(place, message, _line(place, secret=True), severity=Severity.WARNING)
    elif any(len(secret) < SHORT_SECRET for secret in secrets):
        fix = f"at least {SHORT_SECRET} characters are better"
        report.add(place, "is short enough to be guessed", fix, severity=Severity.WARNING)


def _tables(data: Mapping[str, Any], name: str, one: str, report: Report) -> dict[Path, dict[str, Any]]:
    """The tables of an array, by their place."""
    tables = data.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        report.add((name,), "is not an array of tables", f"write [[{name}]] for each {one}")
        return {}
    return {(name, index): table for index, table in enumerate(tables)}


def _load_all(schema: Schema, tables: Mapping[Path, dict[str, Any]], report: Report) -> dict[Path, Any]:
    """What the schema makes of each table without mistakes."""
    loaded = {path: _load(schema, table, path, report) for path, table in tables.items()}
    return {path: made for path, made in loaded.items() if made is not None}


def _load(
    schema: Schema,
    table: Mapping[str, Any],
    path: Path,
    report: Report,
    secret_keys: frozenset[str] = frozenset(),
) -> Any:
    """What the schema makes of the table; None when it has mistakes, which are then in the report."""
    try:
        return schema.load(table)
    except ValidationError as error:
        for complaint in explain(schema, table, error.messages):
            _tell(complaint, path, report, secret_keys)
        return None


def _tell(complaint: Complaint, path: Path, report: Report, secret_keys: frozenset[str]) -> None:
    place = (*path, *complaint.place)
    fix = complaint.mistake.fix
    if complaint.missing:
        line = _line(place, secret=place[-1] in secret_keys)
        fix = f"{line}: {fix}" if fix else line
    report.add(place, complaint.mistake.message, fix)


def _line(place: Path, *, secret: bool) -> str:
    """The line to add for a missing key, such as `api_token = "${ZENDESK_API_TOKEN}"`."""
    variable = "_".join(str(part) for part in place[1:]).upper().replace("-", "_")
    return f'add {place[-1]} = "${{{variable}}}"' if secret else f"add {place[-1]} = …"


def _secrets(connections: Mapping[str, ConnectionConfig], used: Mapping[Path, set[str]]) -> Iterator[str]:
    """Hook secrets, the kinds' secret keys, and what variables put into tables below a connection's keys.

    A variable in a key that the kind does not call secret, such as a table's name, is no secret.
    """
    for name, config in connections.items():
        yield from config.hook_secrets
        yield from _below(config.keys, registry.kind(config.kind).secret_keys)
        for path, values in used.items():
            if path[:2] == ("connections", name) and len(path) > 3:
                yield from values


def _below(value: object, keys: frozenset[str]) -> Iterator[str]:
    """The texts that stand under one of the keys, at any depth."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item) if key in keys else _below(item, keys)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _below(item, keys)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)
