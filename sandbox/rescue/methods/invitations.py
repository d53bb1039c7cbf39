"""PIN codes, and the text of an e-mail with one.

Source: Rescue API Reference Guide, chapters requestPINCode to requestPINCode_v3, generateEmailText.
"""

from __future__ import annotations

import re

from sandbox.rescue.asked import Asked
from sandbox.rescue.methods.caller import Method, caller, ok
from sandbox.rescue.model import Code, Pin
from sandbox.rescue.state import RescueState


def _pin(state: RescueState, asked: Asked, node_id: str = "") -> Pin:
    user = caller(state, asked)
    offline = asked.get("notechconsole", "0").lower() in ("1", "true")
    return state.request_pin(user, asked.values, node_id=node_id, notechconsole=offline)


def _request_pin(state: RescueState, asked: Asked) -> str:
    return ok(f"PINCODE:{_pin(state, asked).code}")


def _request_pin_v3(state: RescueState, asked: Asked) -> str:
    return ok(f"PINCODE:{_pin(state, asked, asked.get('nodeid')).code}")


def _generate_email_text(state: RescueState, asked: Asked) -> str:
    caller(state, asked)
    pin = asked.get("pincode")
    if not re.fullmatch(r"[0-9]{6}", pin):
        raise Code("INVALIDPINFORMAT")
    link = f"{state.base_url}/R?i=2&Code={pin}"
    text = "Please click the link below to request a live support session:"
    return ok(f"SUBJECT:Connection email link\nTEXT:{text}\nLINK:{link}\nSIGNATURE:Best Regards, Support Team")


METHODS: dict[str, Method] = {
    "requestpincode": _request_pin,
    "requestpincode_v2": _request_pin,
    "requestpincode_v3": _request_pin_v3,
    "generateemailtext": _generate_email_text,
}
