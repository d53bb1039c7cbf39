"""The help desk's pages: one ticket as the agent sees it, and as the customer sees it."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from sandbox.helpdesk.model import Comment, Refused
from sandbox.helpdesk.state import HelpdeskState


def blueprint(state: HelpdeskState) -> Blueprint:
    """All pages and their forms."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    pages.add_app_template_filter(shown, "shown")
    _add_views(pages, state)
    _add_forms(pages, state)

    @pages.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        details = error.payload.get("details", {})
        reasons = [entry["description"] for entries in details.values() for entry in entries]
        return render_template("sandbox/refused.html", reason="; ".join(reasons) or str(error)), error.status

    return pages


def shown(comment: Comment) -> Markup:
    """The comment's HTML, which the state let in through the allow-list only."""
    return Markup(comment.html_body)  # noqa: S704 - sanitised when it was stored, see markup.py


def _add_views(pages: Blueprint, state: HelpdeskState) -> None:
    @pages.get("/")
    def tickets() -> str:
        return render_template("helpdesk/list.html", tickets=state.newest_first())

    @pages.get("/tickets/new")
    def new() -> str:
        return render_template("helpdesk/new.html", customer=state.customer)

    @pages.get("/tickets/<int:ticket_id>")
    def as_agent(ticket_id: int) -> str:
        ticket = state.ticket(ticket_id)
        with state.lock:
            asset = ticket.custom_fields.get(_asset_field(state)) or ""
            return render_template("helpdesk/agent.html", ticket=ticket, platforms=_platforms(state), asset=asset)

    @pages.get("/requests/<int:ticket_id>")
    def as_customer(ticket_id: int) -> str:
        ticket = state.ticket(ticket_id)
        with state.lock:
            return render_template("helpdesk/customer.html", ticket=ticket)

    @pages.get("/attachments/<int:attachment_id>/<path:_name>")
    def attachment(attachment_id: int, _name: str) -> Response:
        found = state.attachments.get(attachment_id)
        if found is None:
            abort(404)
        # Never shown, only saved: what people upload must not become a page of ours.
        name = quote(found.file_name)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(found.data, headers=headers, content_type="application/octet-stream")


def _add_forms(pages: Blueprint, state: HelpdeskState) -> None:
    @pages.post("/tickets")
    def create() -> BaseResponse:
        asked = {"subject": request.form.get("subject"), "comment": {"body": request.form.get("description")}}
        ticket, _ = state.create_ticket(state.customer, asked)
        return redirect(f"/tickets/{ticket.id}", 303)

    @pages.post("/tickets/<int:ticket_id>/ask")
    def ask(ticket_id: int) -> BaseResponse:
        state.change_tags(state.agent, ticket_id, [_asked_tag(state)], how="add")
        return redirect(f"/tickets/{ticket_id}", 303)

    @pages.post("/tickets/<int:ticket_id>/unask")
    def unask(ticket_id: int) -> BaseResponse:
        state.change_tags(state.agent, ticket_id, [_asked_tag(state)], how="remove")
        return redirect(f"/tickets/{ticket_id}", 303)

    @pages.post("/tickets/<int:ticket_id>/edit")
    def edit(ticket_id: int) -> BaseResponse:
        asset = {"id": _asset_field(state), "value": request.form.get("asset") or None}
        asked = {"subject": request.form.get("subject") or None, "custom_fields": [asset]}
        state.update_ticket(state.agent, ticket_id, asked)
        return redirect(f"/tickets/{ticket_id}", 303)

    @pages.post("/tickets/<int:ticket_id>/reply")
    def reply(ticket_id: int) -> BaseResponse:
        customer = request.form.get("as") == "customer"
        body = request.form.get("body", "")
        comment = {"body": body, "public": customer or request.form.get("internal") is None}
        if body.strip():
            author = state.customer if customer else state.agent
            state.update_ticket(author, ticket_id, {"comment": comment})
        return redirect(f"/{'requests' if customer else 'tickets'}/{ticket_id}", 303)

    @pages.post("/tickets/<int:ticket_id>/close")
    def close(ticket_id: int) -> BaseResponse:
        state.update_ticket(state.agent, ticket_id, {"status": "closed"})
        return redirect(f"/tickets/{ticket_id}", 303)


def _platforms(state: HelpdeskState) -> dict[str, tuple[str, str]]:
    """What an agent can ask for: the word in the form, and its name and tag."""
    return {"rescue": ("Rescue", state.settings.tag), "beyondtrust": ("BeyondTrust", state.settings.appliance_tag)}


def _asked_tag(state: HelpdeskState) -> str:
    found = _platforms(state).get(request.form.get("platform", "rescue"))
    if found is None:
        raise Refused(422, "UnknownPlatform", "There is no such platform")
    return found[1]


def _asset_field(state: HelpdeskState) -> int:
    return state.settings.custom_field_ids[0]
