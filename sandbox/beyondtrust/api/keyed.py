"""Commands about session keys and sessions.

Source: Remote Support 23.2 API guide, chapters generate_session_key, join_session, transfer_session,
send_chat_message, create_virtual_customer, leave_session, set_session_attributes, get_session_attributes,
terminate_session. The guide prints no answer of send_chat_message and leave_session: `<success>` is a guess.
"""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree

from sandbox.beyondtrust.api.action import Action, Values, action, active, attributes, flag, representative, whole
from sandbox.beyondtrust.api.answers import add, add_all, element, unix
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import EXTERNAL_KEY, Actor, ApiError, Event

LOCALES = frozenset(
    ["en-us", "de", "es", "es-sp", "fi", "fr", "it", "nl", "pt-br", "pt-pt", "sv-se", "tr", "ja", "zh-hans", "zh", "ru"]
)


def _generate_session_key(state: ApplianceState, values: Values) -> etree._Element:
    if values["type"] != "support":
        raise ApiError("Invalid value of type.")
    skills = tuple(one for one in values.get("session.skills", "").split(",") if one)
    key = state.request_key(
        values["queue_id"],
        attributes(values),
        whole(values, "ttl", 1),
        whole(values, "session.priority", 1, 3) or 2,
        skills,
        values.get("url_hostname", ""),
    )
    root = element("session_key")
    url = state.key_url(key)
    add_all(root, type="support", ttl=str(key.ttl), expires=unix(key.expires_at))
    add(root, "queue", key.queue.kind, available=str(int(state.available(key.queue))))
    add_all(
        root,
        queue_id=str(key.queue.id or 1),
        external_key=key.attributes.get(EXTERNAL_KEY, ""),
        short_key=key.short_key,
        key_url=url,
        mail_subject="Remote Support Invitation",
        mail_body=f"\nOpen this link and follow what it says:\n\n{url}\n",
    )
    return root


def _join_session(state: ApplianceState, values: Values) -> str:
    state.join_rep(active(state, values).lsid, representative(state, values).id)
    return "Representative successfully added"


def _transfer_session(state: ApplianceState, values: Values) -> str:
    state.transfer(active(state, values).lsid, values["queue_id"])
    return "Successfully transferred"


def _send_chat_message(state: ApplianceState, values: Values) -> str:
    if ("lsid" in values) == ("team_id" in values):
        raise ApiError("Either lsid or team_id must be given.")
    at = _past(state, values)
    if "team_id" in values:
        return _to_team(state, values, at)
    if "to_rep" in values or "to_rep_username" in values:
        raise ApiError("A private message needs team_id.")
    lsid, body, account = active(state, values).lsid, values["body"], state.settings.client_id
    as_whom = values.get("impersonate", "")
    if as_whom == "customer":
        state.customer_says(lsid, body, at=at, account=account)
    elif as_whom:
        state.representative_says(lsid, _impersonated(state, as_whom), body, at=at, account=account)
    else:
        state.system_says(lsid, body, at=at, account=account)
    return "Successfully sent chat message"


def _to_team(state: ApplianceState, values: Values, at: datetime | None) -> str:
    team, as_whom = state.team(whole(values, "team_id") or 0), values.get("impersonate", "")
    if as_whom == "customer":
        raise ApiError("A customer cannot be impersonated in a team chat.")
    speaker = Actor("system", 0, "")
    if as_whom:
        rep = state.representative(_impersonated(state, as_whom))
        speaker = Actor("representative", rep.gsnumber, rep.private_name)
    destination = None
    if "to_rep" in values or "to_rep_username" in values:
        if not as_whom:
            raise ApiError("A private message needs impersonate.")
        to = representative(state, values, "to_rep", "to_rep_username")
        destination = Actor("representative", to.gsnumber, to.private_name)
    event = Event(at or state.clock.now(), "Chat Message", speaker, destination, values["body"])
    state.team_events.setdefault(team.id, []).append(event)
    return "Successfully sent chat message"


def _past(state: ApplianceState, values: Values) -> datetime | None:
    seconds = whole(values, "timestamp", most=2**40)
    if seconds is None:
        return None
    if seconds > state.clock.now().timestamp():
        raise ApiError("The timestamp must be in the past.")
    return datetime.fromtimestamp(seconds, UTC)


def _impersonated(state: ApplianceState, text: str) -> int:
    kind, _, name = text.partition(":")
    if kind == "rep" and name.isdecimal():
        return state.representative(int(name)).id
    if kind == "rep_username" and name:
        return state.representative_named(name).id
    raise ApiError("Invalid value of impersonate.")


def _create_virtual_customer(state: ApplianceState, values: Values) -> etree._Element:
    if values.get("locale", "en-us") not in LOCALES:
        raise ApiError("Invalid value of locale.")
    chat = flag(values, "chat_url")
    session = state.join(values["short_key"], customer=values["name"])
    session.virtual, session.public_ip = True, values["ip_address"]
    session.os, session.hostname = values["operating_system"], values["computer_name"]
    root = element("virtual_customer")
    add(root, "download_url", f"{state.base_url}/customer/{session.lsid}{'?c2cjs=1' if chat else ''}")
    return root


def _leave_session(state: ApplianceState, values: Values) -> str:
    lsid = active(state, values).lsid
    if not any(name in values for name in ("rep_id", "rep_username", "customer")):
        raise ApiError("One of rep_id, rep_username and customer must be given.")
    if "customer" in values:
        if values["customer"] != "1" or len(values) > 3:
            raise ApiError("Invalid value of customer.")
        state.customer_leaves(lsid)
    else:
        state.leave_rep(lsid, representative(state, values).id)
    return "Successfully removed from session"


def _set_session_attributes(state: ApplianceState, values: Values) -> str:
    state.set_attributes(active(state, values).lsid, attributes(values))
    return "Session attributes were set"


def _get_session_attributes(state: ApplianceState, values: Values) -> etree._Element:
    root = element("custom_attributes")
    for name, value in active(state, values).attributes.items():
        display = state.settings.custom_fields.get(name, "External Key")
        add(root, "custom_attribute", value, display_name=display, code_name=name)
    return root


def _terminate_session(state: ApplianceState, values: Values) -> str:
    state.end(active(state, values).lsid)
    return "Successfully terminated"


ACTIONS: dict[str, Action] = {
    "generate_session_key": action(
        _generate_session_key,
        "session_key",
        needs="type queue_id",
        takes="session.priority session.skills ttl url_hostname",
        attributes=True,
        full=True,
    ),
    "join_session": action(_join_session, needs="lsid", takes="rep_id rep_username", full=True),
    "transfer_session": action(_transfer_session, needs="lsid queue_id", full=True),
    "send_chat_message": action(
        _send_chat_message,
        needs="body",
        takes="team_id to_rep to_rep_username lsid impersonate timestamp",
    ),
    "create_virtual_customer": action(
        _create_virtual_customer,
        "virtual_customer",
        needs="short_key name ip_address operating_system computer_name",
        takes="locale chat_url",
    ),
    "leave_session": action(_leave_session, needs="lsid", takes="rep_id rep_username customer"),
    "set_session_attributes": action(_set_session_attributes, needs="lsid", attributes=True, full=True),
    "get_session_attributes": action(_get_session_attributes, "custom_attributes", needs="lsid"),
    "terminate_session": action(_terminate_session, needs="lsid", full=True),
}
