"""The cells of reports: each column is a name and a way to read it from one session.

Source: the columns that clients really read; their meaning where the names alone leave it open is a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.rescue.model import RescueSession, Technician
from sandbox.rescue.reports.conversation import ReportSettings
from sandbox.rescue.words import status_word
from sandbox.settings import RescueSettings

CONNECTING = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to come: a session, the moment that puts it into the report, and whose row it is."""

    session: RescueSession
    at: datetime
    technician: Technician
    report: ReportSettings
    settings: RescueSettings
    group: str = ""
    channel: str = ""

    def moment(self, moment: datetime | None) -> str:
        return self.report.written(moment) if moment else ""


Cell = Callable[[Entry], str]
Columns = Mapping[str, Cell]


def duration(span: timedelta) -> str:
    """`0:07:31`; hours do not stop at 24."""
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def total(session: RescueSession) -> timedelta:
    """From the pick-up to the end."""
    if session.picked_up_at is None or session.closed_at is None:
        return timedelta()
    return session.closed_at - session.picked_up_at


def held(session: RescueSession) -> timedelta:
    return timedelta(seconds=session.held_seconds)


def waited(session: RescueSession) -> timedelta:
    return (session.picked_up_at or session.closed_at or session.created_at) - session.created_at


def field(number: int) -> Cell:
    return lambda entry: entry.session.fields[number]


def fixed(text: str) -> Cell:
    return lambda _: text


PEOPLE: Columns = {
    "Technician Name": lambda entry: entry.technician.name,
    "Technician ID": lambda entry: str(entry.technician.id),
    "Technician Email": lambda entry: entry.technician.email,
    "Technician Group": lambda entry: entry.group,
}
CHANNEL: Columns = {
    "Channel ID": lambda entry: str(entry.session.channel_id or ""),
    "Channel Name": lambda entry: entry.channel,
}
SESSION_ID: Columns = {"Session ID": lambda entry: str(entry.session.id)}


def custom_fields(settings: RescueSettings) -> Columns:
    """The account's own labels: `Your Name:` and so on."""
    return {label: field(number) for number, label in enumerate(settings.field_labels)}


def session_columns(settings: RescueSettings) -> Columns:
    """Area 0, without the waiting sessions that nobody picked up."""
    return {
        "Start Time": lambda entry: entry.moment(entry.session.picked_up_at),
        "End Time": lambda entry: entry.moment(entry.session.closed_at),
        "Last Action Time": lambda entry: entry.moment(entry.session.last_action_at or entry.session.closed_at),
        **PEOPLE,
        **SESSION_ID,
        "Session Type": fixed("Mobile Applet"),
        "Status": lambda entry: status_word(entry.settings, entry.session.status),
        **custom_fields(settings),
        "Tracking ID": lambda entry: entry.session.tracking,
        "Customer IP": fixed("192.0.2.50"),
        "Device ID": fixed(""),
        "Incident Tools Used": fixed("CH RC"),
        "Resolved Unresolved": lambda entry: "Resolved" if entry.session.technician_survey else "",
        **CHANNEL,
        "Calling Card": fixed(""),
        **_times(),
        "Platform": lambda entry: entry.session.platform,
        "Browser Type": fixed("Chrome"),
        "Host Name": fixed("CUSTOMER-PC"),
    }


def _times() -> Columns:
    return {
        "Connecting Time": fixed(duration(CONNECTING)),
        "Waiting Time": lambda entry: duration(waited(entry.session)),
        "Total Time": lambda entry: duration(total(entry.session)),
        "Active Time": lambda entry: duration(total(entry.session) - held(entry.session)),
        "Work Time": lambda entry: duration(total(entry.session) - held(entry.session)),
        "Hold Time": lambda entry: duration(held(entry.session)),
        "Time in Transfer": fixed(duration(timedelta())),
        "Reconnecting Time": fixed(duration(timedelta())),
        "Rebooting Time": fixed(duration(timedelta())),
    }


def survey_columns(settings: RescueSettings, questions: list[str], *, customer: bool) -> Columns:
    """Areas 1 and 8."""

    def answer(number: int) -> Cell:
        def read(entry: Entry) -> str:
            answers = entry.session.customer_survey if customer else entry.session.technician_survey
            return answers[number] if number < len(answers) else ""

        return read

    return {
        "Source": lambda entry: entry.channel or entry.technician.name,
        **SESSION_ID,
        "Date": lambda entry: entry.moment(entry.at),
        settings.field_labels[0]: field(0),
        **{question: answer(number) for number, question in enumerate(questions)},
        "Technician Name": PEOPLE["Technician Name"],
        "Technician ID": PEOPLE["Technician ID"],
    }


def missed_columns(settings: RescueSettings) -> Columns:
    return {
        "Start Time": lambda entry: entry.moment(entry.session.created_at),
        "End Time": lambda entry: entry.moment(entry.session.closed_at),
        **SESSION_ID,
        "Status": lambda entry: status_word(entry.settings, entry.session.status),
        **PEOPLE,
        **CHANNEL,
        **custom_fields(settings),
        "Tracking ID": lambda entry: entry.session.tracking,
        "Waiting Time": lambda entry: duration(waited(entry.session)),
    }


def chat_columns(settings: RescueSettings) -> Columns:
    return {
        "Start Time": lambda entry: entry.moment(entry.session.picked_up_at),
        "End Time": lambda entry: entry.moment(entry.session.closed_at),
        **SESSION_ID,
        settings.field_labels[0]: field(0),
        **PEOPLE,
        "Chat Log": lambda entry: entry.session.transcript(),
    }


def custom_field_columns(settings: RescueSettings) -> Columns:
    return {
        "Start Time": lambda entry: entry.moment(entry.session.picked_up_at),
        **SESSION_ID,
        **custom_fields(settings),
        "Tracking ID": lambda entry: entry.session.tracking,
        **PEOPLE,
    }


def transfer_columns(_: RescueSettings) -> Columns:
    return {
        "Start Time": lambda entry: entry.moment(entry.session.picked_up_at),
        **SESSION_ID,
        **PEOPLE,
        "Transfer Time": lambda entry: entry.moment(entry.at),
        "Transferred To": lambda entry: entry.session.transferred_to,
        "Transferred Comment": lambda entry: entry.session.transfer_comment,
    }


def failed_columns(settings: RescueSettings) -> Columns:
    return {name: cell for name, cell in missed_columns(settings).items() if name != "Waiting Time"}
