"""What nobody may read in the log of a day at the appliance, at the most talkative level."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from config import logs
from store.sealing import Sealer
from tests.harness import APPLIANCE_SECRET, SECRET_KEY, settings_of, until
from tests.whole.conftest import OpenAppliance
from tests.whole.office import ApplianceOffice


def bad_day(office: ApplianceOffice) -> None:
    """Everything that fails: tokens that are revoked, errors with words of ours, forged and broken events."""
    appliance = office.sandbox.appliance
    appliance.force("generate_session_key", f"queue_id team:1 of {APPLIANCE_SECRET} is unknown")
    office.told(office.asked("Refused"), "could not be prepared")
    office.sandbox.appliance_gate.revoke()
    office.sandbox.faults.appliance.fail("/api/command", status=500, times=1)
    office.invited("After a revoked token")
    url = f"{office.bridge.url}/hooks/appliance"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for key in (APPLIANCE_SECRET, APPLIANCE_SECRET[:-1]):
        httpx.post(url, params={"key": key}, content=b"event=x&lsid=%00", headers=form, trust_env=False)
        httpx.post(url, auth=("x", key), content=b"nothing", headers=form, trust_env=False)


@pytest.fixture
def quiet_afterwards() -> Iterator[None]:
    """The log as other tests want it, on the output that is there when this one is over."""
    yield
    logs.configure(settings_of("sqlite://"))


def tokens(office: ApplianceOffice) -> list[str]:
    """What the bridge keeps of sign-ins, and kept before it was revoked."""
    with office.bridge.database.read() as connection:
        kept = list(connection.execute(text("SELECT connection, name, value FROM vault WHERE value <> ''")))
    opened = (Sealer([SECRET_KEY]).open(row.value, row.connection, row.name) for row in kept)
    return [found for found in opened if found]


@pytest.mark.usefixtures("quiet_afterwards", "short_pauses")
def test_the_log_of_a_day_holds_no_secret(open_appliance: OpenAppliance, capfd: pytest.CaptureFixture[str]) -> None:
    office = open_appliance(keys="poll_seconds = 1\nreal_time = true", clock=True)
    logs.configure(settings_of("sqlite://", LOG_LEVEL="DEBUG"))
    ticket, invitation = office.invited()
    office.whole_session(invitation.key)
    office.card(ticket)
    kept = tokens(office)
    bad_day(office)
    until(lambda: office.sandbox.drain(10))
    said = "".join(capfd.readouterr())
    assert "effect done" in said
    assert "delivery refused" in said
    settings = office.sandbox.settings.appliance
    basic = base64.b64encode(f"{settings.client_id}:{settings.client_secret}".encode()).decode()
    keys = list(office.sandbox.appliance.keys.values())
    assert len(keys) > 1
    secrets = {
        "client secret": settings.client_secret,
        "Basic": basic,
        "hook secret": APPLIANCE_SECRET,
        "what was said": "Good morning",
        **{f"token {number}": token for number, token in enumerate({*kept, *tokens(office)})},
        **{f"link {number}": key.access for number, key in enumerate(keys)},
    }
    assert "token 1" in secrets
    assert [name for name, secret in secrets.items() if secret in said] == []
    typed = [key.short_key for key in keys if re.search(rf"(?<![\d.]){key.short_key}(?!\d)", said)]
    assert typed == []
