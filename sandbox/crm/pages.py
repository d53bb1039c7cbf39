"""The pages: all contacts, and one of them with its button."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.crm.state import PROPERTIES, CrmState, Refused

TYPED = ("email", "firstname", "lastname", "computers")
REQUESTED = "requested"


def blueprint(state: CrmState) -> Blueprint:
    """All pages and their forms."""
    pages = Blueprint("pages", __name__, template_folder="templates")

    @pages.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        return render_template("sandbox/refused.html", reason=error.code or error.category), error.status

    @pages.get("/")
    def contacts() -> str:
        with state.lock:
            return render_template("crm/list.html", contacts=list(state.contacts.values()))

    @pages.get("/contacts/<contact_id>")
    def contact(contact_id: str) -> str:
        return render_template("crm/contact.html", contact=state.contact(contact_id), names=PROPERTIES)

    @pages.post("/contacts")
    def create() -> Response:
        made = state.create({name: request.form.get(name, "").strip() for name in TYPED})
        return redirect(f"/contacts/{made.id}", 303)

    @pages.post("/contacts/<contact_id>/ask")
    def ask(contact_id: str) -> Response:
        state.change(contact_id, {"remote_access": REQUESTED}, state.person)
        return redirect(f"/contacts/{contact_id}", 303)

    @pages.post("/contacts/<contact_id>/unask")
    def unask(contact_id: str) -> Response:
        state.change(contact_id, {"remote_access": ""}, state.person)
        return redirect(f"/contacts/{contact_id}", 303)

    return pages
