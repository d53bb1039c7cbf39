"""One session in full, for people."""

from __future__ import annotations

from bridge.model import ChatLine, Participant, Session
from connectors.command_line.output import card, paragraph, plain_text, say


def say_session(found: Session) -> None:
    card(
        {
            "Session": found.id,
            "External key": found.reference,
            "Representative": found.technician.label,
            "Customer": found.customer.label,
            "Machine": found.device,
            "Started (UTC)": found.started_at,
            "Ended (UTC)": found.ended_at,
            "Waited": _seconds(found.waiting_seconds),
            "Worked": _seconds(found.work_seconds),
            **{f"Attribute {name}": value for name, value in found.attributes.items()},
        }
    )
    if not found.ended:
        say("Its end is not in the report: it runs, or closed abnormally.")
    _section("Took part", [_participant(one) for one in found.participants])
    _section("Machine", [f"{label}: {value}" for label, value in found.system.items()])
    _section("Files", list(found.files))
    for survey in found.surveys:
        _section(f"Survey by the {survey.by}", [f"{one.question}: {one.answer}" for one in survey.answers])
    _section("Recordings", [f"{one.name}: {one.url}" for one in found.recordings])
    if found.notes:
        say("")
        say("Notes:")
        paragraph(found.notes)
    _section("Chat", [_chat_line(line) for part in found.chat for line in part.lines])


def _section(title: str, lines: list[str]) -> None:
    if not lines:
        return
    say("")
    say(f"{title}:")
    for line in lines:
        say(f"  {line}")


def _participant(one: Participant) -> str:
    seconds = f", {_seconds(one.seconds)}" if one.seconds is not None else ""
    return f"{one.person.label}{' (owner)' if one.owner else ''}{seconds}"


def _chat_line(line: ChatLine) -> str:
    when = plain_text(line.at) or line.time
    return f"{when}  {f'{line.author}: ' if line.author else ''}{line.text}".strip()


def _seconds(count: int | None) -> str:
    return "" if count is None else f"{count // 3600}:{count // 60 % 60:02}:{count % 60:02}"
