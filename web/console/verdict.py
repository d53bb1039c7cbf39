"""The one answer to "Where is my transcript?", from a session's story. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bridge.effects import EffectState
from store.story_views import SessionStory
from store.views import EffectRow, SessionRow


class Tone(StrEnum):
    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Verdict:
    tone: Tone
    text: str
    effect: EffectRow | None = None
    """The step that it depends on."""


def transcript(story: SessionStory) -> Verdict:
    """Where the session's card is now, or why it is nowhere."""
    row = story.row
    if row.ticket is None:
        return Verdict(Tone.BAD, "Nowhere yet: no ticket is known for this session. Link it to one.")
    card = _last(story.effects, f"card:{row.platform}:{row.session_id}:{row.ticket}")
    if card:
        return _of_card(card, row)
    if not row.ended:
        return Verdict(Tone.WAITING, "Nowhere yet: the platform has not told that the session ended.")
    if not row.route:
        return Verdict(Tone.BAD, "Nowhere: no route joins this ticket's system with this platform.")
    reading = [effect for effect in story.effects if effect.kind == "read_session" and effect.state.open]
    if reading:
        return Verdict(Tone.WAITING, "On its way: the platform's own log is being fetched first.", reading[-1])
    return Verdict(Tone.WAITING, "Nothing is under way: the journal below says what happened last.")


def _of_card(card: EffectRow, row: SessionRow) -> Verdict:
    match card.state:
        case EffectState.DONE:
            return Verdict(Tone.GOOD, f"On ticket {row.ticket}, in the session card.", card)
        case EffectState.PENDING | EffectState.SENDING:
            return Verdict(Tone.WAITING, f"On its way to ticket {row.ticket}.", card)
        case EffectState.SKIPPED:
            return Verdict(Tone.BAD, f"Not on ticket {row.ticket}: the card was skipped. {card.reason}", card)
        case _:
            return Verdict(Tone.BAD, f"Not on ticket {row.ticket} yet, a person must act: {card.reason}", card)


def _last(effects: Sequence[EffectRow], key: str) -> EffectRow | None:
    return next((effect for effect in reversed(effects) if effect.key == key), None)
