"""Fields, labels and statuses of issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.errors import Rejected, TicketClosed
from connectors.answers import member, members
from connectors.tickets.jira import mapping, values
from connectors.tickets.jira.wire import Wire

STATUS = "status"
LABELS = frozenset({"labels", "Labels"})


class Editing:
    """Changes issues, but for what is added to them."""

    def __init__(self, wire: Wire, reopen_transition: str) -> None:
        self._wire = wire
        self._reopen_transition = reopen_transition

    def update(self, ticket_id: str, changes: Mapping[str, object]) -> None:
        """Set fields by id or name, `status` by a transition. Raises Rejected for what Jira refused or ignored."""
        if LABELS & changes.keys():
            raise Rejected(
                "setting labels would replace all labels of the ticket: let the route add tags", code="labels"
            )
        others = {name: value for name, value in changes.items() if name != STATUS}
        if others:
            self._set(ticket_id, others)
        if STATUS in changes:
            self._bring_to(ticket_id, mapping.as_text(changes[STATUS]))

    def _set(self, ticket_id: str, changes: Mapping[str, object]) -> None:
        editable = member(self._wire.read_issue(ticket_id, "editmeta"), "fields")
        if not editable and self._wire.is_locked(ticket_id):
            raise TicketClosed(f"ticket {ticket_id} is archived, or its status locks it", code="locked")
        known = values.fields_by_name(editable, list(changes))
        sent = {
            str(known[name]["id"]): values.value_for(known[name], value, self._wire.account_of)
            for name, value in changes.items()
        }
        self._wire.write_issue("PUT", ticket_id, json={"fields": sent})
        reply = self._wire.read_issue(ticket_id, fields=",".join(sent))
        there = member(reply, "fields")
        ignored = [name for name, value in sent.items() if not values.is_kept(value, there.get(name))]
        if ignored:
            raise Rejected(f"{reply.where}: Jira took no change of {', '.join(ignored)}", code="ignored")

    def add_labels(self, ticket_id: str, labels: Sequence[str]) -> None:
        """Add labels, keeping those that are there. Raises Rejected for one with a blank in it."""
        if any(not label or any(sign.isspace() for sign in label) for label in labels):
            raise Rejected("a Jira label has no blanks", code="labels")
        if labels:
            body = {"update": {"labels": [{"add": label} for label in labels]}}
            self._wire.write_issue("PUT", ticket_id, json=body)

    def _bring_to(self, ticket_id: str, wanted: str) -> None:
        """Take the transition of that name, else the one that leads to the status of that name."""
        ways = self._ways(ticket_id)
        by_name = [way for way in ways if _is(way.get("name"), wanted)]
        by_status = [way for way in ways if _is((way.get("to") or {}).get("name"), wanted)]
        if by_name or by_status:
            self._take(ticket_id, (by_name or by_status)[0])
            return
        status = member(self._wire.read_issue(ticket_id, fields=STATUS), "fields").get(STATUS) or {}
        if not _is(status.get("name"), wanted):
            raise Rejected(f"no transition of ticket {ticket_id} leads to that status now", code=STATUS)

    def reopen(self, ticket_id: str) -> None:
        """Take the transition that the configuration names, else the only one that leads out of what is done."""
        ways = self._ways(ticket_id)
        if self._reopen_transition:
            fitting = [way for way in ways if _is(way.get("name"), self._reopen_transition)][:1]
        else:
            fitting = [way for way in ways if not _is_done(way.get("to") or {})]
        if not fitting:
            raise TicketClosed(f"no transition opens ticket {ticket_id} again", code="reopen")
        if len(fitting) > 1:
            raise Rejected("several transitions could open the ticket again: set reopen_transition", code="reopen")
        self._take(ticket_id, fitting[0])

    def _ways(self, ticket_id: str) -> list[Mapping[str, Any]]:
        return members(self._wire.read_issue(ticket_id, "transitions"), "transitions")

    def _take(self, ticket_id: str, way: Mapping[str, Any]) -> None:
        self._wire.write_issue("POST", ticket_id, "transitions", json={"transition": {"id": str(way.get("id"))}})


def _is(told: object, wanted: str) -> bool:
    return isinstance(told, str) and told.casefold() == wanted.casefold()


def _is_done(status: Mapping[str, Any]) -> bool:
    return (status.get("statusCategory") or {}).get("key") == mapping.DONE
