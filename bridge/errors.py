"""What can go wrong between two systems, told by who must act and with the data to act on."""

from __future__ import annotations


class BridgeError(Exception):
    """Anything that Deskbridge says itself. The text never holds secrets or what people typed."""


class BadSignature(BridgeError):
    """The sender could not prove who it is: answered 401, with no hint what was wrong."""


class MalformedPayload(BridgeError):
    """A body that this vendor would not send: answered 400 with what was expected."""


class ConnectorError(BridgeError):
    """An outside system did not do what was asked."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code
        """The vendor's own word or HTTP status."""
        self.connection = ""
        """The connection that it is about, where that is not the one that performs the effect."""


class Unavailable(ConnectorError):
    """The system is down or unreachable and did nothing: wait and try again."""

    def __init__(self, message: str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
        """Seconds that the system asked us to wait."""


class RateLimited(Unavailable):
    """We asked too often; nothing was done. Does not count against the system's health."""


class TicketBusy(RateLimited):
    """This one ticket was changed too often; others may go on."""


class Throttled(RateLimited):
    """We kept a rate limit ourselves and asked nobody: wait for our turn."""


class NobodyYet(Unavailable):
    """Nobody is there to take the session, and the route wants to wait. Does not count against the system's health."""


class UnknownOutcome(Unavailable):
    """The request may or may not have been done: look for the mark before writing again."""


class ChangedMeanwhile(UnknownOutcome):
    """Somebody changed the ticket meanwhile: look again at once. Does not count against the system's health."""


class Rejected(ConnectorError):
    """The system understood and refused; asking again changes nothing until somebody changes something."""


class AccessDenied(ConnectorError):
    """The credentials are refused: the connection stops until an operator renews them."""


class NotAuthorized(AccessDenied):
    """The credentials are right, but a person must let us work as them there: the text says how."""


class NotFound(ConnectorError):
    """The ticket, session or page does not exist there."""


class TicketClosed(Rejected):
    """The ticket takes no more notes."""


class TicketMerged(Rejected):
    """The ticket lives on in another one."""

    def __init__(self, message: str, *, into: str, code: str = "") -> None:
        super().__init__(message, code=code)
        self.into = into


class Unreadable(Rejected):
    """The system told of something that nobody can make out: what could be read was read, the rest is lost."""


class NobodyThere(Rejected):
    """The platform has nobody who could take the session now (no technician console is open)."""
