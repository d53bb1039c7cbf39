"""One typed call of every method of the catalogue, with all that it takes, and how Rescue answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from connectors.contract import ConnectionConfig
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.api import Api as Client
from connectors.platforms.rescue.catalogue import METHODS
from connectors.platforms.rescue.directory import GroupChange, NewUser, UserChange
from connectors.platforms.rescue.invitations import Invitations, PinRequest
from connectors.platforms.rescue.schema import KeysSchema
from connectors.platforms.rescue.sessions import Sessions
from tests.connectors.rescue.support import AUTHCODE, BASE_URL, Api
from tests.contract.captured import FIXTURES
from tests.contract.workshop import workshop

if TYPE_CHECKING:
    from collections.abc import Iterator

REPLIES = FIXTURES / "rescue" / "api"
PASSWORD = "made-up-password"
FIELDS = {f"cfield{number}": f"field {number}" for number in range(6)}
WANTED = PinRequest(FIELDS, "DB1:desk:4711", without_console=False)
FOR_SOMEBODY = PinRequest(FIELDS, "DB1:desk:4711", without_console=False, node="337366")
USER = UserChange(
    "Technician 1",
    "technician1@example.com",
    enabled=True,
    mobile_addon=True,
    rpat_addon=False,
    nick="One",
    sso_id="123456",
    description="Second floor",
    password=PASSWORD,
    current_password="made-up-old-password",
)
GROUP = GroupChange("Group 1", True, 10, 5, 3, "Hours", ("RemoteView", "SendFile"), ("SendFile",))
NEW = NewUser(7, "337364", "Technician 7", "technician7@example.com", PASSWORD, "Seven", "777", "New")


@dataclass
class House:
    """All typed calls in front of one fake."""

    administration: Administration
    sessions: Sessions
    invitations: Invitations


CALLS: Mapping[str, Callable[[House], Any]] = {
    "getAccount": lambda house: house.administration.account(),
    "getHierarchy": lambda house: house.administration.hierarchy("337364", version=1),
    "getHierarchy_v2": lambda house: house.administration.hierarchy("337364", without_offline=True),
    "getLoginTicket": lambda house: house.administration.login_ticket("123456", PASSWORD, "654321"),
    "getDTCLoginTicket": lambda house: house.administration.console_ticket("123456", PASSWORD, "654321"),
    "createUser": lambda house: house.administration.create_user("337364"),
    "createUsers": lambda house: house.administration.create_users([NEW]),
    "getUser": lambda house: house.administration.user("337366", version=1),
    "getUser_v2": lambda house: house.administration.user("337366", version=2),
    "getUser_v3": lambda house: house.administration.user("337366"),
    "setUser": lambda house: house.administration.set_user("337366", USER, version=1),
    "setUser_v2": lambda house: house.administration.set_user("337366", USER),
    "setUserStatus_v7_1": lambda house: house.administration.set_user_status("337366", enabled=False),
    "createGroup": lambda house: house.administration.create_group("337364"),
    "getGroup": lambda house: house.administration.group("337364", version=1),
    "getGroup_v2": lambda house: house.administration.group("337364", version=2),
    "getGroup_v3": lambda house: house.administration.group("337364"),
    "setGroup": lambda house: house.administration.set_group("337364", GROUP, version=1),
    "setGroup_v2": lambda house: house.administration.set_group("337364", GROUP, version=2),
    "setGroup_v3": lambda house: house.administration.set_group("337364", GROUP),
    "moveNode": lambda house: house.administration.move("337366", "337364"),
    "deleteNode": lambda house: house.administration.delete("337366"),
    "assignChannel": lambda house: house.administration.assign_channel("337366", "1902861082"),
    "unassignChannel": lambda house: house.administration.unassign_channel("337366", "1902861082"),
    "requestPINCode": lambda house: house.invitations.pin(WANTED, "requestPINCode"),
    "requestPINCode_v2": lambda house: house.invitations.pin(WANTED, "requestPINCode_v2"),
    "requestPINCode_v3": lambda house: house.invitations.pin(FOR_SOMEBODY),
    "requestLensPINCode": lambda house: house.invitations.lens_pin(WANTED, version=1),
    "requestLensPINCode_v2": lambda house: house.invitations.lens_pin(WANTED),
    "requestLensPINCode_v3": lambda house: house.invitations.lens_pin(WANTED, phone="+15550100", language="de"),
    "requestLensPINCode_v4": lambda house: house.invitations.lens_pin(FOR_SOMEBODY, phone="+15550100", language="de"),
    "getPINCode": lambda house: house.invitations.integration_pin("654321", "123456", WANTED, lens=True),
    "generateEmailText": lambda house: house.invitations.email_text("123456"),
    "getSession": lambda house: house.sessions.listed("337366", version=1),
    "getSession_v2": lambda house: house.sessions.listed("337366", version=2),
    "getSession_v3": lambda house: house.sessions.listed("337366"),
    "startSession": lambda house: house.sessions.start("1663112", "337366"),
    "holdSession": lambda house: house.sessions.hold("1663112"),
    "transferSession": lambda house: house.sessions.transfer("1663112", "337367", comment="knows it"),
    "closeSession": lambda house: house.sessions.close("1663112"),
    "cancelAction": lambda house: house.sessions.cancel("1663112"),
    "isAnyTechAvailableOnChannel": lambda house: house.sessions.anybody_on("1902861082"),
    "getChat": lambda house: house.sessions.chat("1663112"),
    "getNote": lambda house: house.sessions.note("1663112"),
}
"""What the sign-in alone calls is tested with it."""

BY_SOAP: Mapping[str, Callable[[House], Any]] = {
    "createUsers": CALLS["createUsers"],
    "requestLensPINCode_v4": CALLS["requestLensPINCode_v4"],
    "getSession": lambda house: house.sessions.by_soap("337366", version=1),
    "getSession_v2": lambda house: house.sessions.by_soap("337366", version=2),
    "getSession_v3": lambda house: house.sessions.by_soap("337366"),
    "isAnyTechAvailableOnChannel": lambda house: house.sessions.anybody_by_soap("1902861082"),
}


@contextmanager
def house(api: Api) -> Iterator[House]:
    config = ConnectionConfig("rescue", "rescue", BASE_URL, ("x",), KeysSchema().load({"authcode": AUTHCODE}))
    with workshop(BASE_URL, api) as given:
        client = Client(config, given)
        yield House(Administration(client), Sessions(client), Invitations(client))


def asked_as(name: str, *, soap: bool) -> str:
    """What the fake knows the call by."""
    method = METHODS[name]
    if soap or not method.address:
        return method.operation
    return method.address.rsplit("/", 1)[-1].removesuffix(".aspx")


def answered(name: str, answer: Any, *, soap: bool = False) -> Api:
    """The fake that answers that call so; text by SOAP is the result of an envelope."""
    by_soap = soap or not METHODS[name].address
    if by_soap and isinstance(answer, str):
        answer = envelope(METHODS[name].operation, answer)
    return Api(**{asked_as(name, soap=soap): answer})


def envelope(operation: str, result: str) -> httpx.Response:
    inside = f"<state>{result}</state>" if operation == "createUsers" else result
    body = (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{operation}Response xmlns="https://secure.logmeinrescue.com/API/API.asmx">'
        f"<{operation}Result>{inside}</{operation}Result></{operation}Response></soap:Body></soap:Envelope>"
    )
    return httpx.Response(200, content=body.encode(), headers={"content-type": "text/xml; charset=utf-8"})


def captured(file: str) -> httpx.Response:
    return httpx.Response(200, content=(REPLIES / file).read_bytes())
