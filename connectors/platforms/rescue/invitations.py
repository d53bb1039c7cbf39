"""PINs for customers, by all the ways that Rescue has, and the text that invites them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bridge.errors import ConnectorError, Rejected, UnknownOutcome
from connectors import xml
from connectors.http import Reply
from connectors.platforms.rescue import replies, soap
from connectors.platforms.rescue.api import Api
from connectors.platforms.rescue.blocks import record_of
from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.catalogue.pins import OF_AN_SMS
from connectors.platforms.rescue.replies import CODES, EmailText
from connectors.platforms.rescue.schema import length
from connectors.platforms.rescue.tickets import error_of_page, pin_of_page

PINS: Final = "pins"
"""The bucket of the rate limit that requests for a PIN have of their own."""
PIN_CALLS = ("requestPINCode_v3", "requestPINCode_v2", "requestPINCode")
"""Newest first; an older site may not have the newer ones."""
LENS_ADDRESSES: Mapping[int, tuple[str, ...]] = {
    1: ("requestLensPINCode",),
    2: ("requestLensPINCode_v2",),
    # The reference writes its third address in both ways.
    3: ("requestLensPINCode_v3", "requestLensPINCodev3"),
}
LENS_OPERATIONS = ("requestLensPINCodeV4", "requestLensPINCode_v4")
"""The reference's link and its sample name the fourth in two ways."""
_PIN = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class PinRequest:
    """What a PIN is to carry."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """`cfield0` to `cfield5`."""
    reference: str = ""
    """The tracking field: at most 64 characters."""
    without_console: bool = True
    """Whether a PIN can be had while no technician's console is open."""
    node: str = ""
    """The technician who gets the session; empty for the user of the API."""


@dataclass(frozen=True, slots=True)
class LensPin:
    """A PIN for Rescue Lens, and what became of its SMS."""

    code: str = field(repr=False)
    sms_problem: ConnectorError | None = None
    """Why no SMS is under way; None where one is, or none was asked for."""


def join_link(base_url: str, pin: str) -> str:
    """Where a customer starts the session without typing the PIN: whoever has the link has the PIN."""
    return f"{base_url.rstrip('/')}/R?i=2&Code={pin}"


