"""PIN codes for sessions and for Lens, SMS with them, and the text of an e-mail with one.

Source: Rescue API Reference Guide, chapters requestPINCode to requestPINCode_v3, requestLensPINCode to
requestLensPINCode_v4, generateEmailText.
"""

from __future__ import annotations

import re

from sandbox.rescue.asked import Asked
from sandbox.rescue.methods.caller import Method, caller, ok
from sandbox.rescue.model import Code, Pin, Sms
from sandbox.rescue.state import RescueState

PHONE = re.compile(r"\+?[0-9 ()./-]{7,20}", re.ASCII)
FOR_OTHERS = ("requestpincode_v3", "requestlenspincode_v4")


def pin(state: RescueState, asked: Asked) -> Pin:
    """For who calls; the third version of PINs and the fourth for Lens can name another technician."""
    user = caller(state, asked)
    node_id = asked.get("nodeid") if asked.method in FOR_OTHERS else ""
    lens = "lens" in asked.method
    if lens and not user.lens:
        raise Code("NO_ACCESS_TO_LENS")
    offline = asked.get("notechconsole", "0").lower() in ("1", "true")
    return state.request_pin(user, asked.values, node_id=node_id, notechconsole=offline, lens=lens)


def sms(state: RescueState, asked: Asked) -> str:
    """What keeps the SMS from being sent, or nothing; a call without a number wants none."""
    number = asked.get("phonenumber")
    if not number:
        return ""
    if not PHONE.fullmatch(number) or sum(one.isdigit() for one in number) < 7:
        return "INVALID_PHONENUMBER"
    if state.settings.sms_left <= 0:
        return "NO_MORE_SMS"
    return "SMS_CANNOT_BE_SENT" if number in state.settings.undeliverable_numbers else ""


def send_sms(state: RescueState, asked: Asked, code: str) -> None:
    if asked.get("phonenumber"):
        state.settings.sms_left -= 1
        state.sent_sms.append(Sms(asked.get("phonenumber"), asked.get("langcode") or "en", code))


def lens_pin_with_sms(state: RescueState, asked: Asked) -> Pin:
    """Nothing is issued where the SMS cannot be sent."""
    caller(state, asked)
    refused = sms(state, asked)
    if refused:
        raise Code(refused)
    issued = pin(state, asked)
    send_sms(state, asked, issued.code)
    return issued


def _request_pin(state: RescueState, asked: Asked) -> str:
    return ok(f"PINCODE:{pin(state, asked).code}")


def _request_lens_pin_v3(state: RescueState, asked: Asked) -> str:
    return ok(f"PINCODE:{lens_pin_with_sms(state, asked).code}")


def email_text(state: RescueState, asked: Asked) -> dict[str, str]:
    """Names of the reference and values."""
    caller(state, asked)
    if not state.settings.technician_seat:
        raise Code("NOTTECHNICIAN")
    code = asked.get("pincode")
    if not re.fullmatch(r"[0-9]{6}", code):
        raise Code("INVALIDPINFORMAT")
    return {
        "SUBJECT": "Connection email link",
        "TEXT": "Please click the link below to request a live support session:",
        "LINK": f"{state.base_url}/R?i=2&Code={code}",
        "SIGNATURE": "Best Regards, Support Team",
    }


def _generate_email_text(state: RescueState, asked: Asked) -> str:
    return ok("\n".join(f"{name}:{value}" for name, value in email_text(state, asked).items()))


METHODS: dict[str, Method] = {
    "requestpincode": _request_pin,
    "requestpincode_v2": _request_pin,
    "requestpincode_v3": _request_pin,
    "requestlenspincode": _request_pin,
    "requestlenspincode_v2": _request_pin,
    "requestlenspincode_v3": _request_lens_pin_v3,
    # As the reference's own sample writes the address.
    "requestlenspincodev3": _request_lens_pin_v3,
    "generateemailtext": _generate_email_text,
}
