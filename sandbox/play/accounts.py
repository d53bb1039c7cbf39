"""The play at the pretend CRM and RemotePC: a contact asks for remote access, and its person is invited, once."""

from __future__ import annotations

from sandbox.driver import CrmUser
from sandbox.play.stage import Stage

EMAIL = "customer-of-the-play@example.com"
COMPUTERS = 2


def tell(stage: Stage) -> None:
    """From the button on the contact to the invitation, and back."""
    sandbox, check = stage.sandbox, stage.result.check
    with CrmUser(sandbox.crm_url) as person:
        contact = person.add_contact(EMAIL, "Customer", "One", COMPUTERS)
        person.ask_for_remote_access(contact)
        stage.out(f"Contact {contact} asked for remote access: {sandbox.crm_url}/contacts/{contact}")
        told, seconds = stage.timed(lambda: person.property(contact, "remote_access_status") or None)
        if check("the contact says that its person is invited", told == "invited"):
            stage.out(f"The outcome stood on the contact after {seconds:.2f} s.")
        check("RemotePC invited the person, with the computers wanted", sandbox.remotepc.invited == {EMAIL: COMPUTERS})
        person.withdraw_request(contact)
        person.ask_for_remote_access(contact)
        sandbox.drain()
        check("asking again changes nothing", not stage.again(lambda: len(sandbox.remotepc.letters) != 1 or None))
