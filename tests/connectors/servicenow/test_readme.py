"""What ServiceNow's README tells people to paste."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.model import TicketEvent
from config import bridge_toml
from connectors.signatures import SERVICENOW_SCRIPT
from connectors.tickets import servicenow
from connectors.tickets.servicenow.webhook import parse, verify
from tests.contract.captured import RECEIVED, captured

README = (Path(servicenow.__file__).parent / "README.md").read_text(encoding="utf-8")
SECRET = "made-up \N{SNOWMAN} hook secret"
URL = "https://bridge.example.com/hooks/servicenow"

INSTANCE = """
const crypto = require('crypto');
const told = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const sent = {headers: {}};
const gs = {
    getUserName: () => told.user,
    getProperty: (name) => told.properties[name],
    generateGUID: () => '5f2b1c7a87f03410e9e0b8c6cebb3501'
};
class GlideDateTime { getNumericValue() { return told.now; } }
const GlideStringUtil = {base64Encode: (text) => Buffer.from(text, 'utf8').toString('base64')};
class GlideCertificateEncryption {
    generateMac(key, algorithm, text) {
        if (algorithm !== 'HmacSHA256') { throw new Error(algorithm); }
        return crypto.createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'latin1').digest('base64');
    }
}
const sn_ws = {RESTMessageV2: class {
    setEndpoint(url) { sent.url = url; }
    setHttpMethod(method) { sent.method = method; }
    setRequestHeader(name, value) { sent.headers[name.toLowerCase()] = value; }
    setRequestBody(body) { sent.body = body; }
    executeAsync() { console.log(JSON.stringify(sent)); }
}};
const current = {
    getUniqueValue: () => '9d385017c611228701d22104cc95c371',
    getValue: (name) => told.state,
    operation: () => told.operation,
    state: {changes: () => told.changes}
};
"""
"""A pretended instance for the business rule: what the script asks of it, and nothing else."""


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)
    return str(found)


def test_the_connection_is_valid() -> None:
    variables = {"SERVICENOW_PASSWORD": "made-up", "SERVICENOW_HOOK_SECRET": "made-up-hook-secret-1"}
    assert bridge_toml.load(block("toml"), variables).connections["servicenow"].kind == "servicenow"


def test_a_flows_body_is_understood() -> None:
    [event] = parse(replace(captured("servicenow/updated"), body=block("json").encode()))
    assert isinstance(event, TicketEvent)
    assert (event.ticket_id, event.name, event.actor) == ("INC0010001", "ticket.updated", "alex.agent")


def test_the_script_signs_what_the_bridge_verifies() -> None:
    """By its text, for machines that cannot run it: the headers, and the order of what is signed."""
    script = block("js")
    names = {"id": "delivery", "timestamp": "timestamp", "body": "body", ".": "'.'"}
    assert f"var signed = {' + '.join(names[part] for part in SERVICENOW_SCRIPT.parts)};" in script
    headers = {header.lower() for header in re.findall(r"setRequestHeader\('([\w-]+)'", script)}
    scheme = SERVICENOW_SCRIPT
    assert headers == {"content-type", scheme.id_header, scheme.timestamp_header, scheme.signature_header}
    assert "=>" not in script, "the instance reads ECMAScript 5"
    assert not re.search(r"\b(let|const)\b", script)


def ran(**told: object) -> dict[str, Any] | None:
    """The request that the script sends from an instance in which this is so; None if it sends none."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the script is only looked at as text")
    usual = {
        "user": "alex.agent",
        "state": "2",
        "operation": "update",
        "changes": False,
        "now": int(RECEIVED.timestamp() * 1000),
        "properties": {"deskbridge.user": "deskbridge.api", "deskbridge.secret": SECRET, "deskbridge.url": URL},
    }
    done = subprocess.run(
        [node, "-e", INSTANCE + block("js")],
        input=json.dumps({**usual, **told}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=30,
        check=True,
    )
    return json.loads(done.stdout) if done.stdout else None


@pytest.mark.parametrize(
    ("told", "word", "actor"),
    [
        ({}, "ticket.updated", "alex.agent"),
        ({"operation": "insert"}, "ticket.created", "alex.agent"),
        ({"state": "7", "changes": True}, "ticket.closed", "alex.agent"),
        ({"state": "7"}, "ticket.updated", "alex.agent"),
        ({"user": 'M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller "\\\n\N{GRINNING FACE}'}, "ticket.updated", None),
    ],
)
def test_the_script_is_believed_and_understood(told: dict[str, object], word: str, actor: str | None) -> None:
    sent = ran(**told)
    assert sent is not None
    assert (sent["method"], sent["url"]) == ("post", URL)
    delivery = replace(captured("servicenow/updated"), headers=sent["headers"], body=sent["body"].encode("ascii"))
    verify(delivery, [SECRET])
    [event] = parse(delivery)
    assert isinstance(event, TicketEvent)
    assert (event.name, event.actor) == (word, actor or str(told["user"]).strip())


def test_the_script_keeps_quiet_about_our_own_writes() -> None:
    assert ran(user="deskbridge.api") is None
