"""Commands about one session: its key, who is in it, where it waits, its attributes, its end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bridge.errors import Rejected, UnknownOutcome
from bridge.model import REFERENCE_ATTRIBUTE
from connectors.platforms.beyondtrust.commands import answers, inputs
from connectors.platforms.beyondtrust.commands.attributes import fit
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.commands.orders import Id, Orders, checked, lsid_of, one_representative
from connectors.platforms.beyondtrust.commands.values import CustomAttribute, Queue, SessionKey

MAX_TTL_SECONDS = 10**9
_HOSTNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_TRANSFER = re.compile(r"(?:rep|team|rep_username):.+", re.S)


class SessionCommands(Orders):
    """`lsid` is a session's Logging Session ID. What does not fit is Rejected before anything is sent."""

    def generate_session_key(
        self,
        queue: Queue,
        *,
        external_key: str = "",
        attributes: Mapping[str, str] | None = None,
        priority: int | None = None,
        skills: Sequence[str] = (),
        ttl: int | None = None,
        url_hostname: str = "",
    ) -> SessionKey:
        """Make a key by which a customer comes into the queue.

        attributes: custom fields by code name; what is too long is cut and named in `SessionKey.cut`.
        priority: 1 (high) to 3 (low). skills: code names. ttl: seconds, without it the longest that /login allows.
        url_hostname: of the public site that the key's address leads to.
        Raises UnknownOutcome when a key may have been made: there is no way to look.
        (Guide, API Command: generate_session_key.)
        """
        given = dict(attributes or {})
        if external_key:
            given[REFERENCE_ATTRIBUTE] = external_key
        fitted = fit(given, self.api.dialect)
        params = {"type": "support", "queue_id": queue, **fitted.params}
        with checked():
            if priority is not None:
                params["session.priority"] = str(inputs.number("priority", priority, 1, 3))
            if skills:
                params["session.skills"] = ",".join(inputs.code_name("skills", skill) for skill in skills)
            if ttl is not None:
                params["ttl"] = str(inputs.number("ttl", ttl, 1, MAX_TTL_SECONDS))
            if url_hostname:
                params["url_hostname"] = _hostname(url_hostname)
        root = self.api.command("generate_session_key", params, write=True)
        return answers.session_key(root, fitted.cut, UnknownOutcome)

    def join_session(self, lsid: str, *, rep_id: Id | None = None, rep_username: str = "") -> str:
        """Add a logged-in representative, by id or user name, to a session. (Guide, API Command: join_session.)"""
        with checked():
            params = {"lsid": lsid_of(lsid), **one_representative(rep_id, rep_username)}
        return self._order("join_session", params)

    def leave_session(
        self, lsid: str, *, rep_id: Id | None = None, rep_username: str = "", customer: bool = False
    ) -> str:
        """Remove a representative or the customer, exactly one, from a session.

        (Guide, API Command: leave_session; it does not describe the answer, so all but an error is success.)
        """
        with checked():
            if customer and (rep_id is not None or rep_username):
                raise WrongInput("customer", "goes without rep_id and rep_username")
            who = {"customer": "1"} if customer else one_representative(rep_id, rep_username)
            params = {"lsid": lsid_of(lsid), **who}
        return answers.said(self.api.command("leave_session", params, write=True))

    def transfer_session(self, lsid: str, queue: Queue) -> str:
        """Move a running session to `rep:`, `rep_username:` or `team:`; other queues are Rejected.

        (Guide, API Command: transfer_session.)
        """
        if not _TRANSFER.fullmatch(queue):
            raise Rejected("a session is transferred to rep:ID, rep_username:NAME or team:ID", code="queue")
        with checked():
            params = {"lsid": lsid_of(lsid), "queue_id": queue}
        return self._order("transfer_session", params)

    def set_session_attributes(self, lsid: str, attributes: Mapping[str, str]) -> tuple[str, ...]:
        """Set custom fields, by code name, of a running session; `external_key` is the external key.

        What is not named stays, an empty text clears. Nothing named: nothing is sent. Gives the names of what was
        cut to the limits. Raises NotFound when the session does not run. (Guide, API Command:
        set_session_attributes.)
        """
        fitted = fit(attributes, self.api.dialect)
        with checked():
            params = {"lsid": lsid_of(lsid), **fitted.params}
        if fitted.params:
            self._order("set_session_attributes", params)
        return fitted.cut

    def get_session_attributes(self, lsid: str) -> tuple[CustomAttribute, ...]:
        """The custom attributes of a running session. Raises NotFound when it does not run.

        (Guide, API Command: get_session_attributes.)
        """
        with checked():
            params = {"lsid": lsid_of(lsid)}
        return answers.custom_attributes(self._ask("get_session_attributes", params))

    def terminate_session(self, lsid: str) -> str:
        """End a running session. (Guide, API Command: terminate_session.)"""
        with checked():
            params = {"lsid": lsid_of(lsid)}
        return self._order("terminate_session", params)


def _hostname(given: str) -> str:
    if not _HOSTNAME.fullmatch(given):
        raise WrongInput("url_hostname", "must be a host name")
    return given
