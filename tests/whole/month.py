"""A month of sessions at the pretend Rescue, each for a ticket of its own: some never posted, some judged late."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx

from bridge import match
from demo import CONFIG
from sandbox.rescue import posts
from sandbox.rescue.calls import Call
from sandbox.rescue.history import PastSession
from sandbox.rescue.model import Line, RescueSession
from sandbox.rescue.state import ROOT_NODE_ID
from sandbox.serve import Sandbox
from sandbox.settings import HelpdeskSettings, RescueSettings, SandboxSettings
from tests.harness import HOOK_SECRET, SECRET_KEY

DAYS = 30
FIELD_0 = "Zoë | the first"
"""A name with what no text report can tell apart."""
CARD = "Transcript"
SURVEYED = "How satisfied are you?"
ANSWER = "Very – much"
DIGEST = "words of session "


@dataclass(frozen=True)
class Past:
    """One session, and what its ticket must hold in the end."""

    ticket: int
    session: RescueSession
    lost: bool
    """Never posted."""
    surveyed: bool


def settings_of(report_seconds: float) -> SandboxSettings:
    """Vendors without limits but that of the reports, which is a little shorter than what the bridge keeps."""
    return SandboxSettings(
        helpdesk=HelpdeskSettings(requests_per_minute=0, updates_per_ticket=10_000),
        rescue=RescueSettings(report_interval_seconds=report_seconds * 0.9, customer_questions=[SURVEYED, "Why?"]),
    )


def config_of(report_seconds: float) -> str:
    """The demo's configuration with that pace of reports; nothing is asked for unless somebody does."""
    keys = f'kind = "rescue"\nreport_seconds = {report_seconds}\npoll_seconds = 0\nreport_node = "{ROOT_NODE_ID}"'
    return CONFIG.replace('kind = "rescue"', keys)


def happened(sandbox: Sandbox, count: int, seed: int = 1) -> list[Past]:
    """So many sessions of the last month: every third never posted, every fifth judged hours or days later."""
    dice = random.Random(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    return [_one(sandbox, number, dice, now) for number in range(count)]


def _one(sandbox: Sandbox, number: int, dice: random.Random, now: datetime) -> Past:
    desk, rescue = sandbox.helpdesk, sandbox.rescue
    ticket, _ = desk.create_ticket(desk.customer, {"subject": f"Ticket {number}", "comment": {"body": "Help."}})
    began = now - timedelta(seconds=dice.uniform(3 * 86_400, DAYS * 86_400))
    ended = began + timedelta(seconds=dice.uniform(60, 3_600))
    surveyed = number % 5 == 0
    reference = match.write(match.Reference("zendesk", str(ticket.id), 1), SECRET_KEY)
    past = PastSession(
        created_at=began - timedelta(seconds=30),
        picked_up_at=began,
        closed_at=ended,
        fields=(FIELD_0 if number % 7 == 0 else f"Customer {number}", f"Ticket {number}", "", "", "", ""),
        tracking=reference,
        chat=(Line(began, "", "Switched to P2P"), Line(began, "Technician 1", f"{DIGEST}{number}.")),
        note=f"Note {number}.",
        customer_survey=(ANSWER, f"because {number}") if surveyed else (),
        customer_survey_at=ended + timedelta(seconds=dice.uniform(3_600, 2 * 86_400)) if surveyed else None,
    )
    return Past(ticket.id, rescue.remember(past), lost=number % 3 == 0, surveyed=surveyed)


def post(sandbox: Sandbox, url: str, sessions: Sequence[Past]) -> int:
    """Post the end of those that are not lost, as Rescue does. How many were taken."""
    sandbox.rescue.settings.hook_url = f"{url}/hooks/rescue?key={HOOK_SECRET}"
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(4) as pool:

        def send(one: Past) -> int:
            hook = posts.prepared(sandbox.rescue, one.session, ended=True)
            assert hook is not None
            return client.post(hook.url, content=hook.body, headers=hook.headers).status_code

        answers = Counter(pool.map(send, [one for one in sessions if not one.lost]))
    assert set(answers) <= {200}, answers
    return answers[200]


@dataclass(frozen=True)
class Count:
    """What stands on the tickets."""

    cards: int
    surveys: int
    twice: int
    """Tickets on which something stands more than once."""
    wrong: int
    """Tickets on which something of another session stands."""


def counted(sandbox: Sandbox, sessions: Sequence[Past]) -> Count:
    """Look at every ticket as an agent would."""
    cards = surveys = twice = wrong = 0
    for number, one in enumerate(sessions):
        told = "\n".join(_ours(sandbox, one.ticket))
        found, judged = told.count(CARD), told.count(ANSWER)
        cards += min(found, 1)
        surveys += min(judged, 1)
        twice += found > 1 or judged > 1 or told.count(f"{DIGEST}{number}.") > 1
        wrong += told.count(DIGEST) != told.count(f"{DIGEST}{number}.") or bool(judged and not one.surveyed)
    return Count(cards, surveys, twice, wrong)


def _ours(sandbox: Sandbox, ticket_id: int) -> Iterator[str]:
    ticket = sandbox.helpdesk.ticket(ticket_id)
    for comment in ticket.comments:
        if comment.author is sandbox.helpdesk.api_user:
            yield comment.body


SETTERS = ("setoutput", "settimezone", "setreporttype", "setreportdate_v2", "setreporttime", "setreportarea")


def conversations(calls: Sequence[Call]) -> list[list[Call]]:
    """The calls about reports, cut after each report. Interleaved ones show as a conversation with two callers."""
    about = [call for call in calls if call.method in (*SETTERS, "setdelimiter", "getreport", "getreport_v2")]
    found: list[list[Call]] = [[]]
    for call in about:
        found[-1].append(call)
        if call.method.startswith("getreport"):
            found.append([])
    return [conversation for conversation in found if conversation]


def shortest_pause(calls: Sequence[Call]) -> float:
    """Seconds between the two reports that were asked for closest to each other."""
    at = [call.at for call in calls if call.method.startswith("getreport")]
    return min(((later - earlier).total_seconds() for earlier, later in pairwise(at)), default=0.0)
