"""`deskbridge beyondtrust …` where something is written to a file: whole or not at all, nothing overwritten."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.platforms.beyondtrust.command_line import files
from tests.connectors.beyondtrust.appliance import Appliance
from tests.connectors.beyondtrust.command_line_desk import ARCHIVES, ran, reported, run
from tests.connectors.beyondtrust.reporting import LSID, report

BACKUP = "/api/backup"
ZIPPED = b"PK\x03\x04 a made-up zip"
FILES: list[tuple[tuple[str, ...], str, bytes]] = [
    (("backup",), BACKUP, b"\x00\x01 a made-up backup"),
    (("endpoint-licenses",), "EndpointLicenseUsage", ZIPPED),
]
STATE = {"support_session": {"1": {"lsid": LSID}, "2": {"lsid": "b"}}, "jump_client": None}
EVENTS = [
    {"type": "model_delete", "timestamp": 1767603700, "table": "support_session", "id": "1"},
    {"type": "model_delete", "timestamp": 1767609999, "table": "support_session", "id": "2"},
]


def file(content: bytes, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=content, headers={"content-type": "application/octet-stream", **headers})


@pytest.mark.parametrize(("arguments", "what", "content"), FILES)
def test_a_file_is_written_for_its_owner_only(
    arguments: tuple[str, ...], what: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "it"
    told = ran(Appliance({what: file(content)}), *arguments, "--to", str(path))
    assert path.read_bytes() == content
    assert f"{len(content)} bytes" in told
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("arguments", "what", "content"), FILES)
def test_what_is_there_is_overwritten_only_by_force(
    arguments: tuple[str, ...], what: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "it"
    path.write_text("precious")
    appliance = Appliance({what: file(content)})
    result = run(appliance, *arguments, "--to", str(path))
    assert result.exit_code == 1
    assert "--force" in result.stderr
    assert path.read_text() == "precious"
    assert not appliance.asked
    ran(appliance, *arguments, "--to", str(path), "--force")
    assert path.read_bytes() == content


@pytest.mark.parametrize(("arguments", "what", "content"), FILES)
@pytest.mark.parametrize(
    "answer", [reported("<error>Permission denied</error>"), httpx.ReadError("cut"), httpx.Response(200)]
)
def test_a_failure_leaves_nothing_behind(
    arguments: tuple[str, ...], what: str, content: bytes, answer: Any, tmp_path: Path
) -> None:
    result = run(Appliance({what: answer}), *arguments, "--to", str(tmp_path / "it"))
    assert result.exit_code == 1
    assert result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_file_of_last_week_by_force(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_text("precious")
    run(Appliance({BACKUP: httpx.ReadError("cut")}), "backup", "--to", str(path), "--force")
    assert path.read_text() == "precious"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = run(Appliance({BACKUP: file(b"\0")}), "backup", "--to", str(tmp_path / "no" / "it"))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_the_bar_goes_by_what_the_appliance_announces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drawn: list[tuple[int, int | None]] = []

    class Seen(files.Meter):
        def __call__(self, written: int, total: int | None) -> None:
            drawn.append((written, total))
            super().__call__(written, total)

    monkeypatch.setattr(files, "Meter", Seen)
    monkeypatch.setattr(files, "on_a_terminal", lambda: True)
    content = b"\0" * 600_000
    run(Appliance({BACKUP: file(content)}), "backup", "--to", str(tmp_path / "it"))
    assert drawn[-1] == (600_000, 600_000)
    assert len(drawn) > 1


def test_a_count_is_drawn_where_no_length_is_announced(capsys: pytest.CaptureFixture[str]) -> None:
    meter = files.Meter("Archive")
    for written in range(500_000, 3_500_000, 500_000):
        meter(written, None)
    meter.end()
    assert capsys.readouterr().err.count("\r") == 3


# -- recordings ------------------------------------------------------------------------------------------------


def test_all_recordings_of_a_session_are_fetched(tmp_path: Path) -> None:
    answers = {"SupportSession": httpx.Response(200, content=report("session.xml"))}
    for name in ("SupportSessionRecording", "ShowMyScreenRecording", "CommandShellRecording"):
        answers[name] = file(b"\0\0\0\x18ftypmp42 made-up")
    appliance = Appliance(answers)
    told = ran(appliance, "recordings", LSID, "--to", str(tmp_path / "new"))
    written = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert written
    assert all(name.startswith(LSID) and name.endswith(".mp4") for name in written)
    assert len(written) == len(told.splitlines()) == len(appliance.calls) - 1
    again = run(appliance, "recordings", LSID, "--to", str(tmp_path / "new"))
    assert "--force" in again.stderr
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == written


def test_the_recording_of_a_presentation(tmp_path: Path) -> None:
    appliance = Appliance({"PresentationSessionRecording": file(b"FLV\x01 made-up")})
    ran(appliance, "recordings", LSID, "--to", str(tmp_path), "--presentation")
    assert [path.name for path in tmp_path.iterdir()] == [f"{LSID}-presentation.flv"]


def test_a_session_without_recordings_is_told(tmp_path: Path) -> None:
    result = run(Appliance({"SupportSession": reported("<session_list/>")}), "recordings", LSID, "--to", str(tmp_path))
    assert result.exit_code == 1
    assert "no recordings" in result.stderr


def test_an_id_that_would_leave_the_folder_is_refused(tmp_path: Path) -> None:
    appliance = Appliance()
    assert run(appliance, "recordings", "../x", "--to", str(tmp_path), "--presentation").exit_code == 1
    assert not appliance.asked


# -- archives --------------------------------------------------------------------------------------------------


def archives() -> Appliance:
    state, events = json.dumps(STATE).encode(), b"\n".join(json.dumps(event).encode() for event in EVENTS)
    return Appliance(
        {"ArchiveListing": reported(ARCHIVES), "Archive": [file(gzip.compress(state)), file(gzip.compress(events))]}
    )


def test_an_archive_is_saved_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    appliance = archives()
    ran(appliance, "archive", "get", "state", "2026-01-05", "1", "--to", str(path))
    assert json.loads(path.read_bytes()) == STATE
    assert appliance.form() == {"generate_report": "Archive", "type": "state", "date": "2026-01-05", "index": "1"}


def test_a_state_as_it_was_archived_and_as_it_became() -> None:
    lines = ran(archives(), "--json", "archive", "state", "2026-01-05", "1").splitlines()
    assert {"table": "support_session", "rows": 2} in map(json.loads, lines)
    later = ran(
        archives(),
        "--json",
        "archive",
        "state",
        "2026-01-05",
        "1",
        "--at",
        "2026-01-05T09:05",
        "--table",
        "support_session",
    )
    assert json.loads(later) == {"id": "2", "lsid": "b"}
    assert "lsid=" in ran(archives(), "archive", "state", "2026-01-05", "1", "--table", "support_session")
