"""The one way a call goes out to Rescue: a form to `/API/<method>.aspx` with text coming back, or SOAP.

Everything that signs in goes as POST, so that no authcode, password or custom field stands in a URL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bridge.errors import ConnectorError
from connectors import xml
from connectors.contract import ConnectionConfig, Workshop
from connectors.http import Reply, Transport
from connectors.platforms.rescue import replies, soap
from connectors.platforms.rescue.catalogue import METHODS, OPERATIONS, codes_of
from connectors.platforms.rescue.replies import CODES, Meaning
from connectors.platforms.rescue.signin import Pass, sign_in

Answers = tuple[Mapping[str, Meaning], tuple[str, ...]]
"""What each code means, and which whole answers are no codes."""


class Api:
    """One connection's calls, signed in as it says; a refused sign-in is renewed once."""

    def __init__(self, config: ConnectionConfig, workshop: Workshop) -> None:
        self._transport = workshop.transport
        self._sign_in = sign_in(config, workshop)

    def ask(self, method: str, data: Mapping[str, str], codes: Mapping[str, Meaning] | None = None) -> Reply:
        """A call that changes nothing there. Raises a ConnectorError by the codes, else by the catalogue's."""
        transport = self._reading(method, codes)
        return self._signed(
            lambda signed: transport.read(
                "POST", f"/API/{method}.aspx", data={**data, **signed.form}, headers=signed.headers
            )
        )

    def order(
        self,
        method: str,
        data: Mapping[str, str],
        codes: Mapping[str, Meaning] | None = None,
        *,
        bucket: str = "requests",
    ) -> Reply:
        """A call that changes something there. Raises UnknownOutcome where it may have, else by the codes."""
        transport = self._reading(method, codes)
        return self._signed(
            lambda signed: transport.write(
                "POST", f"/API/{method}.aspx", bucket=bucket, data={**data, **signed.form}, headers=signed.headers
            )
        )

    def soap(
        self,
        operation: str,
        parameters: Sequence[tuple[str, soap.Value]],
        *,
        write: bool,
        bucket: str = "requests",
        parts: str = "",
    ) -> xml.Element:
        """`<opResponse>` of a call by SOAP. Raises a ConnectorError by the catalogue's codes.

        An answer that lists those parts is given as it is: each has its own result.
        """
        codes, answers = _answers(OPERATIONS.get(operation, operation))
        transport = self._transport.with_reader(lambda reply: soap.error_of(reply, operation, codes, answers, parts))
        send = transport.write if write else transport.read

        def call(signed: Pass) -> Reply:
            whole = [*parameters, *(("sAuthCode", value) for value in signed.form.values())]
            headers = {**signed.headers, **soap.headers(operation)}
            return send("POST", soap.PATH, bucket=bucket, content=soap.envelope(operation, whole), headers=headers)

        return soap.response(self._signed(call), operation)

    def unsigned(self, reader: Callable[[Reply], ConnectorError | None]) -> Transport:
        """For the pages that sign in by what they are given themselves."""
        return self._transport.with_reader(reader)

    def _reading(self, method: str, codes: Mapping[str, Meaning] | None) -> Transport:
        known, answers = _answers(method)
        return self._transport.with_reader(
            lambda reply: replies.error_of(reply, known if codes is None else codes, answers)
        )

    def _signed(self, send: Callable[[Pass], Reply]) -> Reply:
        """Send it; when the sign-in is refused, renew that and send it once more."""
        current = self._sign_in.current()
        try:
            return send(current)
        except ConnectorError as refused:
            # Without an authcode a lost session, too, is answered by "not an administrator".
            lost = refused.code == replies.NOT_ADMINISTRATOR and not current.form
            if not (lost or refused.code in replies.RENEWABLE) or self._sign_in.obtain is None:
                raise
        return send(self._sign_in.renew(current.value))


def _answers(method: str) -> Answers:
    known = METHODS.get(method)
    return (codes_of(known), known.successes) if known else (CODES, (replies.SUCCESS,))
