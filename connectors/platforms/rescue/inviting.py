"""An invitation as a route wants it: whose PIN, of which kind, with whose words, and what if nobody is there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from bridge.errors import ConnectorError, NobodyThere, NobodyYet, NotFound, Rejected
from bridge.model import Invitation, InvitationRequest, Person
from connectors.contract import ConnectionConfig, Vault
from connectors.platforms.rescue.administration import Administration
from connectors.platforms.rescue.api import Api
from connectors.platforms.rescue.invitations import Invitations, PinRequest, join_link
from connectors.platforms.rescue.schema import CUSTOM_FIELDS, TRACKING_LIMIT, length
from connectors.platforms.rescue.sessions import Sessions

OPTIONS = frozenset({"channel", "if_nobody", "lens", "sms", "sms_language", "words", "technician"})
"""Options of a route's invitation that Rescue takes."""
ASK_AGAIN_SECONDS = 30.0
"""So soon a channel is asked again on which nobody was there."""
NODE_SECONDS = 3600.0
"""So long it is remembered who the technician of an address is."""


class Inviting:
    """How one account invites."""

    def __init__(self, config: ConnectionConfig, api: Api, vault: Vault) -> None:
        self._config = config
        self._vault = vault
        self._invitations = Invitations(api)
        self._sessions = Sessions(api)
        self._administration = Administration(api)

    def invite(self, request: InvitationRequest) -> Invitation:
        """A PIN that carries the ticket's reference.

        Raises NobodyThere when the route wants somebody there and nobody is, NobodyYet when it wants to wait for them.
        """
        fields, cut_ones = _fields(request)
        self._somebody_there(request.options)
        node, missing = self._node(request.technician)
        wanted = PinRequest(fields, request.reference, self._config.keys["no_technician_console"], node)
        if request.options.get("lens"):
            pin, trouble = self._lens(wanted, request.options)
        else:
            pin, trouble = self._invitations.request(wanted), ""
        invitation = Invitation(
            code=pin,
            url=join_link(self._config.base_url, pin),
            join_page=self._config.keys["join_url"],
            cut=cut_ones,
            trouble=". ".join(filter(None, (missing, trouble))),
        )
        return self._in_their_words(invitation) if request.options.get("words") == "platform" else invitation

    def _somebody_there(self, options: Mapping[str, object]) -> None:
        """Ask the channel, where the route names one and does not invite anyhow."""
        channel, choice = str(options.get("channel", "")), options.get("if_nobody", "invite")
        if not channel or choice == "invite" or self._sessions.anybody_on(channel):
            return
        nobody = f"nobody is available on channel {channel}"
        if choice == "wait":
            raise NobodyYet(nobody, code="FALSE", retry_after=ASK_AGAIN_SECONDS)
        raise NobodyThere(nobody, code="FALSE")

    def _node(self, technician: Person) -> tuple[str, str]:
        """Whose PIN it is, and what is to be said when it cannot be the one who was wanted."""
        usual: str = self._config.keys["node"]
        if technician == Person():
            return usual, ""
        if technician.id:
            return technician.id, ""
        name = f"node:{hashlib.sha256(technician.email.casefold().encode()).hexdigest()[:16]}"
        node = self._vault.get(name)
        if node is None:
            try:
                node = self._administration.user(email=technician.email).id
            except NotFound:
                return usual, "the ticket's assignee is no technician of Rescue, so the PIN is anybody's"
            self._vault.put(name, node, seconds=NODE_SECONDS)
        return node, ""

    def _lens(self, wanted: PinRequest, options: Mapping[str, object]) -> tuple[str, str]:
        """A PIN for Rescue Lens, and why no SMS with it is under way."""
        phone, language = str(options.get("sms", "")), str(options.get("sms_language", ""))
        made = self._invitations.lens_pin(wanted, phone=phone, language=language if phone else "")
        return made.code, f"no SMS was sent: {made.sms_problem}" if made.sms_problem else ""

    def _in_their_words(self, invitation: Invitation) -> Invitation:
        """The account's own text for it. Where that cannot be had the PIN is good all the same."""
        try:
            told = self._invitations.email_text(invitation.code)
        except ConnectorError as error:
            trouble = f"Rescue's own text could not be had: {error}"
            return replace(invitation, trouble=". ".join(filter(None, (invitation.trouble, trouble))))
        return replace(
            invitation, url=told.link or invitation.url, words=tuple(filter(None, (told.text, told.signature)))
        )


def _fields(request: InvitationRequest) -> tuple[dict[str, str], tuple[str, ...]]:
    """The fields as Rescue takes them, and the names of those that were cut. Raises Rejected for what does not fit."""
    strange = sorted(set(request.fields) - set(CUSTOM_FIELDS))
    if strange:
        raise Rejected(f"Rescue has no field {', '.join(strange)}", code="fields")
    if len(request.reference) > TRACKING_LIMIT:
        # Cut, it would name no ticket any more.
        raise Rejected(f"the reference has more than {TRACKING_LIMIT} characters", code="reference")
    # Rescue's listings escape no line feed.
    told = {name: " ".join(value.replace("\0", " ").split()) for name, value in request.fields.items()}
    kept = {name: cut(value, CUSTOM_FIELDS[name]) for name, value in told.items()}
    return kept, tuple(sorted(name for name in kept if kept[name] != told[name]))


def cut(text: str, limit: int) -> str:
    """At most that many characters as Rescue counts them; none is cut in half."""
    while length(text) > limit:
        text = text[: min(limit, len(text) - 1)]
    return text
