"""Elements of the reports as values. Pure: one element in, one value out; what is missing stays empty."""

from __future__ import annotations

from connectors.platforms.beyondtrust.reports.people import customer, representative
from connectors.platforms.beyondtrust.reports.report_values import (
    Actor,
    EventArchive,
    FileMoved,
    Happening,
    LicenseCount,
    LicensePeak,
    ListedPresentation,
    ListedSession,
    Presentation,
    StateArchive,
    Statistics,
    TeamActivity,
    VaultActivity,
)
from connectors.platforms.beyondtrust.wire.elements import Parts, instant, moment, number, pairs, part, seconds, words
from connectors.xml import Element, by_name, children, local, text


def listed_session(element: Element) -> ListedSession:
    """The guide calls them attributes and elements at once, so either is taken."""
    parts = by_name(element)
    return ListedSession(
        lsid=_either(element, parts, "lsid"),
        lseq=number(_either(element, parts, "lseq")),
        has_recording=_either(element, parts, "has_recording") == "1",
        external_key=_either(element, parts, "external_key"),
    )


def statistics(element: Element) -> Statistics:
    parts = by_name(element)
    return Statistics(
        id=element.get("id", ""),
        type=element.get("type", ""),
        name=part(parts, "display_name"),
        total_sessions=number(part(parts, "total_sessions")),
        sessions_per_weekday=_decimal(part(parts, "avg_sessions_per_weekday")),
        average_seconds=seconds(part(parts, "avg_duration")),
    )


def team_activity(element: Element) -> TeamActivity:
    """An `<event>` or a logged-in `<representative>`, with the team in which it stands."""
    team = next((one for one in element.iterancestors() if local(one) == "team_activity"), None)
    team_id, name = ("", "") if team is None else (team.get("id", ""), team.get("name", ""))
    if local(element) == "event":
        return TeamActivity(team_id, name, event=happening(element))
    return TeamActivity(team_id, name, logged_in=representative(element))


def happening(element: Element) -> Happening:
    parts = by_name(element)
    several = children(parts["destinations"]) if "destinations" in parts else []
    one = [parts["destination"]] if "destination" in parts else []
    files = children(parts["files"], "file") if "files" in parts else []
    return Happening(
        kind=element.get("event_type", ""),
        at=instant(element.get("timestamp", "")),
        performed_by=actor(parts.get("performed_by")),
        destinations=tuple(actor(whom) for whom in several or one),
        text=words(parts),
        files=tuple(FileMoved(file.get("name", ""), number(file.get("size", ""))) for file in files),
        data=dict(pairs(parts)),
    )


def actor(element: Element | None) -> Actor:
    if element is None:
        return Actor()
    its_id = element.get("gsnumber", "") or element.get("id", "")
    return Actor((element.text or "").strip(), element.get("type", ""), its_id)


def presentation(element: Element) -> Presentation:
    parts = by_name(element)
    return Presentation(
        lsid=element.get("lsid", ""),
        lseq=number(part(parts, "lseq")),
        started_at=moment(parts.get("start_time")),
        ended_at=moment(parts.get("end_time")),
        seconds=seconds(part(parts, "duration")),
        chat_view_url=part(parts, "session_chat_view_url"),
        chat_download_url=part(parts, "session_chat_download_url"),
        recording_view_url=part(parts, "session_recording_view_url"),
        recording_download_url=part(parts, "session_recording_download_url"),
        attendees=tuple(customer(one) for one in _list(parts, "attendee_list")),
        presenters=tuple(representative(one) for one in _list(parts, "rep_list")),
        events=tuple(happening(one) for one in _list(parts, "session_details")),
    )


def listed_presentation(element: Element) -> ListedPresentation:
    parts = by_name(element)
    recorded = _either(element, parts, "has_recording") == "1"
    return ListedPresentation(_either(element, parts, "lsid"), recorded)


def state_archive(element: Element) -> StateArchive:
    parts = by_name(element)
    following = number(part(parts, "event_archive_index"))
    return StateArchive(moment(parts.get("time")), number(part(parts, "index")) or 0, following)


def event_archive(element: Element) -> EventArchive:
    parts = by_name(element)
    return EventArchive(moment(parts.get("time")), moment(parts.get("end_time")), number(part(parts, "index")) or 0)


def license_peak(element: Element) -> LicensePeak:
    at = instant(element.get("timestamp", "")) or instant(element.get("datetime", ""))
    counts = (
        LicenseCount(one.get("license_type", ""), one.get("reason", ""), number(text(one)))
        for one in children(element, "license_count")
    )
    return LicensePeak(at, tuple(counts))


def vault_activity(element: Element) -> VaultActivity:
    """The guide writes the account's attribute `Account`; capitals do not matter here."""
    parts = by_name(element)
    return VaultActivity(
        at=instant(element.get("timestamp", "")),
        account=_either(element, parts, "account") or _either(element, parts, "Account"),
        event_type=_either(element, parts, "event_type"),
        performed_by=actor(parts.get("performed_by")),
        data=part(parts, "data") or ", ".join(own for _, own in pairs(parts) if own),
    )


def _either(element: Element, parts: Parts, name: str) -> str:
    return element.get(name) or part(parts, name)


def _list(parts: Parts, name: str) -> list[Element]:
    return list(parts[name]) if name in parts else []


def _decimal(value: str) -> float | None:
    whole, _, rest = value.replace(",", ".").partition(".")
    return float(f"{whole}.{rest or 0}") if whole.isdecimal() and (not rest or rest.isdecimal()) else None
