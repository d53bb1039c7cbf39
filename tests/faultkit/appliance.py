"""People at work at the pretend appliance, straight in its books, and what its outbound queue went through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlencode

from sandbox.beyondtrust.events import Attempt, OutboundQueue, fields
from sandbox.beyondtrust.state.model import Happening
from sandbox.serve import Sandbox
from sandbox.settings import ApplianceSettings
from tests.faultkit.story import Case, Helpers

EVENTS_OF_A_SESSION = 9
DOUBLED = 4
"""Every so manyth event goes out twice."""
STRANGE: tuple[tuple[bytes, str], ...] = (
    (b"event=support_conference_paused&version=1&timestamp=1700000000&lsid=0f&external_key=1", "x-www-form-urlencoded"),
    (b"event=vault_account_rotated&version=1&timestamp=1700000000", "x-www-form-urlencoded"),
    (b"event=support_conference_end&version=1&timestamp=1700000000", "x-www-form-urlencoded"),
    (b"event=support_conference_end&lsid=<script>&timestamp=never", "x-www-form-urlencoded"),
    (b"", "x-www-form-urlencoded"),
    (b"\xff\xfe\x00\x80", "octet-stream"),
    (b"lsid=%00%ff%zz&event=%c3%28", "x-www-form-urlencoded"),
    (b'{"event": "support_conference_end"}', "json"),
    (b"<event>support_conference_end</event>", "xml"),
    (b"event=support_conference_begin&lsid=" + b"f" * 2_000_000, "x-www-form-urlencoded"),
)
"""Names that nobody knows, shapes that nobody understands, and a body that is far too large."""


def tireless(retry_seconds: float) -> ApplianceSettings:
    """An appliance without limits, which comes again soon and gives nothing up."""
    return ApplianceSettings(
        requests_per_second=0,
        requests_per_hour=0,
        event_retry_seconds=retry_seconds,
        event_give_up_seconds=3600.0,
    )


@dataclass(frozen=True)
class Representatives:
    """One customer after the other and the representative who helps them."""

    sandbox: Sandbox
    people: Helpers

    @property
    def queue(self) -> OutboundQueue:
        return self.sandbox.appliance_events

    def send_doubles(self) -> None:
        """From now on some events go out twice."""
        turns = cycle(range(DOUBLED))

        def again(happening: Happening) -> None:
            if happening.name and next(turns) == 0:
                self.queue.submit_raw(urlencode(fields(self.sandbox.appliance, happening)))

        self.sandbox.appliance.on_event.append(again)

    def hold_sessions(self, cases: Sequence[Case]) -> None:
        """One after the other; between them the queue gets what nobody understands."""
        for case, (body, media_type) in zip(cases, cycle(STRANGE), strict=False):
            self.hold_session(case)
            self.queue.submit_raw(body, f"application/{media_type}")

    def hold_session(self, case: Case) -> None:
        """From the ticket's number in the external key to both surveys."""
        appliance = self.sandbox.appliance
        session = appliance.start_without_key(f"Customer {case.name}", rep=1, external_key=str(case.ticket_id))
        lsid = session.lsid
        appliance.accept(lsid, 1)
        appliance.customer_says(lsid, self._said(case, "line"))
        appliance.note(lsid, 1, self._said(case, "note"))
        appliance.end(lsid)
        appliance.answer_representative_survey(lsid, ["Yes", self._said(case, "representative's answer")])
        appliance.answer_customer_survey(lsid, ["Very", (), self._said(case, "customer's answer")])

    def wrong_with(self, case: Case) -> list[str]:
        """What is not as it must be: one card, everything told once."""
        ours, cards = self.people.ours(case), self.people.cards(case)
        text = "\n".join(one.body for one in ours)
        wrong = [] if len(cards) == 1 else [f"{len(cards)} cards"]
        wrong += ["the customer can read it"] if any(one.public for one in ours) else []
        wrong += [f"{said!r} is told {text.count(said)} times" for said in case.said if text.count(said) != 1]
        return [f"ticket {case.ticket_id} ({case.name}): {what}" for what in wrong]

    def taken(self) -> int:
        return sum(attempt.taken for attempt in tuple(self.queue.attempts))

    def refused(self) -> list[Attempt]:
        return [attempt for attempt in tuple(self.queue.attempts) if not attempt.taken]

    @staticmethod
    def _said(case: Case, what: str) -> str:
        text = f"<{case.name}: {what}>"
        case.said.append(text)
        return text
