"""Lens PINs with their SMS, and the PIN that an integration gets without signing in."""

from __future__ import annotations

import re

import httpx
import pytest

from sandbox.driver import Customer
from sandbox.rescue.model import Sms
from sandbox.rescue.tree import ADMIN_ID, SECOND_ID
from sandbox.serve import Sandbox

NUMBER = "+1 202 555 0143"


def ask(sandbox: Sandbox, client: httpx.Client, method: str, **values: str) -> str:
    authcode = sandbox.settings.rescue.authcode
    return client.post(f"/API/{method}.aspx", data={"authcode": authcode, **values}).text


@pytest.mark.parametrize("version", ["", "_v2", "_v3", "v3"])
def test_lens_pins(sandbox: Sandbox, rescue: httpx.Client, customer: Customer, version: str) -> None:
    answer = ask(sandbox, rescue, f"requestLensPINCode{version}", cfield0="Customer 1")
    pin = answer.removeprefix("OK\n\nPINCODE:")
    assert re.fullmatch(r"\d{6}", pin)
    assert sandbox.rescue.session(customer.join(pin)).platform == "iOS 17"
    assert not sandbox.rescue.sent_sms


def test_the_fourth_is_for_soap_only(rescue: httpx.Client) -> None:
    assert rescue.get("/API/requestLensPINCode_v4.aspx").status_code == 404


def test_the_pin_goes_by_sms(sandbox: Sandbox, rescue: httpx.Client) -> None:
    answer = ask(sandbox, rescue, "requestLensPINCode_v3", PhoneNumber=NUMBER, LangCode="pt")
    assert list(sandbox.rescue.sent_sms) == [Sms(NUMBER, "pt", answer[-6:])]
    assert sandbox.settings.rescue.sms_left == 99
    values = sandbox.rescue.calls.all("requestLensPINCode_v3")[0].values
    assert values == {"langcode": "pt"}


def test_sms_that_cannot_be_sent(sandbox: Sandbox, rescue: httpx.Client) -> None:
    settings = sandbox.settings.rescue
    settings.undeliverable_numbers = frozenset({"5550199999"})
    method = "requestLensPINCode_v3"
    assert ask(sandbox, rescue, method, PhoneNumber="call me") == "INVALID_PHONENUMBER"
    assert ask(sandbox, rescue, method, PhoneNumber="5550199999") == "SMS_CANNOT_BE_SENT"
    settings.sms_left = 0
    assert ask(sandbox, rescue, method, PhoneNumber=NUMBER) == "NO_MORE_SMS"
    assert not sandbox.rescue.pins
    assert ask(sandbox, rescue, method).startswith("OK")


def test_without_access_to_lens(sandbox: Sandbox, rescue: httpx.Client) -> None:
    sandbox.rescue.owner.lens = False
    assert ask(sandbox, rescue, "requestLensPINCode") == "NO_ACCESS_TO_LENS"
    assert ask(sandbox, rescue, "requestPINCode").startswith("OK")


def test_a_pin_for_a_technician_of_the_tree(sandbox: Sandbox, rescue: httpx.Client) -> None:
    pin = ask(sandbox, rescue, "requestPINCode_v3", NodeId=str(SECOND_ID))[-6:]
    assert sandbox.rescue.usable_pin(pin).technician.id == SECOND_ID
    assert ask(sandbox, rescue, "requestPINCode_v3", NodeId=str(ADMIN_ID)) == "NOTTECHNICIAN"


def test_no_pin_without_a_technicians_seat(sandbox: Sandbox, rescue: httpx.Client) -> None:
    sandbox.settings.rescue.technician_seat = False
    for method in ("requestPINCode", "requestPINCode_v3", "requestLensPINCode"):
        assert ask(sandbox, rescue, method) == "NOTTECHNICIAN"
    assert ask(sandbox, rescue, "generateEmailText", pincode="123456") == "NOTTECHNICIAN"
    assert "TechID:0\n" in ask(sandbox, rescue, "getAccount")
    assert ask(sandbox, rescue, "requestPINCode_v3", NodeId=str(SECOND_ID)).startswith("OK")
    sandbox.rescue.technicians[SECOND_ID].disabled = True
    assert ask(sandbox, rescue, "requestPINCode_v3", NodeId=str(SECOND_ID)) == "NOTTECHNICIAN"


# the integration's address


def integration(sandbox: Sandbox, client: httpx.Client, **values: str) -> str:
    settings = sandbox.settings.rescue
    known = {"CompanyID": settings.company_id, "SSOID": settings.sso_id}
    return client.get("/Integration/HewlettPackard/GetPinCode", params={**known, **values}).text


def test_a_page_with_a_pin(sandbox: Sandbox, rescue: httpx.Client) -> None:
    page = integration(sandbox, rescue, name="Customer 1", cfield5="five", trackingid="T-1")
    (pin,) = re.findall(r"\b\d{6}\b", page)
    assert "<html>" in page
    issued = sandbox.rescue.usable_pin(pin)
    assert (issued.fields[0], issued.fields[5], issued.tracking) == ("Customer 1", "five", "T-1")


def test_pages_without_one(sandbox: Sandbox, rescue: httpx.Client) -> None:
    assert integration(sandbox, rescue, SSOID="") == "MISSINGPARAMETER"
    assert integration(sandbox, rescue, SSOID="nobody") == "NOTTECHNICIAN"
    assert integration(sandbox, rescue, cfield4="x" * 65) == "ERROR"
    sandbox.rescue.owner.lens = False
    assert integration(sandbox, rescue, islenspincode="1") == "NOPERMISSIONFORLENS"
    sandbox.rescue.owner.console_open = False
    assert integration(sandbox, rescue) == "NOTECHCONSOLERUNNING"
    assert "<html>" in integration(sandbox, rescue, notechconsole="1")