class Invitations:
    """Requests for PINs. There is no way to look whether one was made: see the README about once-ness."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._pin_call = PIN_CALLS[0]

    def request(self, wanted: PinRequest) -> str:
        """Six digits, by the newest call that the site has."""
        if wanted.node:
            # Only the newest call can make the PIN for another technician than the user of the API.
            return self.pin(wanted)
        for call in PIN_CALLS[PIN_CALLS.index(self._pin_call) :]:
            # Kept before it is tried: our own rate limit may put the older call off to the next attempt.
            self._pin_call = call
            try:
                return self.pin(wanted, call)
            except Rejected as refused:
                if refused.code != replies.NOT_OFFERED:
                    raise
        self._pin_call = PIN_CALLS[0]
        raise Rejected("this site of Rescue offers no call that requests a PIN", code=replies.NOT_OFFERED)

    def pin(self, wanted: PinRequest, call: str = PIN_CALLS[0]) -> str:
        """Six digits by that call. Raises NobodyThere when a console must be open and none is."""
        if wanted.node and call != PIN_CALLS[0]:
            raise Rejected(f"{call} makes PINs for the user of the API only: whoever asked must take the newest call")
        return replies.pin_of(self._api.order(call, _form(wanted), bucket=PINS))

    def lens_pin(
        self, wanted: PinRequest, *, phone: str = "", language: str = "", version: int | None = None
    ) -> LensPin:
        """A PIN for Rescue Lens by the version told, else by the oldest that can do what is wanted.

        Sent as an SMS where a phone number is given; for another technician, which is version 4, by SOAP.
        """
        chosen = version or _lens_version(wanted, phone)
        if wanted.node and chosen < 4:
            raise Rejected("only version 4 makes a Lens PIN for another technician: whoever asked must take that")
        message = {"PhoneNumber": phone, "LangCode": language} if chosen >= 3 else {}
        data = {**_form(wanted), **{name: value for name, value in message.items() if value}}
        if chosen == 4:
            return self._by_soap(data)
        return _lens_of(self._first_offered(LENS_ADDRESSES[chosen], data, f"requestLensPINCode_v{chosen}"))

    def integration_pin(self, company: str, sso_id: str, wanted: PinRequest, *, lens: bool = False) -> str:
        """Six digits by the integration page, which needs no sign-in but the company and a technician's ID."""
        _check(wanted)
        told = {("name" if name == "cfield0" else name): value for name, value in wanted.fields.items()}
        data = {
            "CompanyID": company,
            "SSOID": sso_id,
            **told,
            **({"trackingid": wanted.reference} if wanted.reference else {}),
            "notechconsole": "1" if wanted.without_console else "0",
            "islenspincode": "1" if lens else "0",
        }
        method = METHODS["getPINCode"]
        transport = self._api.unsigned(lambda reply: error_of_page(reply, method.codes))
        # Documented as an address to open; nothing in it signs anybody in.
        return pin_of_page(transport.write("GET", method.address, bucket=PINS, params=data))

    def email_text(self, pin: str) -> EmailText:
        """The account's own invitation text for a PIN."""
        return replies.email_of(self._api.ask("generateEmailText", {"pincode": pin}))

    def _first_offered(self, addresses: tuple[str, ...], data: Mapping[str, str], name: str) -> Reply:
        method = METHODS.get(name, METHODS["requestLensPINCode"])
        for address in addresses[:-1]:
            try:
                return self._api.order(address, data, {**CODES, **method.codes}, bucket=PINS)
            except Rejected as refused:
                if refused.code != replies.NOT_OFFERED:
                    raise
        return self._api.order(addresses[-1], data, {**CODES, **method.codes}, bucket=PINS)

    def _by_soap(self, data: Mapping[str, str]) -> LensPin:
        method = METHODS["requestLensPINCode_v4"]
        values = {**data, "notechconsole": "true" if data["notechconsole"] == "1" else "false"}
        parameters = [(one.soap, values[one.name]) for one in method.parameters if one.name in values]
        if node := values.get("NodeId"):
            # Seen as nodeId in a call of requestPINCodeV3; by the habit of all others it would be this.
            parameters.append(("iNodeID", node))
        answer = self._fourth(parameters)
        told = {xml.local(child).upper(): xml.text(child).strip() for child in xml.children(answer)}
        pin = next((value for name, value in told.items() if name.endswith("PINCODE")), "")
        sms = next((value for name, value in told.items() if "SMS" in name.removesuffix("RESULT")), "")
        if not _PIN.fullmatch(pin):
            raise UnknownOutcome(f"{method.operation} was answered OK without a PIN", code="unreadable")
        return LensPin(pin.zfill(6), _sms_problem(sms))

    def _fourth(self, parameters: Sequence[tuple[str, str]]) -> xml.Element:
        first, second = LENS_OPERATIONS
        try:
            return self._api.soap(first, parameters, write=True, bucket=PINS)
        except Rejected as refused:
            if refused.code != replies.NOT_OFFERED:
                raise
        return self._api.soap(second, parameters, write=True, bucket=PINS)


def _form(wanted: PinRequest) -> dict[str, str]:
    _check(wanted)
    return {
        **wanted.fields,
        "tracking0": wanted.reference,
        "notechconsole": "1" if wanted.without_console else "0",
        **({"NodeId": wanted.node} if wanted.node else {}),
    }


def _check(wanted: PinRequest) -> None:
    """Raises Rejected for a field that Rescue has not, or more than it holds: cut, it would say something else."""
    limits = {one.name: one.limit or 0 for one in METHODS[PIN_CALLS[0]].parameters}
    for name, value in {**wanted.fields, "tracking0": wanted.reference}.items():
        if not limits.get(name):
            raise Rejected(
                f"Rescue has no field {name}: whoever asked must name one of cfield0 to cfield5", code="fields"
            )
        if length(value) > limits[name]:
            raise Rejected(f"{name} has more than {limits[name]} characters: whoever asked must shorten it", code=name)


def _lens_version(wanted: PinRequest, phone: str) -> int:
    if wanted.node:
        return 4
    return 3 if phone else 2


def _lens_of(reply: Reply) -> LensPin:
    told = record_of(reply, ("PINCODE", "SMS_RESULT"))
    if not _PIN.fullmatch(told["PINCODE"]):
        raise reply.unclear("was answered OK without a PIN", code="unreadable")
    return LensPin(told["PINCODE"].zfill(6), _sms_problem(told.get("SMS_RESULT", "")))


def _sms_problem(said: str) -> ConnectorError | None:
    """`sendInvitationForMobileSession_OK` is none, and so is a reply that says nothing of an SMS."""
    if not said:
        return None
    code = soap.code_of(said, (replies.SUCCESS, *OF_AN_SMS))
    return None if code == replies.SUCCESS else replies.made(OF_AN_SMS.get(code), code, "the SMS")
