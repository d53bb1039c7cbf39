from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from marshmallow import Schema, fields

from bridge.model import Visibility
from bridge.route import Artefact, Closed, CloseOn, Helper, Merged, TicketPolicy, TimeEntry, When, WhenKind
from config.bridge_toml import Bridge, describe, load, load_from
from config.problems import ConfigurationError, Problem, Severity
from config.settings import Settings
from connectors import registry
from connectors.contract import Capability

pytestmark = pytest.mark.usefixtures("kinds")

ENVIRON = {"CODE": "authcode-value", "HOOK": "hook-secret-value-1", "TOKEN": "token-value", "EMPTY": ""}

CONNECTIONS = """
[connections.remote]
kind = "remote"
base_url = "https://remote.example.com/"
auth = "authcode"
authcode = "${CODE}"
hook_secret = ["${HOOK}", "older-hook-secret-2"]

[connections.desk]
kind = "desk"
base_url = "https://desk.example.com/base/"
email = "bridge@example.com"
api_token = "${TOKEN}"
hook_secret = "${HOOK}"

[connections.weak-remote]
kind = "weakremote"
base_url = "http://127.0.0.1:9000"
hook_secret = "${HOOK}"

[connections.weak-desk]
kind = "weakdesk"
base_url = "https://weak.example.com"
hook_secret = "${HOOK}"
calls = { note = { Authorization = "Bearer ${TOKEN}" } }
"""

ROUTE = """
[[routes]]
name = "first"
ticket = "desk"
platform = "remote"
when = { tag = "remote-support" }
"""


def bridge(text: str = CONNECTIONS + ROUTE) -> Bridge:
    return load(text, ENVIRON)


def problems(text: str) -> list[Problem]:
    """What is wrong with the text, warnings included."""
    try:
        return list(bridge(text).warnings)
    except ConfigurationError as error:
        return list(error.problems)


def test_a_connection_is_loaded_with_its_secrets() -> None:
    found = bridge().connections["remote"]
    assert (found.name, found.kind, found.base_url) == ("remote", "remote", "https://remote.example.com")
    assert found.hook_secrets == ("hook-secret-value-1", "older-hook-secret-2")
    assert found.keys == {"auth": "authcode", "authcode": "authcode-value", "poll_seconds": 0}


def test_a_short_route_has_private_defaults() -> None:
    [route] = bridge().routes
    assert (route.name, route.ticket, route.platform) == ("first", "desk", "remote")
    assert (route.invitation.visibility, route.session.visibility) == (Visibility.INTERNAL, Visibility.INTERNAL)
    assert (route.invitation.lifetime_minutes, route.invitation.close_on) == (20, CloseOn.NEVER)
    assert route.session.include == frozenset(Artefact)
    assert (route.session.timezone, route.session.language, route.session.time_entry) == ("UTC", "en", None)


def test_a_long_route_says_everything() -> None:
    text = (
        CONNECTIONS
        + """
[[routes]]
name = "all"
ticket = "desk"
platform = "remote"
when = { any = true }
[routes.invitation]
visibility = "public"
fields = { cfield0 = "{requester.name}" }
close_on = "ticket_closed"
lifetime_minutes = 45
queue = "team:1"
technician = "assignee"
ttl_seconds = 3600
priority = 2
attributes = { asset = "{ticket.field.Asset}" }
[routes.session]
visibility = "public"
include = ["transcript", "times"]
time_entry = { minimum_minutes = 5, round_to_minutes = 15 }
set_fields = { done = true, minutes = 3, who = { name = "{agent.name}" } }
timezone = "Europe/Berlin"
[routes.if_ticket]
closed = "follow_up"
deleted = "follow_up"
merged = "park"
"""
    )
    [route] = bridge(text).routes
    assert route.if_ticket == TicketPolicy(Closed.FOLLOW_UP, Closed.FOLLOW_UP, Merged.PARK)
    invitation, session = route.invitation, route.session
    assert invitation.options == {"queue": "team:1", "ttl_seconds": 3600, "priority": 2,
                                  "attributes": {"asset": "{ticket.field.Asset}"}}  # fmt: skip
    assert invitation.technician is Helper.ASSIGNEE
    assert invitation.attributes == {"asset": "{ticket.field.Asset}"}
    assert (invitation.close_on, invitation.lifetime_minutes) == (CloseOn.TICKET_CLOSED, 45)
    assert session.include == {Artefact.TRANSCRIPT, Artefact.TIMES}
    assert session.time_entry == TimeEntry(5, 15)
    assert session.set_fields == {"done": True, "minutes": 3, "who": {"name": "{agent.name}"}}
    assert session.timezone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ('{ tag = "a" }', When(WhenKind.TAG, "a")),
        ('{ field = { name = "f", value = "v" } }', When(WhenKind.FIELD, "f", "v")),
        ('{ status = "s" }', When(WhenKind.STATUS, "s")),
        ('{ event = "e" }', When(WhenKind.EVENT, "e")),
        ("{ any = true }", When(WhenKind.ANY)),
    ],
)
def test_every_condition_is_understood(text: str, when: When) -> None:
    assert bridge(CONNECTIONS + ROUTE.replace('{ tag = "remote-support" }', text)).routes[0].when == when


