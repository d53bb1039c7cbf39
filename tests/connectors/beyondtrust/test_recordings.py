"""Files that the appliance answers: whole, bounded, and never a document that came instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO

import httpx
import pytest

from bridge.errors import AccessDenied, NotFound, Rejected, Unavailable
from bridge.model import Attachment
from connectors.platforms.beyondtrust.reports.downloads import Download
from connectors.platforms.beyondtrust.reports.fetching import fetch_recording
from connectors.platforms.beyondtrust.reports.recordings import Files
from tests.connectors.beyondtrust.appliance import Appliance, api
from tests.connectors.beyondtrust.reporting import LSID, reports

MP4 = b"\x00\x00\x00\x18ftypmp42" + b"\x00<not xml>" * 50_000
ZIP = b"PK\x03\x04" + bytes(100)

Save = Callable[[Files, BytesIO], Download]


def file(content: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, content=content, headers={"content-type": "video/mp4", **named})


@pytest.mark.parametrize(
    ("name", "save", "params"),
    [
        ("SupportSessionRecording", lambda r, into: r.session_recording(LSID, into), {"lsid": LSID}),
        ("ShowMyScreenRecording", lambda r, into: r.screen_recording(LSID, 2, into), {"lsid": LSID, "instance": "2"}),
        ("CommandShellRecording", lambda r, into: r.shell_recording(LSID, 0, into), {"lsid": LSID, "instance": "0"}),
        ("PresentationSessionRecording", lambda r, into: r.presentation_recording(LSID, into), {"lsid": LSID}),
    ],
)
def test_recordings_are_written_whole(name: str, save: Save, params: dict[str, str]) -> None:
    into = BytesIO()
    with reports(**{name: file(MP4, content_disposition='attachment; filename="../a/b.mp4"')}) as (built, appliance):
        assert save(built, into) == Download(len(MP4), "video/mp4", "b.mp4")
    assert into.getvalue() == MP4
    assert appliance.form() == {"generate_report": name, **params}


def test_the_list_of_licenses_is_a_zip_file() -> None:
    into = BytesIO()
    with reports(EndpointLicenseUsage=file(ZIP)) as (built, _):
        built.endpoint_license_usage(into)
    assert into.getvalue() == ZIP
    with reports(EndpointLicenseUsage=file(MP4)) as (built, _), pytest.raises(Unavailable, match="something else"):
        built.endpoint_license_usage(BytesIO())


def test_a_backup_tells_its_progress() -> None:
    told: list[tuple[int, int | None]] = []
    into = BytesIO()
    with reports(**{"/api/backup": file(MP4)}) as (built, _):
        built.backup(into, progress=lambda done, all_: told.append((done, all_)))
    assert into.getvalue() == MP4
    assert told[-1] == (len(MP4), len(MP4))
    assert len(told) > 1


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("This recording has expired and can no longer be viewed or downloaded.", NotFound),
        ("You do not have permission to view this recording.", AccessDenied),
    ],
)
@pytest.mark.parametrize("document", ["<error>{}</error>", "<session_list><error>{}</error></session_list>"])
def test_an_error_instead_of_a_file_is_one(said: str, error: type[Exception], document: str) -> None:
    into = BytesIO()
    with reports(SupportSessionRecording=document.format(said)) as (built, _), pytest.raises(error):
        built.session_recording(LSID, into)
    assert into.getvalue() == b""


@pytest.mark.parametrize("content", [b"", b"<html>sign in</html>", b"\n<?xml version='1.0'?><x/>", b'{"a": 1}'])
def test_a_document_is_no_recording(content: bytes) -> None:
    into = BytesIO()
    with reports(SupportSessionRecording=file(content)) as (built, _), pytest.raises(Unavailable) as caught:
        built.session_recording(LSID, into)
    assert caught.value.code == "no-file"
    assert into.getvalue() == b""


class Long(httpx.SyncByteStream):
    """Thirty megabytes, if anybody reads so far."""

    def __init__(self) -> None:
        self.given = 0

    def __iter__(self) -> Iterator[bytes]:
        while self.given < 30_000_000:
            self.given += 65536
            yield MP4[:65536]


def test_what_is_too_large_is_not_read_to_its_end() -> None:
    body = Long()
    with (
        reports(SupportSessionRecording=httpx.Response(200, stream=body)) as (built, _),
        pytest.raises(Rejected, match="larger than 1000000 bytes") as caught,
    ):
        built.session_recording(LSID, BytesIO(), max_bytes=1_000_000)
    assert caught.value.code == "oversize"
    assert body.given < 2_000_000


def test_what_says_that_it_is_too_large_is_not_read_at_all() -> None:
    into = BytesIO()
    with reports(SupportSessionRecording=file(MP4)) as (built, _), pytest.raises(Rejected):
        built.session_recording(LSID, into, max_bytes=len(MP4) - 1)
    assert into.getvalue() == b""


def test_just_as_large_as_allowed() -> None:
    with reports(SupportSessionRecording=file(MP4)) as (built, _):
        assert built.session_recording(LSID, BytesIO(), max_bytes=len(MP4)).size == len(MP4)


@pytest.mark.parametrize(
    ("recording", "report", "instance", "filename"),
    [
        ("session", "SupportSessionRecording", None, f"session-{LSID}.mp4"),
        ("screen:0", "ShowMyScreenRecording", "0", f"screen-0-{LSID}.mp4"),
        ("shell:3", "CommandShellRecording", "3", f"shell-3-{LSID}.mp4"),
    ],
)
def test_a_recording_by_its_id(recording: str, report: str, instance: str | None, filename: str) -> None:
    appliance = Appliance({report: file(MP4, content_type="application/octet-stream")})
    with api(appliance) as built:
        assert fetch_recording(built, LSID, recording, 10**7) == Attachment(filename, "video/mp4", MP4)
    assert appliance.form().get("instance") == instance


@pytest.mark.parametrize("recording", ["", "chat", "screen:", "shell:-1", "session:1"])
def test_no_recording_has_another_id(recording: str) -> None:
    with api(Appliance()) as built, pytest.raises(NotFound):
        fetch_recording(built, LSID, recording, 10**7)


def test_an_old_flash_video_says_so_itself() -> None:
    with api(Appliance({"SupportSessionRecording": file(b"FLV\x01" + MP4, content_type="")})) as built:
        assert fetch_recording(built, LSID, "session", 10**7).media_type == "video/x-flv"


def test_an_archive_into_a_file_is_asked_by_type_date_and_index() -> None:
    with reports(Archive=file(b'{"queue": null}')) as (built, appliance):
        into = BytesIO()
        assert built.archive("state", date(2026, 1, 5), 50, into) == 15
    assert into.getvalue() == b'{"queue": null}'
    assert appliance.form() == {"generate_report": "Archive", "type": "state", "date": "2026-01-05", "index": "50"}
