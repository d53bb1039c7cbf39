"""The session generation API: links that begin a session by key, by representative or by issue.

Source: Remote Support 23.2 API guide, chapter "Session Generation API"; API guide of 2008, chapter "Session
Generation". Here such a link leads to the public site with all that it says, and the customer's click begins
the session: following a link uses no key up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.beyondtrust.api.action import CUSTOM, attributes, chosen, flag, whole
from sandbox.beyondtrust.api.keyed import LOCALES
from sandbox.beyondtrust.state import ApplianceState
from sandbox.beyondtrust.state.model import EXTERNAL_KEY, ApiError, Customer, NotAllowed, Queue, SessionKey

Values = Mapping[str, str]
CHARACTERS, DETAILS_BYTES = 100, 1_024
WAYS = frozenset({"short_key", "issue_menu", "id", "name", "codeName"})
OPTIONS = frozenset(
    {"c2cjs", "locale", "chat_locale", "platform", "session.priority", "session.skills", "timezone_offset"}
)
PEOPLE = frozenset({"customer.name", "customer.company", "customer.company_code", "customer.details"})
OLD_PEOPLE = frozenset({"customer_name", "customer_company", "customer_company_code", "customer_desc"})
SCRIPT = """\
var BG = {
  START_TYPE: {CHAT: "chat", FULL: "full"},
  setSite: function (host) { BG.site = host; },
  start: function (type, options) {
    var query = new URLSearchParams();
    if (type === BG.START_TYPE.CHAT) { query.set("c2cjs", "1"); }
    if (options.sessionKey) { query.set("short_key", options.sessionKey); }
    if (options.rep) { query.set("id", options.rep.id); query.set("name", options.rep.name); }
    if (options.issue) { query.set("issue_menu", "1"); query.set("id", options.issue.id); }
    for (var name in options.attributes || {}) { query.set("session.custom." + name, options.attributes[name]); }
    window.location = "//" + BG.site + "/api/start_session?" + query;
  }
};
"""


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a link leads."""

    queue: Queue
    method: str
    issue_id: int = 0


def blueprint(state: ApplianceState) -> Blueprint:
    """Pages for anybody: none of them asks who is there."""
    links = Blueprint("start_session", __name__)

    @links.route("/api/start_session", methods=["GET", "POST"])
    @links.route("/api/start_session.ns", methods=["GET", "POST"])
    def start_session() -> AnyResponse:
        return _led(state, dict(request.values.items()), old=False)

    @links.route("/download_customer_connector.ns", methods=["GET", "POST"])
    def download() -> AnyResponse:
        return _led(state, dict(request.values.items()), old=True)

    @links.get("/api/start_session.js")
    def script() -> Response:
        return Response(SCRIPT, mimetype="text/javascript")

    @links.get("/check_health")
    def check_health() -> tuple[str, int]:
        return ("The health check was successful.", 200) if state.settings.healthy else ("It was not.", 500)

    return links


def _led(state: ApplianceState, values: Values, *, old: bool) -> AnyResponse:
    try:
        with state.lock:
            _check(values, old=old)
            key = _by_key(state, values) if values.get("short_key") and not old else _new_key(state, values, old=old)
    except (ApiError, NotAllowed) as refused:
        return Response(f"{refused}\n", 400, mimetype="text/plain")
    return redirect(f"/?ak={key.access}", 303)


def _check(values: Values, *, old: bool) -> None:
    people = OLD_PEOPLE if old else PEOPLE
    known = people | {"issue_menu", "id", "name", EXTERNAL_KEY} if old else WAYS | OPTIONS | people
    for name in values:
        if name not in known and not (name.startswith(CUSTOM) and not old):
            raise ApiError("There is a parameter that is not known.")
    for name in people:
        limit = 1_024 if name in ("customer.details", "customer_desc") else CHARACTERS
        length = len(values.get(name, "").encode() if name == "customer.details" else values.get(name, ""))
        if length > limit:
            raise ApiError(f"{name} is too long.")
    flag(values, "c2cjs")
    chosen(values, "locale", among=LOCALES, default="en-us")
    chosen(values, "platform", among=frozenset({"winNT-32", "winNT-64"}), default="winNT-64")
    if not values.get("timezone_offset", "0").removeprefix("-").isdecimal():
        raise ApiError("Invalid value of timezone_offset.")


def _by_key(state: ApplianceState, values: Values) -> SessionKey:
    """The key itself; what the link says overrides what the key carries."""
    if values.keys() & (WAYS - {"short_key"}):
        raise ApiError("A session is started by key, by representative or by issue.")
    key = state.usable_key(values["short_key"])
    key.attributes |= state.checked_attributes(attributes(values), key.attributes)
    key.customer = _customer(values, old=False)
    _hurry(state, key, values)
    return key


def _new_key(state: ApplianceState, values: Values, *, old: bool) -> SessionKey:
    """A key that nobody asked for by API, so that the public site has one thing to show."""
    start = _start(state, values, old=old)
    key = state.request_key("general", attributes(values), 600)
    key.queue, key.issue_id = start.queue, start.issue_id
    key.start_method = "rep_list" if start.method == "rep" else "issue_submission"
    key.customer = _customer(values, old=old)
    _hurry(state, key, values)
    return key


def _start(state: ApplianceState, values: Values, *, old: bool) -> _Start:
    number = whole(values, "id")
    if "issue_menu" not in values:
        rep = state.representatives.get(number or 0)
        if rep is None or values.get("name") != rep.public_name:
            raise ApiError("There is no such representative.")
        return _Start(Queue("rep", rep.id), "rep", rep.id)
    if values["issue_menu"] != "1":
        raise ApiError("Invalid value of issue_menu.")
    if old and number is None:
        return _Start(Queue(), "issue")
    if (number is None) == ("codeName" not in values):
        raise ApiError("Either codeName or id must be given.")
    team, issue = state.issue(issue_id=number or 0, code_name=values.get("codeName", ""))
    return _Start(Queue("team", team.id, issue.code_name), "issue", issue.id)


def _customer(values: Values, *, old: bool) -> Customer:
    if old:
        names = ("customer_name", "customer_company", "customer_company_code", "customer_desc")
    else:
        names = ("customer.name", "customer.company", "customer.company_code", "customer.details")
    return Customer(*(values.get(name, "") for name in names))


def _hurry(state: ApplianceState, key: SessionKey, values: Values) -> None:
    skills = tuple(one for one in values.get("session.skills", "").split(",") if one)
    priority = whole(values, "session.priority", 1, 3)
    state.check_urgency(priority or key.priority, skills)
    key.priority, key.skills = priority or key.priority, skills or key.skills