def test_nothing_configured_is_a_bridge_without_connections() -> None:
    assert bridge("") == Bridge()


def test_http_is_for_this_machine_only() -> None:
    assert bridge().connections["weak-remote"].base_url == "http://127.0.0.1:9000"
    text = CONNECTIONS.replace("http://127.0.0.1", "http://10.0.0.1")
    assert [(p.where, p.message) for p in problems(text)] == [("connections.weak-remote.base_url", "is not https")]


# Each mistake: what is changed in a good file, on which text its line is, and what is told of it.
MISTAKES = [
    ("no such kind", 'kind = "desk"', 'kind = "desc"', "connections.desk.kind", 'did you mean "desk"?'),
    ("a kind that is nothing", 'kind = "desk"', "kind = 7", "connections.desk.kind", "write a text"),
    ("an unknown key", "email =", "emial =", "connections.desk.emial", 'did you mean "email"?'),
    ("a token of another type", '"${TOKEN}"\nh', "5\nh", "connections.desk.api_token", "write a text"),
    ("a bad choice", 'auth = "authcode"', 'auth = "magic"', "connections.remote.auth", "Must be one of"),
    ("a number as a text", 'authcode = "${CODE}"', 'authcode = "${CODE}"\npoll_seconds = "often"',
     "connections.remote.poll_seconds", "whole number"),
    ("a nested type", '"Bearer ${TOKEN}"', "7", "connections.weak-desk.calls.note.Authorization", "write a text"),
    ("plain http", "https://desk.", "http://desk.", "connections.desk.base_url", "write https://"),
    ("no URL", "https://desk.example.com/base/", "desk.example.com", "connections.desk.base_url", "is not a URL"),
    ("a bad URL", "https://desk.example.com/", "https://[::1", "connections.desk.base_url", "is not a URL"),
    ("credentials in the URL", "https://desk.", "https://u:p@desk.", "connections.desk.base_url", "more than a host"),
    ("an empty hook secret", '["${HOOK}"', '[" "',
     "connections.remote.hook_secret", "not empty"),
    ("a number as hook secret", '["${HOOK}", "older-hook-secret-2"]', "5",
     "connections.remote.hook_secret", "not a secret"),
    ("a missing variable", "${CODE}", "${CODES}", "connections.remote.authcode", "set CODES"),
    ("an empty variable", "${CODE}", "${EMPTY}", "connections.remote.authcode", "set EMPTY"),
    ("a missing variable in a list", '["${HOOK}",', '["${HOOKS}",', "connections.remote.hook_secret[0]", "set HOOKS"),
    ("a bad name", "[connections.desk]", "[connections.Desk]", "connections.Desk", "a-z, 0-9 and -"),
    ("an unknown table", "[[routes]]", "[route]", "route", 'did you mean "routes"?'),
    ("a single route", "[[routes]]", "[routes]", "routes", "[[routes]]"),
    ("an unknown key of a route", 'name = "first"', 'name = "first"\nwhenn = 1', "routes[0].whenn", 'mean "when"?'),
    ("an empty name", 'name = "first"', 'name = ""', "routes[0].name", "is empty"),
    ("no such connection", 'ticket = "desk"', 'ticket = "dessk"', "routes[0].ticket", 'did you mean "desk"?'),
    ("the wrong role", 'ticket = "desk"', 'ticket = "remote"', "routes[0].ticket", "not a ticket system"),
    ("the wrong role, too", 'm = "remote"', 'm = "desk"', "routes[0].platform", "not a support platform"),
    ("two conditions", '{ tag = "remote-support" }', '{ tag = "a", status = "b" }', "routes[0].when", "exactly one"),
    ("no condition", '{ tag = "remote-support" }', "{ }", "routes[0].when", "exactly one"),
    ("an unknown condition", "{ tag =", "{ tagg =", "routes[0].when.tagg", 'did you mean "tag"?'),
    ("any = false", '{ tag = "remote-support" }', "{ any = false }", "routes[0].when.any", "true"),
    ("a condition of no table", '{ tag = "remote-support" }', '"any"', "routes[0].when", "write a table"),
    ("a field without value", '{ tag = "remote-support" }', '{ field = { name = "f" } }',
     "routes[0].when.field.value", "is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "told"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_is_told_with_its_line(old: str, new: str, where: str, told: str) -> None:
    good = CONNECTIONS + ROUTE
    assert good.count(old) >= 1
    changed = good.replace(old, new, 1)
    line = good[: good.index(old)].count("\n") + 1 + new.count("\n") - old.count("\n")
    found = {problem.where: problem for problem in problems(changed)}
    assert where in found
    assert found[where].line == line
    assert told in f"{found[where].message} ({found[where].fix})"
    assert found[where].severity is Severity.ERROR


# Each line is added to the route; told as above.
ROUTE_MISTAKES = [
    ('invitation = { visibility = "publik" }', "invitation.visibility", 'did you mean "public"?'),
    ('invitation = { queu = "team:1" }', "invitation.queu", 'did you mean "queue"?'),
    ('invitation = { fields = { cfield0 = "{requester.nam}" } }', "invitation.fields.cfield0",
     'did you mean "requester.name"?'),
    ('invitation = { fields = { cfield0 = "a { b" } }', "invitation.fields.cfield0", "write {{"),
    ('invitation = { fields = { cfield7 = "x" } }', "invitation.fields.cfield7", 'did you mean "cfield'),
    ("invitation = { fields = { cfield0 = 7 } }", "invitation.fields.cfield0", "write a text"),
    ('invitation = { attributes = { a = "{nobody}" } }', "invitation.attributes.a", "unknown placeholder {nobody}"),
    ('invitation = { close_on = "ticket_close" }', "invitation.close_on", 'did you mean "ticket_closed"?'),
    ("invitation = { lifetime_minutes = 0 }", "invitation.lifetime_minutes", "greater than or equal to 1"),
    ('invitation = { technician = "asignee" }', "invitation.technician", 'did you mean "assignee"?'),
    ("invitation = { ttl_seconds = 1.5 }", "invitation.ttl_seconds", "write a whole number"),
    ("invitation = { ttl_seconds = true }", "invitation.ttl_seconds", "write a whole number"),
    ("invitation = 5", "invitation", "write a table"),
    ('session = { include = ["transcript", "note"] }', "session.include[1]", 'did you mean "notes"?'),
    ('session = { include = "transcript" }', "session.include", "write an array"),
    ("session = { time_entry = { round_to = 15 } }", "session.time_entry.round_to", 'mean "round_to_minutes"?'),
    ('session = { set_fields = { a = ["{x}"] } }', "session.set_fields", "unknown placeholder {x}"),
    ("session = { set_fields = { a = 2024-01-01 } }", "session.set_fields", "write it as a text"),
    ('session = { timezone = "Europe/Berln" }', "session.timezone", 'did you mean "Europe/Berlin"?'),
    ('session = { timezone = "../etc/passwd" }', "session.timezone", "IANA"),
    ('session = { timezone = "Europe" }', "session.timezone", "time zone"),
    ('session = { language = "de" }', "session.language", "for now only en"),
    ('if_ticket = { closed = "followup" }', "if_ticket.closed", 'did you mean "follow_up"?'),
    ('if_ticket = { deleted = "reopen" }', "if_ticket.deleted", "is not a known word"),
    ('if_ticket = { merged = "reopen" }', "if_ticket.merged", "is not a known word"),
    ('if_ticket = { solved = "park" }', "if_ticket.solved", "known: closed, deleted, merged"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "where", "told"), ROUTE_MISTAKES, ids=[m[0] for m in ROUTE_MISTAKES])
def test_a_mistake_of_a_route_is_told_with_its_line(line: str, where: str, told: str) -> None:
    [problem] = problems(CONNECTIONS + ROUTE + line)
    assert problem.where == f"routes[0].{where}"
    assert problem.line == (CONNECTIONS + ROUTE).count("\n") + 1
    assert told in f"{problem.message} ({problem.fix})"


@pytest.mark.parametrize("key", ["name", "ticket", "platform", "when"])
def test_a_missing_key_of_a_route_is_told_with_the_routes_line(key: str) -> None:
    text = CONNECTIONS + "\n".join(line for line in ROUTE.splitlines() if not line.startswith(key))
    [problem] = problems(text)
    assert (problem.where, problem.message, problem.fix) == (f"routes[0].{key}", "is missing", f"add {key} = …")
    assert problem.line == CONNECTIONS.count("\n") + 2


def test_a_missing_secret_comes_with_the_line_to_add() -> None:
    text = "\n".join(line for line in CONNECTIONS.splitlines() if not line.startswith("api_token"))
    [problem] = problems(text)
    assert (problem.where, problem.message) == ("connections.desk.api_token", "is missing")
    assert problem.fix == 'add api_token = "${DESK_API_TOKEN}"'


@pytest.mark.parametrize(
    ("line", "where", "severity"),
    [
        ('invitation = { visibility = "public" }', "invitation.visibility", Severity.ERROR),
        ('session = { visibility = "public" }', "session.visibility", Severity.ERROR),
        ('session = { set_fields = { a = "b" } }', "session.set_fields", Severity.ERROR),
        ("session = { time_entry = { } }", "session.time_entry", Severity.WARNING),
        ('if_ticket = { closed = "follow_up" }', "if_ticket.closed", Severity.ERROR),
        ('if_ticket = { closed = "reopen" }', "if_ticket.closed", Severity.ERROR),
        ('if_ticket = { deleted = "follow_up" }', "if_ticket.deleted", Severity.ERROR),
        ('invitation = { attributes = { a = "b" } }', "invitation.attributes", Severity.ERROR),
        ('invitation = { queue = "team:1" }', "invitation.queue", Severity.ERROR),
        ('invitation = { technician = "assignee" }', "invitation.technician", Severity.ERROR),
        ('invitation = { close_on = "ticket_closed" }', "invitation.close_on", Severity.WARNING),
    ],
)
def test_what_a_side_cannot_do_is_told_beforehand(line: str, where: str, severity: Severity) -> None:
    route = ROUTE.replace('ticket = "desk"', 'ticket = "weak-desk"').replace('m = "remote"', 'm = "weak-remote"')
    route = re.sub("when = .*", "when = { any = true }", route)
    [problem] = problems(CONNECTIONS + route + line)
    assert (problem.where, problem.severity) == (f"routes[0].{where}", severity)
    assert not problems(CONNECTIONS + ROUTE + line)


def test_a_tag_is_waited_for_only_where_tickets_have_some() -> None:
    [problem] = problems(CONNECTIONS + ROUTE.replace('ticket = "desk"', 'ticket = "weak-desk"'))
    assert (problem.where, "waits for a tag" in problem.message) == ("routes[0].when.tag", True)


def test_a_platform_that_invites_nobody_serves_no_route() -> None:
    text = CONNECTIONS.replace('kind = "weakremote"', 'kind = "muteremote"')
    [problem] = problems(text + ROUTE.replace('m = "remote"', 'm = "weak-remote"'))
    assert (problem.where, "cannot invite" in problem.message) == ("routes[0].platform", True)


def test_two_routes_of_one_name_are_told() -> None:
    [problem] = problems(CONNECTIONS + ROUTE + ROUTE.replace("remote-support", "other"))
    assert (problem.where, problem.line) == ("routes[1].name", (CONNECTIONS + ROUTE).count("\n") + 3)


def test_two_routes_for_the_same_tickets_are_told() -> None:
    [problem] = problems(CONNECTIONS + ROUTE + ROUTE.replace('"first"', '"second"'))
    assert problem.where == "routes[1].when"
    assert 'route "first"' in problem.message


def test_a_missing_hook_secret_is_a_warning() -> None:
    [problem] = problems('[connections.a]\nkind = "weakdesk"\nbase_url = "https://a.example.com"')
    assert (problem.where, problem.severity) == ("connections.a.hook_secret", Severity.WARNING)
    assert problem.fix == 'add hook_secret = "${A_HOOK_SECRET}"'


def test_a_short_hook_secret_is_a_warning() -> None:
    [problem] = problems(CONNECTIONS.replace("older-hook-secret-2", "short"))
    assert (problem.where, problem.severity) == ("connections.remote.hook_secret", Severity.WARNING)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (CONNECTIONS + ROUTE).replace("${CODE}", "${NO}").replace("email", "mail").replace("{ tag", "{ tg")
    found = problems(text)
    assert [problem.where for problem in found] == [
        "connections.remote.authcode",
        "connections.desk.email",
        "connections.desk.mail",
        "routes[0].when.tg",
    ]


def test_no_message_holds_a_secret() -> None:
    text = CONNECTIONS.replace('base_url = "https://desk.example.com/base/"', 'base_url = "${TOKEN}"')
    text = text.replace('kind = "remote"', 'kind = "remote"\nother = "${CODE}"')
    with pytest.raises(ConfigurationError) as caught:
        load(text, ENVIRON)
    assert len(caught.value.problems) == 2
    assert not [value for value in ENVIRON.values() if value and value in str(caught.value)]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a = 1\nb = = 2\n", 2, 5), ("a = [1,\n2\n", 3, None), ("[a]\n[a]\n", 2, 3), ("a = 1\na = 2\n", 2, 6)],
)
def test_what_is_not_toml_is_told_with_line_and_column(text: str, line: int, column: int | None) -> None:
    [problem] = problems(text)
    assert "not TOML" in problem.message
    assert (problem.line, problem.column) == (line, column)


def test_the_message_shows_file_line_place_and_remedy() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load('[connections.a]\nkind = "desk"\nbase_url = "https://a.example.com"\nemail = 5', {}, source="my.toml")
    text = str(caught.value)
    assert 'my.toml:4: connections.a.email: is of the wrong type (write a text: "…")' in text
    assert text.startswith("The configuration has")


def test_secrets_are_known_but_not_shown() -> None:
    found = bridge()
    assert found.secrets == {"authcode-value", "hook-secret-value-1", "older-hook-secret-2", "token-value"}
    text = json.dumps(describe(found), ensure_ascii=False) + repr(found)
    assert not [secret for secret in found.secrets if secret in text]


def test_the_description_shows_the_rest() -> None:
    shown = describe(bridge())
    assert shown["connections"]["desk"] == {
        "kind": "desk",
        "base_url": "https://desk.example.com/base",
        "hook_secret": ["…"],
        "keys": {"email": "bridge@example.com", "api_token": "…"},
    }
    assert shown["connections"]["weak-desk"]["keys"] == {"calls": {"note": {"Authorization": "Bearer …"}}}
    assert shown["routes"][0]["when"] == {"kind": "tag", "name": "remote-support", "value": ""}


def test_a_secret_key_is_hidden_at_any_depth() -> None:
    text = CONNECTIONS.replace("calls = { note = { Authorization", "calls = { note = { headers")
    found = load(text.replace("Bearer ${TOKEN}", "Bearer literal"), ENVIRON)
    assert "Bearer literal" in found.secrets
    assert describe(found)["connections"]["weak-desk"]["keys"] == {"calls": {"note": {"headers": "…"}}}


def test_a_variables_braces_are_not_filled_again() -> None:
    environ = ENVIRON | {"TOKEN": "${CODE} token"}
    assert load(CONNECTIONS, environ).connections["desk"].keys["api_token"] == "${CODE} token"


def test_the_file_of_the_settings_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text("\ufeff" + CONNECTIONS, encoding="utf-8")
    assert load_from(Settings(config_path=path), ENVIRON).connections.keys() == bridge().connections.keys()
    path.write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_from(Settings(config_path=path), ENVIRON)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_from(Settings(config_path=tmp_path / "other"), ENVIRON)


def test_the_text_of_the_settings_is_read() -> None:
    assert load_from(Settings(config_toml=CONNECTIONS), ENVIRON).connections
    assert load_from(Settings(), ENVIRON) == Bridge()


def test_what_a_connections_keys_make_possible_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = replace(
        registry.kind("weakdesk"), capabilities_of=lambda keys: frozenset({Capability.PUBLIC_NOTES, Capability.TAGS})
    )
    monkeypatch.setattr(sys.modules[registry.MODULES["weakdesk"]], "KIND", weak)
    registry.kind.cache_clear()
    route = ROUTE.replace('ticket = "desk"', 'ticket = "weak-desk"')
    assert not problems(CONNECTIONS + route + 'invitation = { visibility = "public" }')


def test_a_secret_key_that_is_not_set_hides_nothing() -> None:
    class Optional(Schema):
        token = fields.String(load_default="")

    kind = replace(registry.kind("remote"), schema=Optional, secret_keys=frozenset({"token"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[registry.MODULES["remote"]], "KIND", kind)
        registry.kind.cache_clear()
        text = CONNECTIONS.replace('auth = "authcode"\nauthcode = "${CODE}"\n', "", 1) + ROUTE
        found = load(text, ENVIRON)
        assert "" not in found.secrets
        assert describe(found)["routes"][0]["name"] == "first"
